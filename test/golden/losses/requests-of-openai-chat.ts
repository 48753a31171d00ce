/** Source: https://platform.openai.com/docs/api-reference/chat/create */
import type { JsonObject } from "../../../src/json/types.ts";
import { signedBy } from "../../sealing.ts";
import {
  closedSchema,
  defaults,
  eitherSchema,
  openSchema,
  pdf,
  png,
  type RequestCatalogue,
  rows,
  wav,
} from "./probe.ts";

const question: JsonObject = { role: "user", content: "What is the weather?" };
const shown = (...parts: JsonObject[]): JsonObject => ({
  messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, ...parts] }],
});
const image = (url: string, more: JsonObject = {}): JsonObject =>
  shown({ type: "image_url", image_url: { url, ...more } });
const tool = (more: JsonObject = {}): JsonObject => ({
  type: "function",
  function: { name: "weather", description: "Tells it", parameters: openSchema, ...more },
});
const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Bonn"}' } };
const told = (content: JsonObject[] | string, id = "call_1"): JsonObject => ({
  tools: [tool()],
  messages: [
    question,
    { role: "assistant", content: null, tool_calls: [{ ...call, id }] },
    { role: "tool", tool_call_id: id, content },
  ],
});
const thought = (signature: string): JsonObject => ({
  messages: [
    question,
    {
      role: "assistant",
      content: "Sunny.",
      thinking_blocks: [{ type: "thinking", thinking: "Look outside.", signature }],
    },
    question,
  ],
});
const schema = (of: JsonObject, strict: boolean): JsonObject => ({
  response_format: { type: "json_schema", json_schema: { name: "place", schema: of, strict } },
});

/** What the request is without the feature, where that is more than the plain question. */
const bases: Readonly<Record<string, JsonObject>> = {
  "image, `detail: high`": image(`data:image/png;base64,${png}`),
  "tools, `strict`, closed schema": { tools: [tool({ parameters: closedSchema })] },
  "tools, `strict`, open schema": { tools: [tool()] },
  "`tool_choice: none`": { tools: [tool()] },
  "`tool_choice: required`": { tools: [tool()] },
  "`tool_choice`, one tool": { tools: [tool()] },
  "`tool_choice: allowed_tools`": { tools: [tool(), tool({ name: "time" })] },
  "`parallel_tool_calls: false`": { tools: [tool()] },
  "tool result with an image": told([{ type: "text", text: "see" }]),
  "thinking in the history, signed by Anthropic": {
    messages: [question, { role: "assistant", content: "Sunny." }, question],
  },
  "thinking in the history, signed by Gemini": {
    messages: [question, { role: "assistant", content: "Sunny." }, question],
  },
  "thinking in the history, signed by Gemini and edited": {
    messages: [question, { role: "assistant", content: "Sunny." }, question],
  },
  "signature of Gemini's in a call's id": told("sunny"),
  "`cache_control` on a part": { messages: [{ role: "user", content: [{ type: "text", text: "Long" }] }] },
};

