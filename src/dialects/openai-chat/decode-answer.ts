/**
 * A whole Chat Completions answer in neutral form.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/object
 */
import type { Answer, Candidate } from "../../conversation/answer.ts";
import { ProviderAnswerError } from "../../conversation/error.ts";
import type { Part } from "../../conversation/parts.ts";
import { noUsage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { inventedToolCallId } from "../invented-ids.ts";
import { decodeAnswerError } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { decodeReasoning, partsText } from "./thinking-blocks.ts";
import { decodeUsage } from "./usage.ts";

/**
 * @throws ProviderAnswerError when it is an error all the same
 * @throws Error when the body is not an answer of this dialect
 */
export function decodeAnswer(body: JsonObject): Answer {
  const error = decodeAnswerError(body);
  if (error !== undefined) throw new ProviderAnswerError(error);
  const { choices, created, service_tier: tier } = body;
  if (!Array.isArray(choices) || choices.length === 0) throw new Error("the answer has no choices");
  const id = text(body["id"]);
  return {
    id,
    model: text(body["model"]),
    ...(typeof created === "number" ? { created } : {}),
    candidates: choices.map((choice, index) => decodeChoice(choice, `${id}${index === 0 ? "" : index}`)),
    usage: decodeUsage(body["usage"]) ?? noUsage,
    ...(typeof tier === "string" ? { serviceTier: tier } : {}),
    dialect: "openai-chat",
  };
}

function decodeChoice(choice: JsonValue, scope: string): Candidate {
  const message = isObject(choice) ? choice["message"] : undefined;
  if (!isObject(choice) || !isObject(message)) throw new Error("the answer has a choice without a message");
  const parts = decodeMessage(message, scope);
  const finish = decodeFinishReason(text(choice["finish_reason"]), {
    hasToolCalls: parts.some((part) => part.kind === "tool-call" || isCustomCall(part)),
    hasRefusal: parts.some((part) => part.kind === "refusal"),
  });
  const logprobs = choice["logprobs"];
  return { parts, finish, ...(logprobs === undefined || logprobs === null ? {} : { logprobs }) };
}

function decodeMessage(message: JsonObject, scope: string): Part[] {
  const parts: Part[] = [...decodeReasoning(message), ...decodeText(message)];
  const refusal = text(message["refusal"]);
  if (refusal !== "") parts.push({ kind: "refusal", text: refusal });
  if (isObject(message["audio"])) {
    parts.push({ kind: "foreign", dialect: "openai-chat", value: { audio: message["audio"] } });
  }
  const calls = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
  calls.forEach((call, position) => {
    if (!isObject(call)) return;
    const id = text(call["id"]) || inventedToolCallId(scope, position);
    if (isObject(call["function"])) parts.push({ kind: "tool-call", id, ...decodeCalled(call["function"]) });
    else parts.push({ kind: "foreign", dialect: "openai-chat", value: call });
  });
  if (isObject(message["function_call"])) {
    const id = inventedToolCallId(scope, calls.length);
    parts.push({ kind: "tool-call", id, ...decodeCalled(message["function_call"]) });
  }
  return parts;
}

function decodeText(message: JsonObject): Part[] {
  const { content, annotations } = message;
  const joined = partsText(content);
  if (joined === "") return [];
  const isAnnotated = Array.isArray(annotations) && annotations.length > 0;
  const items = isAnnotated ? { annotations: { dialect: "openai-chat", items: annotations } as const } : {};
  return [{ kind: "text", text: joined, ...items }];
}

/** Some vendors give the arguments as an object instead of text. */
function decodeCalled(called: JsonObject): { name: string; arguments: string } {
  const given = called["arguments"];
  return { name: text(called["name"]), arguments: isObject(given) ? JSON.stringify(given) : text(given) };
}

function isCustomCall(part: Part): boolean {
  return part.kind === "foreign" && part.value["type"] === "custom";
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
