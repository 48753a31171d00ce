/**
 * Turns as OpenAI messages. One user turn may become several: each tool result is a message of its own, and all
 * of them directly follow the assistant message that made the calls.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/create (`messages`)
 */
import type { Part, ToolResultPart } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { type ContentContext, contentOf, encodePart, encodeWords } from "./encode-content.ts";
import { shortToolCallId } from "./tool-call-ids.ts";

/** All turns in order; a turn of which nothing is left has no message. */
export function encodeMessages(turns: readonly Turn[], context: ContentContext): JsonObject[] {
  const last = turns.at(-1);
  if (last?.role === "assistant" && !context.isOwnDialect) {
    context.losses.approximated(last.at, "OpenAI answers a last assistant message instead of continuing it.");
  }
  const joined = context.isOwnDialect ? turns : joinCallers(turns);
  return joined.flatMap((turn) => {
    switch (turn.role) {
      case "system":
        return encodePlain(turn, encodeAllWords(turn.parts, turn, "system", context));
      case "user":
        return encodeUser(turn, context);
      case "assistant":
        return [encodeAssistant(turn, context)];
      default: {
        const unknown: never = turn.role;
        throw new TypeError(`unknown role: ${String(unknown)}`);
      }
    }
  });
}

/** Elsewhere the model may say more between its calls and their results; here the results follow the calls. */
function joinCallers(turns: readonly Turn[]): Turn[] {
  const joined: Turn[] = [];
  for (const turn of turns) {
    const last = joined.at(-1);
    const isOpen = last?.role === "assistant" && last.parts.some(({ kind }) => kind === "tool-call");
    if (isOpen && turn.role === "assistant")
      joined[joined.length - 1] = { ...last, parts: [...last.parts, ...turn.parts] };
    else joined.push(turn);
  }
  return joined;
}

/** No message at all when everything in it was lost: an empty one would be a different question. */
function encodePlain(turn: Turn, encoded: readonly JsonObject[]): JsonObject[] {
  return encoded.length === 0 && turn.parts.length > 0 ? [] : [message(turn, contentOf(encoded))];
}

function encodeUser(turn: Turn, context: ContentContext): JsonObject[] {
  const results = turn.parts.filter((part) => part.kind === "tool-result");
  const rest = turn.parts.filter((part) => part.kind !== "tool-result");
  if (results.length === 0) return encodePlain(turn, encodeParts(rest, turn.at, context));
  const moved: JsonObject[] = [];
  const messages = results.map((result) => encodeToolResult(result, turn.at, moved, context));
  const content = [...moved, ...encodeParts(rest, turn.at, context)];
  return content.length === 0 ? messages : [...messages, message(turn, contentOf(content))];
}

/** @param moved collects what a tool message cannot hold; it goes into the user message that follows */
function encodeToolResult(
  result: ToolResultPart,
  turnPath: string,
  moved: JsonObject[],
  context: ContentContext,
): JsonObject {
  const { losses } = context;
  const at = result.at ?? turnPath;
  if (result.cache !== undefined) {
    losses.approximated(`${at}.cache_control`, "OpenAI caches long prompts by itself; markers are not sent.");
  }
  if (result.isError) losses.approximated(`${at}.is_error`, "OpenAI marks no tool result as an error.");
  const encoded = encodeParts(result.content, at, context);
  const texts = encoded.filter((part) => part["type"] === "text");
  const others = encoded.filter((part) => part["type"] !== "text");
  if (others.length > 0) {
    losses.approximated(
      at,
      "OpenAI tool results hold text only; the rest is sent in a user message after it.",
    );
    // Not spread into arguments: a hostile list is longer than the stack.
    for (const part of others) moved.push(part);
  }
  return { role: "tool", tool_call_id: shortToolCallId(result.callId), content: contentOf(texts) };
}

function encodeAssistant(turn: Turn, context: ContentContext): JsonObject {
  const calls: JsonObject[] = [];
  const own: JsonObject = {};
  const said: Part[] = [];
  for (const part of turn.parts) {
    if (part.kind === "tool-call") {
      if (part.cache !== undefined) encodeCacheLoss(part, turn, context);
      const called = { name: part.name, arguments: part.arguments === "" ? "{}" : part.arguments };
      calls.push({ id: shortToolCallId(part.id), type: "function", function: called });
    } else if (part.kind === "foreign" && part.dialect === "openai-chat") {
      // Custom tool calls have a type; other fields of the message (`audio`) are kept under their names.
      if (typeof part.value["type"] === "string") calls.push(part.value);
      else Object.assign(own, part.value);
    } else said.push(part);
  }
  const encoded = encodeAllWords(said, turn, "assistant", context);
  // Without content there must be something else, or OpenAI refuses the message.
  const hasOther = calls.length > 0 || Object.keys(own).length > 0;
  const content = encoded.length === 0 && hasOther ? null : contentOf(encoded);
  return { ...message(turn, content), ...own, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

function encodeCacheLoss(part: Part, turn: Turn, { losses }: ContentContext): void {
  const path = `${part.at ?? turn.at}.cache_control`;
  losses.approximated(path, "OpenAI caches long prompts by itself; markers are not sent.");
}

function encodeParts(parts: readonly Part[], at: string, context: ContentContext): JsonObject[] {
  return parts.map((part) => encodePart(part, at, context)).filter((part) => part !== undefined);
}

function encodeAllWords(
  parts: readonly Part[],
  turn: Turn,
  role: "system" | "assistant",
  context: ContentContext,
): JsonObject[] {
  return parts.map((part) => encodeWords(part, role, turn.at, context)).filter((part) => part !== undefined);
}

function message(turn: Turn, content: JsonValue): JsonObject {
  return { role: turn.role, content, ...(turn.name === undefined ? {} : { name: turn.name }) };
}
