/**
 * Sources: https://platform.openai.com/docs/api-reference/chat/object,
 * https://platform.openai.com/docs/api-reference/responses/object
 */
import type { JsonObject } from "../../../src/json/types.ts";
import { answers, png } from "./probe.ts";

const message: JsonObject = { role: "assistant", content: "Sunny.", refusal: null };
const choice: JsonObject = { index: 0, message, finish_reason: "stop", logprobs: null };
const completion = (...choices: JsonObject[]): JsonObject => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "gpt",
  choices,
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});
const saying = (more: JsonObject): JsonObject => completion({ ...choice, message: { ...message, ...more } });
const calling = (call: JsonObject): JsonObject =>
  completion({
    ...choice,
    finish_reason: "tool_calls",
    message: { ...message, content: null, tool_calls: [call] },
  });
const urlCitation = { url: "https://example.com", title: "A", start_index: 0, end_index: 5 };
const logprob = { token: "Sunny", logprob: -0.1, bytes: [83], top_logprobs: [] };

export const openaiChatAnswers = answers({
  text: completion(choice),
  "two choices": completion(choice, { ...choice, index: 1 }),
  "tool call": calling({ id: "call_1", type: "function", function: { name: "weather", arguments: "{}" } }),
  "tool call whose arguments are no JSON": calling({
    id: "call_1",
    type: "function",
    function: { name: "weather", arguments: '{"ci' },
  }),
  "call of a custom tool": calling({ id: "call_1", type: "custom", custom: { name: "sql", input: "a" } }),
  refusal: saying({ content: null, refusal: "I will not." }),
  "stopped at the limit": completion({ ...choice, finish_reason: "length" }),
  "stopped by the content filter": completion({ ...choice, finish_reason: "content_filter" }),
  logprobs: completion({ ...choice, logprobs: { content: [logprob], refusal: null } }),
  citations: saying({ annotations: [{ type: "url_citation", url_citation: urlCitation }] }),
  audio: saying({
    content: null,
    audio: { id: "audio_1", data: "UklGRg==", expires_at: 1, transcript: "Sunny." },
  }),
  "`reasoning_content`": saying({ reasoning_content: "Look." }),
  "service tier": { ...completion(choice), service_tier: "flex" },
});

const said: JsonObject = { type: "output_text", text: "Sunny.", annotations: [], logprobs: [] };
const response = (...output: JsonObject[]): JsonObject => ({
  id: "resp_1",
  object: "response",
  created_at: 1,
  status: "completed",
  model: "gpt",
  output,
  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
});
const item = (content: JsonObject): JsonObject => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [content],
});

export const openaiResponsesAnswers = answers({
  text: response(item(said)),
  "tool call": response({
    id: "fc_1",
    type: "function_call",
    call_id: "call_1",
    name: "weather",
    arguments: "{}",
  }),
  "call of a custom tool": response({
    id: "ctc_1",
    type: "custom_tool_call",
    call_id: "call_1",
    name: "sql",
    input: "a",
  }),
  refusal: response(item({ type: "refusal", refusal: "I will not." })),
  "stopped at the limit": {
    ...response(item(said)),
    status: "incomplete",
    incomplete_details: { reason: "max_output_tokens" },
  },
  "stopped by the content filter": {
    ...response(item(said)),
    status: "incomplete",
    incomplete_details: { reason: "content_filter" },
  },
  logprobs: response(item({ ...said, logprobs: [logprob] })),
  citations: response(item({ ...said, annotations: [{ type: "url_citation", ...urlCitation }] })),
  "summary of reasoning": response(
    { id: "rs_1", type: "reasoning", summary: [{ type: "summary_text", text: "Look." }] },
    item(said),
  ),
  "encrypted reasoning": response(
    { id: "rs_1", type: "reasoning", summary: [], encrypted_content: "sealed" },
    item(said),
  ),
  "web search": response(
    { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "a" } },
    item(said),
  ),
  "generated image": response({
    id: "ig_1",
    type: "image_generation_call",
    status: "completed",
    result: png,
  }),
});
