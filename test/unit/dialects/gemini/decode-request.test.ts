import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { outline } from "../../../../src/dialects/gemini/outline.ts";
import { streamForm } from "../../../../src/dialects/gemini/paths.ts";
import { clientDialect, presumedDialect } from "../../../../src/dialects/registry.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { ask, decode, path } from "./requests.ts";

const outlined = (body: JsonObject, at: string) =>
  outline(parseDocument(Buffer.from(JSON.stringify(body))), at);

describe("the path", () => {
  it.each([
    ["/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash", false],
    ["/v1/models/gemini-2.5-flash:generateContent?key=secret", "gemini-2.5-flash", false],
    ["/v1beta/models/gpt-4o:streamGenerateContent?alt=sse", "gpt-4o", true],
    ["/v1beta/models/gpt-4o:streamGenerateContent?key=a&$alt=sse", "gpt-4o", true],
    ["/mounted/here/v1beta/models/m:generateContent", "m", false],
    ["/v1beta/tunedModels/mine:generateContent", "tunedModels/mine", false],
    ["/v1beta/models/meta-llama/llama-4:generateContent", "meta-llama/llama-4", false],
    ["/v1beta/models/anthropic.claude-v2%3A0:generateContent", "anthropic.claude-v2:0", false],
    [
      "/v1/projects/p/locations/global/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
      "gemini-2.5-pro",
      true,
    ],
  ])("%s names the model and whether to stream", (at, model, stream) => {
    expect(clientDialect("POST", at)?.name).toBe("gemini");
    expect(outlined(ask, at)).toEqual({ model, stream, maxOutputTokens: undefined, includeUsage: stream });
    expect(decode(ask, at)).toMatchObject({ model, stream });
  });

  it.each([
    "/v1beta/models/gemini-2.5-flash:embedContent",
    "/v1beta/models/gemini-2.5-flash:batchGenerateContent",
    "/v1beta/cachedContents",
    "/v1beta/files",
  ])("%s is not ours", (at) => expect(clientDialect("POST", at)).toBeUndefined());

  it.each<[string, string | undefined]>([
    ["", "array"],
    ["?key=sse", "array"],
    ["?alt=json", "array"],
    ["?$alt=json%3Benum-encoding%3Dint", "array"],
    ["?%24alt=json;enum-encoding=int&key=k", "array"],
    ["?alt=", "array"],
    ["?alt=sse", "events"],
    ["?key=k&$alt=sse", "events"],
    ["?alt=proto", undefined],
    ["?alt=jsonp", undefined],
  ])("asks with %j for a stream as %s", (query, form) => {
    const at = `/v1beta/models/m:streamGenerateContent${query}`;
    expect(streamForm(at)).toBe(form);
    if (form === undefined) expect(() => outlined(ask, at)).toThrow(/alt=sse.*alt=json/);
    else expect(outlined(ask, at)).toMatchObject({ model: "m", stream: true });
    expect(gemini.streamTypeFor(at)).toBe(form === "array" ? "application/json; charset=UTF-8" : undefined);
  });

  it("is never quoted when it is refused, for it may hold a key", () => {
    expect(() => decode(ask, "/v1beta/models/%E0%A4%A:generateContent?key=secret")).toThrow(
      InvalidRequestError,
    );
    for (const at of [
      "/v1beta/models/%E0%A4%A:generateContent?key=secret",
      "/v1beta/models/m:streamGenerateContent?key=secret&alt=secret",
    ]) {
      expect(() => decode(ask, at)).toThrow(/^(?!.*secret)/);
    }
  });

  it("tells the limit in either spelling", () => {
    for (const body of [
      { generationConfig: { maxOutputTokens: 7 } },
      { generation_config: { max_output_tokens: 7 } },
    ])
      expect(outlined(body, path).maxOutputTokens).toBe(7);
  });
});

