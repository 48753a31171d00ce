/**
 * Anthropic's Messages as its servers write them, whole and streamed.
 *
 * Source: https://docs.anthropic.com/en/api/messages-streaming
 */
import { randomBytes } from "node:crypto";
import { isObject, type JsonObject, type JsonValue } from "../../../json/types.ts";
import { type Answer, answerTo, pieces, type Question } from "./answer.ts";
import { number, objects, proseOf, strings, text } from "./prose.ts";
import type { StandInEvent } from "./reply.ts";

/** One message in both of its forms. */
export interface Message {
  readonly whole: JsonObject;
  readonly events: readonly StandInEvent[];
}

interface Block {
  readonly whole: JsonObject;
  /** As `content_block_start` shows it. */
  readonly start: JsonObject;
  readonly deltas: readonly JsonObject[];
}

/** Expects a body with `model`, `messages` and `max_tokens`; the caller has checked. */
export function message(body: JsonObject): Message {
  const answer = answerTo(question(body));
  const blocks = blocksOf(answer);
  const base: JsonObject = {
    id: `msg_${randomBytes(12).toString("hex")}`,
    type: "message",
    role: "assistant",
    model: text(body["model"]) ?? "",
  };
  const end: JsonObject = { stop_reason: stopReason(answer), stop_sequence: answer.stopSequence ?? null };
  const usage = usageOf(answer);
  const whole = { ...base, content: blocks.map((block) => block.whole), ...end, usage };
  const open: JsonObject = { stop_reason: null, stop_sequence: null };
  const events = [
    event({
      type: "message_start",
      message: { ...base, content: [], ...open, usage: { ...usage, output_tokens: 1 } },
    }),
    ...blocks.flatMap((block, index) => [
      event({ type: "content_block_start", index, content_block: block.start }),
      ...(index === 0 ? [event({ type: "ping" })] : []),
      ...block.deltas.map((delta) => event({ type: "content_block_delta", index, delta })),
      event({ type: "content_block_stop", index }),
    ]),
    event({ type: "message_delta", delta: end, usage: { output_tokens: answer.outputTokens } }),
    event({ type: "message_stop" }),
  ];
  return { whole, events };
}

/** The count that `/v1/messages/count_tokens` gives. */
export function inputTokens(body: JsonObject): number {
  return answerTo(question(body)).inputTokens;
}

function event(data: JsonObject): StandInEvent {
  return { name: text(data["type"]) ?? "", data };
}

function blocksOf(answer: Answer): Block[] {
  const blocks: Block[] = [];
  if (answer.thinking.length > 0) {
    const signature = randomBytes(48).toString("base64");
    blocks.push({
      whole: { type: "thinking", thinking: answer.thinking.join(""), signature },
      start: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        ...answer.thinking.map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature },
      ],
    });
  }
  if (answer.text.length > 0) {
    blocks.push({
      whole: { type: "text", text: answer.text.join("") },
      start: { type: "text", text: "" },
      deltas: answer.text.map((piece) => ({ type: "text_delta", text: piece })),
    });
  }
  for (const { name, input } of answer.calls) {
    const call: JsonObject = { type: "tool_use", id: `toolu_${randomBytes(12).toString("hex")}`, name };
    // The first delta of a tool call is empty at the provider too.
    const json = ["", ...pieces(JSON.stringify(input))];
    blocks.push({
      whole: { ...call, input },
      start: { ...call, input: {} },
      deltas: json.map((piece) => ({ type: "input_json_delta", partial_json: piece })),
    });
  }
  return blocks;
}

function question(body: JsonObject): Question {
  const messages = objects(body["messages"]);
  const last = objects(messages.at(-1)?.["content"]);
  const result = last.find((block) => block["type"] === "tool_result");
  const output = isObject(body["output_config"]) ? body["output_config"] : {};
  const format = isObject(output["format"]) ? output["format"] : {};
  const thinking = isObject(body["thinking"]) ? body["thinking"]["type"] : "disabled";
  const system = proseOf(body["system"]).length;
  return {
    provider: "Anthropic",
    model: text(body["model"]) ?? "",
    prompt: proseOf(messages.findLast((entry) => entry["role"] === "user")?.["content"]),
    promptCharacters: messages.reduce((sum, entry) => sum + proseOf(entry["content"]).length, system),
    toolResult: result === undefined ? undefined : proseOf(result["content"]),
    tools: objects(body["tools"]).flatMap(({ name, input_schema: schema }) =>
      typeof name === "string" ? [{ name, schema: schema ?? {} }] : [],
    ),
    toolChoice: toolChoice(body["tool_choice"]),
    thinking: thinking === "enabled" || thinking === "adaptive",
    schema: format["schema"],
    maxTokens: number(body["max_tokens"]),
    stop: strings(body["stop_sequences"]),
  };
}

function toolChoice(value: JsonValue | undefined): Question["toolChoice"] {
  if (!isObject(value)) return "auto";
  if (value["type"] === "none") return "none";
  if (value["type"] === "any") return "any";
  const name = text(value["name"]);
  return value["type"] === "tool" && name !== undefined ? { name } : "auto";
}

function stopReason(answer: Answer): string {
  switch (answer.end) {
    case "stop":
      return "end_turn";
    case "stop-sequence":
      return "stop_sequence";
    case "length":
      return "max_tokens";
    case "tools":
      return "tool_use";
  }
}

function usageOf(answer: Answer): JsonObject {
  return {
    input_tokens: answer.inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: answer.outputTokens,
    service_tier: "standard",
  };
}
