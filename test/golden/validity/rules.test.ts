/** The rules find what they are for. */
import { expect, it } from "vitest";

import type { JsonObject } from "../../../src/json/types.ts";
import type { Judged } from "./judged.ts";
import { rules } from "./rules/index.ts";

const question = { role: "user", content: "Hello" };
const call = (id: string) => ({ id, type: "function", function: { name: "f", arguments: "{}" } });
const union = { anyOf: [{ type: "object" }] };
const chat = (more: JsonObject): JsonObject => ({ messages: [question], ...more });
const chatTool = (declared: JsonObject): JsonObject =>
  chat({ tools: [{ type: "function", function: { name: "f", ...declared } }] });
const used = { type: "tool_use", id: "t1", name: "f", input: {} };
const messages = (more: JsonObject): JsonObject => ({ max_tokens: 10, messages: [question], ...more });
const marked = { type: "text", text: "a", cache_control: { type: "ephemeral" } };
const contents = (more: JsonObject): JsonObject => ({
  contents: [{ role: "user", parts: [{ text: "Hello" }] }],
  ...more,
});

it.each<[dialect: Judged, body: JsonObject, found: string[]]>([
  ["openai-chat", chat({}), []],
  ["openai-chat", chat({ stop: ["a", "b", "c", "d", "e"] }), ["stop: more than four"]],
  ["openai-chat", chat({ response_format: { type: "json_object" } }), ["JSON mode without the word"]],
  ["openai-chat", chat({ temperature: 3 }), ["temperature: 3 is not within 0 and 2"]],
  ["openai-chat", chat({ tool_choice: "auto" }), ["tool_choice: no tools"]],
  ["openai-chat", chatTool({ parameters: union }), [`parameters of the type ${JSON.stringify(union)}`]],
  ["openai-chat", chatTool({ parameters: { type: "object" } }), ["parameters without properties"]],
  [
    "openai-chat",
    chatTool({ strict: true, parameters: { type: "object", properties: { a: {} } } }),
    ["strict: an open object", "strict: an optional property"],
  ],
  [
    "openai-chat",
    { messages: [question, { role: "assistant", content: null, tool_calls: [call("a")] }, question] },
    ["messages[2]: calls before it have no results"],
  ],
  [
    "openai-chat",
    { messages: [question, { role: "tool", tool_call_id: "a", content: "b" }] },
    ["messages[1]: a result without its call"],
  ],
  [
    "openai-chat",
    chat({ messages: [{ role: "user", content: [{ image_url: { url: "data:image/png;base64,a-_b" } }] }] }),
    ["url: no base64"],
  ],
  [
    "openai-responses",
    { input: [{ type: "function_call_output", call_id: "a", output: "b" }], max_output_tokens: 1 },
    ["max_output_tokens: 1 is not within 16 and Infinity", "input[0]: a result without its call"],
  ],
  ["anthropic", messages({}), []],
  [
    "anthropic",
    messages({ tools: [{ name: "f", input_schema: { type: "object", ...union } }] }),
    ["parameters with anyOf at their root"],
  ],
  [
    "anthropic",
    messages({ messages: [{ role: "user", content: [marked, marked, marked, marked, marked] }] }),
    ["cache_control: 5 of them"],
  ],
  [
    "anthropic",
    messages({ messages: [question, { role: "assistant", content: [used] }, question] }),
    ["messages[2]: calls before it have no results"],
  ],
  [
    "anthropic",
    messages({
      messages: [{ role: "user", content: [{ type: "image", source: { type: "base64", data: "a-_b" } }] }],
    }),
    ["data: no base64"],
  ],
  [
    "anthropic",
    messages({ messages: [question, { role: "assistant", content: "It is " }] }),
    ["messages: white space at the end"],
  ],
  [
    "anthropic",
    messages({ thinking: { type: "enabled", budget_tokens: 20 } }),
    ["thinking: a budget of 20 of 10"],
  ],
  ["gemini", contents({}), []],
  [
    "gemini",
    contents({ tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: union }] }] }),
    [`parameters of the type ${JSON.stringify(union)}`],
  ],
  [
    "gemini",
    {
      contents: [{ role: "user", parts: [{ functionResponse: { name: "f", response: {} } }, { text: "a" }] }],
    },
    ["contents[0]: 1 responses to 0 calls", "contents[0]: something beside responses"],
  ],
  [
    "bedrock-converse",
    {
      messages: [{ role: "user", content: [{ text: "a" }] }],
      toolConfig: { tools: [{ toolSpec: { name: "f", inputSchema: { json: union } } }] },
    },
    [`parameters of the type ${JSON.stringify(union)}`],
  ],
])("%s: %j", (dialect, body, found) => {
  expect(rules[dialect](body)).toEqual(found);
});