describe("the dialect of a call that is no dialect's own", () => {
  it.each([
    ["/v1/models", {}, "openai-chat"],
    ["/v1/models", { "anthropic-version": "2023-06-01" }, "anthropic"],
    ["/v1/models", { "x-goog-api-key": "k" }, "gemini"],
    ["/v1/models?key=k", {}, "gemini"],
    ["/v1/models?monkey=k", {}, "openai-chat"],
    ["/v1beta/models", {}, "gemini"],
    ["/v1beta/models/m:countTokens", {}, "gemini"],
  ])("%s with %j is %s", (at, headers: Record<string, string>, name) => {
    expect(presumedDialect((header) => headers[header], at).name).toBe(name);
  });
});

describe("a request", () => {
  const camel = {
    systemInstruction: { parts: [{ text: "Be brief." }] },
    contents: [
      { role: "user", parts: [{ text: "see" }, { inlineData: { mimeType: "image/png", data: "AAAA" } }] },
      { role: "model", parts: [{ functionCall: { name: "f", args: { a_b: 1 } }, thoughtSignature: "SIG=" }] },
      { role: "function", parts: [{ functionResponse: { name: "f", response: { some_result: 2 } } }] },
    ],
    tools: [
      {
        functionDeclarations: [
          { name: "f", parameters: { type: "OBJECT", properties: { a_b: { type: "INTEGER" } } } },
        ],
      },
    ],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
    generationConfig: {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      candidateCount: 2,
      maxOutputTokens: 100,
      stopSequences: ["\n"],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      responseLogprobs: true,
      logprobs: 3,
      responseMimeType: "application/json",
      responseSchema: { type: "OBJECT", properties: { x: { type: "STRING", nullable: true } } },
      thinkingConfig: { thinkingBudget: 512, includeThoughts: true },
    },
    safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
    cachedContent: "cachedContents/1",
  };
  const snake = JSON.parse(
    JSON.stringify(camel).replace(
      /"([a-z]+(?:[A-Z][a-z]+)+)":/g,
      (_, name: string) => `"${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":`,
    ),
  );

  it("means the same in both spellings", () => {
    expect(JSON.stringify(snake)).toContain('"function_declarations"');
    expect(decode(snake)).toEqual(decode(camel));
  });

  it("is read whole", () => {
    expect(decode(camel)).toMatchObject({
      model: "gemini-2.5-flash",
      turns: [
        { role: "system", parts: [{ kind: "text", text: "Be brief." }] },
        {
          role: "user",
          parts: [
            { kind: "text" },
            { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } },
          ],
        },
        {
          role: "assistant",
          parts: [
            { kind: "reasoning", text: "", signature: "call.0:SIG=", origin: "gemini" },
            { kind: "tool-call", id: "call_content1_0", name: "f", arguments: '{"a_b":1}' },
          ],
        },
        {
          role: "user",
          parts: [
            {
              kind: "tool-result",
              callId: "call_content1_0",
              isError: false,
              content: [{ kind: "text", text: '{"some_result":2}' }],
            },
          ],
        },
      ],
      tools: [{ name: "f", parameters: { type: "object", properties: { a_b: { type: "integer" } } } }],
      toolChoice: { kind: "tool", name: "f" },
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      candidates: 2,
      maxOutputTokens: 100,
      stop: ["\n"],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      logprobs: true,
      topLogprobs: 3,
      output: { kind: "json-schema", schema: { properties: { x: { type: ["string", "null"] } } } },
      reasoning: { enabled: true, budget: 512 },
    });
    expect(Object.keys(decode(camel).extra)).toEqual(["safetySettings", "cachedContent"]);
  });

  it.each<[string, JsonObject, object]>([
    ["AUTO", { mode: "AUTO" }, { toolChoice: { kind: "auto" } }],
    ["NONE", { mode: "NONE" }, { toolChoice: { kind: "none" } }],
    [
      "ANY",
      { mode: "ANY" },
      { toolChoice: { kind: "required" }, tools: [{ name: "a" }, { name: "b" }, { name: "c" }] },
    ],
    [
      "ANY of two",
      { mode: "ANY", allowedFunctionNames: ["a", "c"] },
      { toolChoice: { kind: "required" }, tools: [{ name: "a" }, { name: "c" }] },
    ],
    [
      "VALIDATED",
      { mode: "VALIDATED" },
      { toolChoice: { kind: "auto" }, tools: [{ strict: true }, { strict: true }, { strict: true }] },
    ],
  ])("chooses functions by mode %s", (_, functionCallingConfig, expected) => {
    const tools = [{ functionDeclarations: [{ name: "a" }, { name: "b" }, { name: "c" }] }];
    expect(decode({ ...ask, tools, toolConfig: { functionCallingConfig } })).toMatchObject(expected);
  });

  it("means the same by number, as Google's generated clients write it", () => {
    const call = (types: readonly unknown[], mode: unknown) => {
      const [list, object, text, number, integer, flag] = types;
      const properties = { a: { type: text }, b: { type: number }, c: { type: integer }, d: { type: flag } };
      const responseSchema = { type: list, items: { anyOf: [{ type: object, properties }] } };
      return decode(
        JSON.parse(
          JSON.stringify({
            ...ask,
            tools: [{ functionDeclarations: [{ name: "f", parameters: { type: object, properties } }] }],
            toolConfig: { functionCallingConfig: { mode, allowedFunctionNames: ["f"] } },
            generationConfig: { responseMimeType: "application/json", responseSchema },
          }),
        ),
      );
    };
    const named = call(["ARRAY", "OBJECT", "STRING", "NUMBER", "INTEGER", "BOOLEAN"], "ANY");
    expect(named.toolChoice).toEqual({ kind: "tool", name: "f" });
    expect(call([5, 6, 1, 2, 3, 4], 2)).toEqual(named);
    expect(() => call([5, 6, 1, 2, 3, 4], 9)).toThrow(/mode/);
  });

  it.each<[JsonObject, object | undefined]>([
    [{ thinkingBudget: 0 }, { enabled: false }],
    [{ thinkingBudget: -1 }, { enabled: true }],
    [{ thinkingBudget: 2000 }, { enabled: true, budget: 2000 }],
    [{ thinkingLevel: "HIGH" }, { enabled: true, effort: "high" }],
    [{ thinkingLevel: "minimal" }, { enabled: true, effort: "minimal" }],
    [{ includeThoughts: true }, { enabled: true }],
    [{ includeThoughts: false }, undefined],
  ])("asks for thinking by %j", (thinkingConfig, reasoning) => {
    expect(decode({ ...ask, generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning);
  });

  it("matches responses to calls by id, and by name and order where there is none", () => {
    const call = (name: string, id?: string) => ({ functionCall: { name, ...(id !== undefined && { id }) } });
    const response = (name: string, output: string, id?: string) => ({
      functionResponse: { name, response: { output }, ...(id !== undefined && { id }) },
    });
    const { turns } = decode({
      contents: [
        { role: "user", parts: [{ text: "go" }] },
        { role: "model", parts: [call("f", "x"), call("f"), call("g"), call("f")] },
        {
          role: "user",
          parts: [response("g", "g"), response("f", "second"), response("f", "x", "x"), response("f", "4th")],
        },
      ],
    });
    const results = turns[2]?.parts.map((part) => part.kind === "tool-result" && part.callId);
    // Without an id the first response of a name takes the first call of it that is left.
    expect(results).toEqual(["call_content1_2", "x", "call_content1_1", "call_content1_3"]);
  });

  it("joins the pieces of a streamed answer that a client kept as contents of their own", () => {
    const model = (part: JsonObject) => ({ role: "model", parts: [part] });
    const { turns } = decode({
      contents: [
        ...ask.contents,
        model({ text: "I ", thought: true }),
        model({ text: "think", thought: true }),
        model({ text: "", thought: true, thoughtSignature: "SIG=" }),
        model({ text: "Hel" }),
        model({ text: "lo" }),
        model({ text: "" }),
        { role: "user", parts: [{ text: "and?" }] },
      ],
    });
    expect(turns).toHaveLength(3);
    expect(turns[1]?.parts).toMatchObject([
      { kind: "reasoning", text: "I think", signature: "SIG=", origin: "gemini" },
      { kind: "text", text: "Hello" },
    ]);
  });

  it("reads what Google's SDKs write otherwise: one tool, the URL's alphabet of base64", () => {
    const request = decode({
      contents: [{ role: "user", parts: [{ inline_data: { mime_type: "image/png", data: "a-_b" } }] }],
      tools: { function_declarations: [{ name: "f" }] },
    });
    expect(request.turns[0]?.parts).toMatchObject([{ kind: "image", source: { data: "a+/b" } }]);
    expect(request.tools).toMatchObject([{ name: "f", at: "tools[0].functionDeclarations[0]" }]);
  });

  it("keeps what only Gemini knows", () => {
    const request = decode({
      contents: [
        {
          role: "user",
          parts: [
            { fileData: { fileUri: "https://youtu.be/x", mimeType: "video/mp4" } },
            { fileData: { fileUri: "gs://bucket/a.pdf", mimeType: "application/pdf" } },
            { fileData: { fileUri: "https://example.com/a.png", mimeType: "image/png" } },
            { inlineData: { mimeType: "audio/mpeg", data: "AAAA" } },
          ],
        },
        { role: "model", parts: [{ executableCode: { language: "PYTHON", code: "1" } }] },
      ],
      tools: [{ googleSearch: {}, functionDeclarations: [{ name: "f" }] }, { code_execution: {} }],
      generationConfig: { responseModalities: ["TEXT", "IMAGE"], speechConfig: {} },
      labels: { team: "a" },
    });
    expect(request.turns[0]?.parts).toMatchObject([
      { kind: "foreign", dialect: "gemini" },
      { kind: "document", source: { kind: "file", id: "gs://bucket/a.pdf" } },
      { kind: "image", source: { kind: "url", url: "https://example.com/a.png" } },
      { kind: "audio", source: { kind: "base64", format: "mp3" } },
    ]);
    expect(request.turns[1]?.parts).toMatchObject([{ kind: "foreign", value: { executableCode: {} } }]);
    expect(request.foreignTools).toMatchObject([
      { value: { googleSearch: {} }, at: "tools[0].googleSearch" },
      { value: { codeExecution: {} }, at: "tools[1].codeExecution" },
    ]);
    expect(Object.keys(request.extra).sort()).toEqual([
      "generationConfig.responseModalities",
      "generationConfig.speechConfig",
      "labels",
    ]);
  });

  it.each<[string, JsonObject, string]>([
    ["no contents", {}, "contents"],
    ["empty contents", { contents: [] }, "contents"],
    ["contents of text", { contents: "hi" }, "contents"],
    ["an unknown role", { contents: [{ role: "bot", parts: [] }] }, "contents[0].role"],
    ["a part that is none", { contents: [{ parts: [7] }] }, "contents[0].parts[0]"],
    [
      "a response without a call",
      { contents: [{ role: "user", parts: [{ functionResponse: { name: "f", response: {} } }] }] },
      "contents[0].parts[0].functionResponse",
    ],
    [
      "a temperature of text",
      { ...ask, generationConfig: { temperature: "hot" } },
      "generationConfig.temperature",
    ],
    [
      "a stop that is no text",
      { ...ask, generationConfig: { stopSequences: [1] } },
      "generationConfig.stopSequences[0]",
    ],
    [
      "a function without a name",
      { ...ask, tools: [{ functionDeclarations: [{}] }] },
      "tools[0].functionDeclarations[0].name",
    ],
    [
      "an unknown mode",
      { ...ask, toolConfig: { functionCallingConfig: { mode: "MAYBE" } } },
      "toolConfig.functionCallingConfig.mode",
    ],
  ])("with %s is refused with its path", (_, body, at) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ name: "InvalidRequestError", path: at }));
  });
});
