/**
 * OpenAI's Chat Completions as its servers write it, whole and streamed.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
import { randomBytes } from "node:crypto";
import { isObject, type JsonObject, type JsonValue } from "../../../json/types.ts";
import { type Answer, answerTo, pieces, type Question, type Tool } from "./answer.ts";
import { number, objects, proseOf, strings, text } from "./prose.ts";
import type { StandInEvent } from "./reply.ts";

/** One completion in both of its forms. */
export interface Completion {
  readonly whole: JsonObject;
  readonly events: readonly StandInEvent[];
}

/** Expects a body with `model` and `messages`; the caller has checked. */
export function completion(body: JsonObject, createdSeconds: number): Completion {
  const answer = answerTo(question(body));
  const choices = Math.min(Math.max(1, number(body["n"]) ?? 1), 8);
  const base = {
    id: `chatcmpl-${randomBytes(14).toString("hex")}`,
    created: createdSeconds,
    model: text(body["model"]) ?? "",
    service_tier: "default",
    system_fingerprint: "fp_standin",
  };
  const calls = answer.calls.map(({ name, input }) => ({
    id: `call_${randomBytes(12).toString("hex")}`,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  }));
  const message: JsonObject = {
    role: "assistant",
    content: calls.length > 0 ? null : answer.text.join(""),
    refusal: null,
    annotations: [],
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const usage = usageOf(answer, choices);
  const indexes = Array.from({ length: choices }, (_, index) => index);
  const whole = {
    ...base,
    object: "chat.completion",
    choices: indexes.map((index) => ({ index, message, logprobs: null, finish_reason: finish(answer) })),
    usage,
  };
  const asksUsage = isObject(body["stream_options"]) && body["stream_options"]["include_usage"] === true;
  const chunk = (list: JsonValue, last?: JsonObject): StandInEvent => ({
    data: {
      ...base,
      object: "chat.completion.chunk",
      choices: list,
      ...(asksUsage ? { usage: last ?? null } : {}),
    },
  });
  const choice = (index: number, delta: JsonObject, reason: string | null = null): StandInEvent =>
    chunk([{ index, delta, logprobs: null, finish_reason: reason }]);
  const events = indexes.flatMap((index) => [
    choice(index, { role: "assistant", content: calls.length > 0 ? null : "", refusal: null }),
    ...answer.text.map((content) => choice(index, { content })),
    ...calls.flatMap(({ function: called, ...call }, at) => [
      choice(index, { tool_calls: [{ index: at, ...call, function: { ...called, arguments: "" } }] }),
      ...pieces(called.arguments).map((piece) =>
        choice(index, { tool_calls: [{ index: at, function: { arguments: piece } }] }),
      ),
    ]),
    choice(index, {}, finish(answer)),
  ]);
  if (asksUsage) events.push(chunk([], usage));
  events.push({ data: "[DONE]" });
  return { whole, events };
}

function question(body: JsonObject): Question {
  const messages = objects(body["messages"]);
  const last = messages.at(-1);
  const format = isObject(body["response_format"]) ? body["response_format"] : {};
  const schema = isObject(format["json_schema"]) ? format["json_schema"]["schema"] : undefined;
  const lastUser = messages.findLast((message) => message["role"] === "user");
  return {
    provider: "OpenAI",
    model: text(body["model"]) ?? "",
    prompt: proseOf(lastUser?.["content"]),
    promptCharacters: messages.reduce((sum, message) => sum + proseOf(message["content"]).length, 0),
    toolResult: last?.["role"] === "tool" ? proseOf(last["content"]) : undefined,
    tools: objects(body["tools"]).flatMap(tool),
    toolChoice: toolChoice(body["tool_choice"]),
    thinking: (text(body["reasoning_effort"]) ?? "none") !== "none",
    schema: schema ?? (format["type"] === "json_object" ? {} : undefined),
    maxTokens: number(body["max_completion_tokens"]) ?? number(body["max_tokens"]),
    stop: strings(body["stop"]),
  };
}

function tool(entry: JsonObject): Tool[] {
  const definition = entry["function"];
  if (!isObject(definition) || typeof definition["name"] !== "string") return [];
  return [{ name: definition["name"], schema: definition["parameters"] ?? {} }];
}

function toolChoice(value: JsonValue | undefined): Question["toolChoice"] {
  if (value === "none") return "none";
  if (value === "required") return "any";
  const name = isObject(value) && isObject(value["function"]) ? text(value["function"]["name"]) : undefined;
  return name === undefined ? "auto" : { name };
}

function finish(answer: Answer): string {
  switch (answer.end) {
    case "stop":
    case "stop-sequence":
      return "stop";
    case "length":
      return "length";
    case "tools":
      return "tool_calls";
  }
}

function usageOf(answer: Answer, choices: number): JsonObject {
  const output = answer.outputTokens * choices;
  return {
    prompt_tokens: answer.inputTokens,
    completion_tokens: output,
    total_tokens: answer.inputTokens + output,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: answer.thinkingTokens * choices,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
