/**
 * What OpenAI keeps between calls. A request that builds on it, or asks for it, can be answered by nobody else:
 * the newest messages alone would be another question.
 *
 * Source: https://platform.openai.com/docs/guides/conversation-state
 */
import type { ConversationRequest } from "../../conversation/request.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";

/**
 * By the field's name, the code of the refusal. The first is OpenAI's own for an answer that it has not kept, upon which
 * applications send the whole conversation.
 */
const keeping: Readonly<Record<string, string>> = {
  previous_response_id: "previous_response_not_found",
  conversation: "unsupported_parameter",
  prompt: "unsupported_parameter",
};

/** The AI SDK refers to the items of earlier answers unless it is told so. */
const itemAdvice = "clients that refer to earlier items send them whole with store: false";

/** Undefined when the request stands for itself. */
export function keptState(body: JsonObject): ConversationRequest["kept"] {
  for (const [at, code] of Object.entries(keeping)) {
    if (body[at] !== undefined && body[at] !== null) return { at, code };
  }
  if (body["background"] === true) return { at: "background", code: "unsupported_parameter" };
  const input: readonly JsonValue[] = Array.isArray(body["input"]) ? body["input"] : [];
  const position = input.findIndex((item) => isObject(item) && isReference(item));
  if (position < 0) return undefined;
  return { at: `input[${position}]`, code: "item_not_found", advice: itemAdvice };
}

/** `{"id": …}` alone is a reference as well. */
function isReference({ type, id, role }: JsonObject): boolean {
  if (type === "item_reference") return true;
  return (type === undefined || type === null) && role === undefined && typeof id === "string";
}
