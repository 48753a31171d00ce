/** Source: https://ai.google.dev/api/generate-content */
import type { JsonObject } from "../../../src/json/types.ts";
import { closedSchema, defaults, openSchema, pdf, png, type RequestCatalogue, rows, wav } from "./probe.ts";

const question: JsonObject = { role: "user", parts: [{ text: "What is the weather?" }] };
const shown = (...parts: JsonObject[]): JsonObject => ({
  contents: [{ role: "user", parts: [...parts, { text: "What is this?" }] }],
});
const inline = (mimeType: string, data: string): JsonObject => shown({ inlineData: { mimeType, data } });
const file = (mimeType: string, fileUri: string): JsonObject => shown({ fileData: { mimeType, fileUri } });
const config = (generationConfig: JsonObject): JsonObject => ({ generationConfig });
const declaration = (more: JsonObject = {}): JsonObject => ({
  functionDeclarations: [
    { name: "weather", description: "Tells it", parametersJsonSchema: openSchema, ...more },
  ],
});
const tools = { tools: [declaration()] };
const mode = (functionCallingConfig: JsonObject): JsonObject => ({
  ...tools,
  toolConfig: { functionCallingConfig },
});
const call: JsonObject = { functionCall: { id: "c1", name: "weather", args: {} } };
const told = (response: JsonObject, more: JsonObject = {}): JsonObject => ({
  ...tools,
  contents: [
    question,
    { role: "model", parts: [call] },
    { role: "user", parts: [{ functionResponse: { id: "c1", name: "weather", response, ...more } }] },
  ],
});
const json = (schema: JsonObject): JsonObject =>
  config({ responseMimeType: "application/json", responseJsonSchema: schema });

/** What the request is without the feature, where that is more than the plain question. */
const bases: Readonly<Record<string, JsonObject>> = {
  "function calling mode NONE": tools,
  "function calling mode ANY": tools,
  "function calling mode ANY, one function": tools,
  "function calling mode VALIDATED": tools,
  "function response, error": told({ output: "no idea" }),
  "function response with an image": told({ output: "see" }),
  "code execution in the history": {
    contents: [question, { role: "model", parts: [{ text: "Sunny." }] }, question],
  },
  "thoughts in the history, signed by Gemini": {
    contents: [question, { role: "model", parts: [{ text: "Sunny." }] }, question],
  },
  "`text/x.enum`": json({ type: "string", enum: ["a", "b"] }),
};

export const geminiRequests: RequestCatalogue = {
  path: "/v1beta/models/asked:generateContent",
  plain: { contents: [question] },
  probes: [
    ...rows(
      {
        "`systemInstruction`": { systemInstruction: { parts: [{ text: "Be brief." }] } },
        "model content last (prefill)": {
          contents: [question, { role: "model", parts: [{ text: "It is" }] }],
        },
        "image, base64": inline("image/png", png),
        "image by URL": file("image/png", "https://example.com/a.png"),
        "image in Google's file store": file(
          "image/png",
          "https://generativelanguage.googleapis.com/v1beta/files/a",
        ),
        "PDF, base64": inline("application/pdf", pdf),
        audio: inline("audio/wav", wav),
        "audio by URL": file("audio/wav", "https://example.com/a.wav"),
        "video, base64": inline("video/mp4", "AAAA"),
        "video by URL": file("video/mp4", "https://www.youtube.com/watch?v=a"),
        tools,
        "tools, Gemini's own schema": {
          tools: [
            {
              functionDeclarations: [
                {
                  name: "weather",
                  parameters: { type: "OBJECT", properties: { city: { type: "STRING", nullable: true } } },
                },
              ],
            },
          ],
        },
        "function calling mode NONE": mode({ mode: "NONE" }),
        "function calling mode ANY": mode({ mode: "ANY" }),
        "function calling mode ANY, one function": mode({ mode: "ANY", allowedFunctionNames: ["weather"] }),
        "function calling mode VALIDATED": mode({ mode: "VALIDATED" }),
        "function response": told({ output: "sunny" }),
        "function response, error": told({ error: "no idea" }),
        "function response with an image": told(
          { output: "see" },
          { parts: [{ inlineData: { mimeType: "image/png", data: png } }] },
        ),
        "Google search": { tools: [{ googleSearch: {} }] },
        "URL context": { tools: [{ urlContext: {} }] },
        "code execution": { tools: [{ codeExecution: {} }] },
        "code execution in the history": {
          contents: [
            question,
            {
              role: "model",
              parts: [{ executableCode: { language: "PYTHON", code: "1" } }, { text: "Sunny." }],
            },
            question,
          ],
        },
        "thoughts in the history, signed by Gemini": {
          contents: [
            question,
            {
              role: "model",
              parts: [{ text: "Look.", thought: true, thoughtSignature: "c2ln" }, { text: "Sunny." }],
            },
            question,
          ],
        },
        "`maxOutputTokens`": config({ maxOutputTokens: 100 }),
        "`temperature: 0.5`": config({ temperature: 0.5 }),
        "`temperature: 1.5`": config({ temperature: 1.5 }),
        "`topP`": config({ topP: 0.5 }),
        "`topK`": config({ topK: 20 }),
        "`stopSequences`, one": config({ stopSequences: ["END"] }),
        "`stopSequences`, five": config({ stopSequences: ["A", "B", "C", "D", "E"] }),
        "`seed`": config({ seed: 7 }),
        "`candidateCount: 2`": config({ candidateCount: 2 }),
        "`responseLogprobs`": config({ responseLogprobs: true, logprobs: 3 }),
        "`frequencyPenalty`": config({ frequencyPenalty: 0.5 }),
        "`presencePenalty`": config({ presencePenalty: 0.5 }),
        "`thinkingBudget`": config({ thinkingConfig: { thinkingBudget: 4000 } }),
        "`thinkingLevel: HIGH`": config({ thinkingConfig: { thinkingLevel: "HIGH" } }),
        "JSON mode": config({ responseMimeType: "application/json" }),
        "JSON schema, closed": json(closedSchema),
        "JSON schema, open": json(openSchema),
        "`text/x.enum`": config({
          responseMimeType: "text/x.enum",
          responseSchema: { type: "STRING", enum: ["a", "b"] },
        }),
        "answer as image": config({ responseModalities: ["TEXT", "IMAGE"] }),
        "`mediaResolution`": config({ mediaResolution: "MEDIA_RESOLUTION_LOW" }),
        "`safetySettings`": {
          safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
        },
        "`cachedContent`": { cachedContent: "cachedContents/a" },
        "`labels`": { labels: { team: "a" } },
      },
      bases,
    ),
    ...defaults({
      "`thinkingBudget: 0`": config({ thinkingConfig: { thinkingBudget: 0 } }),
      "function calling mode AUTO": mode({ mode: "AUTO" }),
    }),
  ],
};
