/** Values that are wrong on purpose: each must be found, or the check is worth nothing. */
import type { JsonObject } from "../../../src/json/types.ts";
import type { Claim } from "./type-checker.ts";

const claim = (type: Claim["type"], label: string, value: JsonObject): Claim => ({
  group: `wrong: ${type}`,
  label: `wrong: ${label}`,
  type,
  value,
});

const asked: JsonObject = { model: "m", messages: [{ role: "user", content: "Hello" }] };
const said: JsonObject = { role: "assistant", content: "Hello", refusal: null };
const choice: JsonObject = { index: 0, message: said, logprobs: null, finish_reason: "stop" };
const completion: JsonObject = {
  ...{ id: "c", object: "chat.completion", created: 1, model: "m" },
  choices: [choice],
};
const generated: JsonObject = { candidates: [{ content: { role: "model", parts: [{ text: "Hello" }] } }] };

export const wrongs: readonly Claim[] = [
  claim("openai-chat request", "nothing", asked),
  claim("openai-chat request", "a member of another API", { ...asked, max_output_tokens: 1 }),
  claim("openai-chat request", "a role", { ...asked, messages: [{ role: "model", content: "Hello" }] }),
  claim("openai-chat request", "a missing id", { ...asked, messages: [{ role: "tool", content: "Hello" }] }),
  claim("openai-chat request", "an image of the assistant", {
    ...asked,
    messages: [{ role: "assistant", content: [{ type: "image_url", image_url: { url: "data:" } }] }],
  }),
  claim("openai-chat answer", "nothing", completion),
  claim("openai-chat answer", "a word", {
    ...completion,
    choices: [{ ...choice, finish_reason: "end_turn" }],
  }),
  claim("openai-chat answer", "a missing refusal", {
    ...completion,
    choices: [{ ...choice, message: { role: "assistant", content: "Hello" } }],
  }),
  claim("openai-chat event", "a missing object", { id: "c", created: 1, model: "m", choices: [] }),
  claim("openai-responses request", "content of another API", {
    model: "m",
    input: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
  }),
  claim("openai-responses request", "a tool of another API", {
    model: "m",
    input: "Hello",
    tools: [{ type: "function", function: { name: "f" } }],
  }),
  claim("openai-responses event", "a missing number", {
    ...{ type: "response.output_text.delta", delta: "a", item_id: "i", output_index: 0, content_index: 0 },
    logprobs: [],
  }),
  claim("openai-responses answer", "nothing but an id", { id: "resp_1" }),
  claim("anthropic request", "no limit", asked),
  claim("anthropic request", "a detail", {
    ...{ model: "m", max_tokens: 1 },
    messages: [
      {
        role: "user",
        content: [{ type: "image", source: { type: "url", url: "https://example.com" }, detail: "low" }],
      },
    ],
  }),
  claim("anthropic request", "a type of media", {
    ...{ model: "m", max_tokens: 1 },
    messages: [
      {
        role: "user",
        content: [{ type: "image", source: { type: "base64", media_type: "image/heic", data: "AA==" } }],
      },
    ],
  }),
  claim("anthropic event", "an event of another API", { type: "response.created" }),
  claim("anthropic event", "a block without its text", {
    ...{ type: "content_block_start", index: 0 },
    content_block: { type: "text" },
  }),
  claim("gemini request", "text that is none", { contents: [{ role: "user", parts: [{ text: 7 }] }] }),
  claim("gemini request", "a member of a call", {
    contents: [{ role: "user", parts: [{ functionCall: { name: "f", arguments: "{}" } }] }],
  }),
  claim("gemini request", "a mode", {
    contents: [],
    toolConfig: { functionCallingConfig: { mode: "MAYBE" } },
  }),
  claim("gemini request", "JSON Schema", {
    contents: [],
    generationConfig: { responseSchema: { type: "STRING", additionalProperties: false } },
  }),
  claim("gemini request", "a member of another API", { contents: [], max_tokens: 7 }),
  claim("gemini answer", "nothing", generated),
  claim("gemini answer", "a reason", { candidates: [{ finishReason: "stop" }] }),
];