export const openaiChatRequests: RequestCatalogue = {
  path: "/v1/chat/completions",
  plain: { model: "asked", messages: [question] },
  probes: [
    ...rows(
      {
        "system message first": { messages: [{ role: "system", content: "Be brief." }, question] },
        "system message in the middle": {
          messages: [
            question,
            { role: "assistant", content: "Sunny." },
            { role: "system", content: "Rhyme." },
            question,
          ],
        },
        "assistant message last (prefill)": { messages: [question, { role: "assistant", content: "It is" }] },
        "name of the speaker": { messages: [{ ...question, name: "ann" }] },
        "image, base64": image(`data:image/png;base64,${png}`),
        "image by URL": image("https://example.com/a.png"),
        "image, `detail: high`": image(`data:image/png;base64,${png}`, { detail: "high" }),
        "PDF, base64": shown({
          type: "file",
          file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${pdf}` },
        }),
        "file by id": shown({ type: "file", file: { file_id: "file-1" } }),
        audio: shown({ type: "input_audio", input_audio: { data: wav, format: "wav" } }),
        tools: { tools: [tool()] },
        "tools, `strict`, closed schema": { tools: [tool({ strict: true, parameters: closedSchema })] },
        "tools, `strict`, open schema": { tools: [tool({ strict: true })] },
        "tools, alternatives at the root of the schema": { tools: [tool({ parameters: eitherSchema })] },
        "custom tool": { tools: [{ type: "custom", custom: { name: "sql" } }] },
        "`tool_choice: none`": { tools: [tool()], tool_choice: "none" },
        "`tool_choice: required`": { tools: [tool()], tool_choice: "required" },
        "`tool_choice`, one tool": {
          tools: [tool()],
          tool_choice: { type: "function", function: { name: "weather" } },
        },
        "`tool_choice: allowed_tools`": {
          tools: [tool(), tool({ name: "time" })],
          tool_choice: {
            type: "allowed_tools",
            allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "weather" } }] },
          },
        },
        "`parallel_tool_calls: false`": { tools: [tool()], parallel_tool_calls: false },
        "tool result": told("sunny"),
        "tool result with an image": told([
          { type: "text", text: "see" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
        ]),
        "`web_search_options`": { web_search_options: {} },
        "`max_completion_tokens`": { max_completion_tokens: 100 },
        "`temperature: 0.5`": { temperature: 0.5 },
        "`temperature: 1.5`": { temperature: 1.5 },
        "`top_p`": { top_p: 0.5 },
        "`top_k`": { top_k: 20 },
        "`stop`, one": { stop: "END" },
        "`stop`, five": { stop: ["A", "B", "C", "D", "E"] },
        "`seed`": { seed: 7 },
        "`n: 2`": { n: 2 },
        "`logprobs`": { logprobs: true, top_logprobs: 3 },
        "`logit_bias`": { logit_bias: { "50256": -100 } },
        "`frequency_penalty`": { frequency_penalty: 0.5 },
        "`presence_penalty`": { presence_penalty: 0.5 },
        "`reasoning_effort: minimal`": { reasoning_effort: "minimal" },
        "`reasoning_effort: high`": { reasoning_effort: "high" },
        "`reasoning_effort: xhigh`": { reasoning_effort: "xhigh" },
        "thinking in the history, signed by Anthropic": thought("sig"),
        "thinking in the history, signed by Gemini": thought(signedBy("gemini", "sig", "Look outside.")),
        "thinking in the history, signed by Gemini and edited": thought(signedBy("gemini", "sig", "Look.")),
        "signature of Gemini's in a call's id": told("sunny", "call_1__thought__c2ln"),
        "refusal in the history": {
          messages: [question, { role: "assistant", refusal: "I will not." }, question],
        },
        "JSON mode": { response_format: { type: "json_object" } },
        "JSON schema, `strict`, closed": schema(closedSchema, true),
        "JSON schema, open": schema(openSchema, false),
        "`cache_control` on a part": {
          messages: [
            { role: "user", content: [{ type: "text", text: "Long", cache_control: { type: "ephemeral" } }] },
          ],
        },
        "`prompt_cache_key`": { prompt_cache_key: "k" },
        "`user`": { user: "u-1" },
        "`service_tier: flex`": { service_tier: "flex" },
        "`service_tier: priority`": { service_tier: "priority" },
        "`store: true`": { store: true },
        "`metadata`": { metadata: { team: "a" } },
        "`prediction`": { prediction: { type: "content", content: "Sunny." } },
        "`verbosity`": { verbosity: "low" },
        "answer as audio": { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } },
      },
      bases,
    ),
    ...defaults({
      "`reasoning_effort: none`": { reasoning_effort: "none" },

      "`tool_choice: auto`": { tools: [tool()], tool_choice: "auto" },
      "`parallel_tool_calls: true`": { tools: [tool()], parallel_tool_calls: true },
    }),
  ],
};
