/**
 * The messages of a request as turns. Tool results are messages of their own at OpenAI; here neighbouring ones
 * become one user turn, directly after the assistant turn that made the calls.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/create (`messages`)
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Part, ToolResultPart } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import { listField, objectField, objectItem, requiredString, stringField } from "../../json/fields.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { inventedToolCallId } from "../invented-ids.ts";
import type { Seal } from "../seal.ts";
import { decodeCacheMarker, decodeContent } from "./decode-content.ts";
import { decodeReasoning } from "./thinking-blocks.ts";

/** @throws InvalidRequestError with the message's path */
export function decodeMessages(messages: readonly JsonValue[], seal: Seal): Turn[] {
  const turns: Turn[] = [];
  /** The legacy `function_call` has no id: its result is told by the function's name. */
  const legacyIds = new Map<string, string>();
  /** The results of the user turn that is still open. */
  let results: Part[] | undefined;
  messages.forEach((item, index) => {
    const at = `messages[${index}]`;
    const message = objectItem(item, at);
    const role = requiredString(message, "role", at);
    if (role === "tool" || role === "function") {
      const result = decodeToolResult(message, role, legacyIds, at);
      if (results === undefined) {
        results = [];
        turns.push({ role: "user", parts: results, at });
      }
      results.push(result);
      return;
    }
    results = undefined;
    const name = stringField(message, "name", at);
    const base = { at, ...(name === undefined ? {} : { name }) };
    if (role === "assistant")
      turns.push({ role, parts: decodeAssistant(message, legacyIds, index, seal), ...base });
    else if (role === "user") turns.push({ role, parts: decodeParts(message, at), ...base });
    else if (role === "system" || role === "developer") {
      turns.push({ role: "system", parts: decodeParts(message, at), ...base });
    } else throw new InvalidRequestError(`${at}.role`, `${at}.role is not a role of this API.`);
  });
  return turns;
}

/** The `cache_control` of a whole message stands for its last part. */
function decodeParts(message: JsonObject, at: string): Part[] {
  const parts = decodeContent(message["content"], `${at}.content`);
  const marker = decodeCacheMarker(message);
  const last = parts.at(-1);
  if (marker.cache !== undefined && last !== undefined && last.cache === undefined) {
    parts[parts.length - 1] = { ...last, ...marker };
  }
  return parts;
}

function decodeAssistant(
  message: JsonObject,
  legacyIds: Map<string, string>,
  index: number,
  seal: Seal,
): Part[] {
  const at = `messages[${index}]`;
  const parts: Part[] = [...decodeReasoning(message, { at, seal }), ...decodeParts(message, at)];
  const refusal = stringField(message, "refusal", at);
  if (refusal !== undefined && refusal !== "")
    parts.push({ kind: "refusal", text: refusal, at: `${at}.refusal` });
  const audio = objectField(message, "audio", at);
  if (audio) parts.push({ kind: "foreign", dialect: "openai-chat", value: { audio }, at: `${at}.audio` });
  (listField(message, "tool_calls", at) ?? []).forEach((call, position) => {
    const path = `${at}.tool_calls[${position}]`;
    parts.push(decodeToolCall(objectItem(call, path), path));
  });
  const legacy = objectField(message, "function_call", at);
  if (legacy) {
    const path = `${at}.function_call`;
    const name = requiredString(legacy, "name", path);
    const id = inventedToolCallId(`message${index}`, 0);
    legacyIds.set(name, id);
    parts.push({
      kind: "tool-call",
      id,
      name,
      arguments: stringField(legacy, "arguments", path) ?? "",
      at: path,
    });
  }
  return parts;
}

function decodeToolCall(call: JsonObject, at: string): Part {
  // Some clients leave the type out.
  const isFunction = (stringField(call, "type", at) ?? "function") === "function";
  if (!isFunction) return { kind: "foreign", dialect: "openai-chat", value: call, at };
  const called = objectItem(call["function"], `${at}.function`);
  return {
    kind: "tool-call",
    id: requiredString(call, "id", at),
    name: requiredString(called, "name", `${at}.function`),
    arguments: stringField(called, "arguments", `${at}.function`) ?? "",
    at,
  };
}

function decodeToolResult(
  message: JsonObject,
  role: "tool" | "function",
  legacyIds: ReadonlyMap<string, string>,
  at: string,
): ToolResultPart {
  const content = decodeContent(message["content"], `${at}.content`);
  const base = { content, isError: false, at, ...decodeCacheMarker(message) };
  if (role === "tool")
    return { kind: "tool-result", callId: requiredString(message, "tool_call_id", at), ...base };
  const callId = legacyIds.get(requiredString(message, "name", at));
  if (callId === undefined) throw new InvalidRequestError(`${at}.name`, `${at}.name was not called before.`);
  return { kind: "tool-result", callId, ...base };
}
