/** A call whose client and target both speak this dialect: bytes pass, only what must be different is written. */
import type { Losses } from "../../conversation/losses.ts";
import type { JsonDocument } from "../../json/document.ts";
import { isObject, type JsonValue } from "../../json/types.ts";
import type { EncodeTarget, Passthrough } from "../dialect.ts";
import { callWithPlainId, holdsThoughtIds, mapped, withPlainId } from "../thought-ids.ts";
import { decodeAnswerError } from "./errors.ts";
import { fitMessages, mayNeedFitting } from "./message-quirks.ts";
import { OpenAiPassthroughStream } from "./passthrough-stream.ts";
import { applyQuirks, type FieldChanges } from "./quirks.ts";
import { decodeUsage } from "./usage.ts";

/** Edits requests by their bytes and reads answers as they go by. */
export const passthrough: Passthrough = {
  request: passRequest,
  usage: (body) => decodeUsage(body["usage"]),
  error: decodeAnswerError,
  stream: (includeUsage) => new OpenAiPassthroughStream(includeUsage),
};

function passRequest(body: JsonDocument, target: EncodeTarget, losses: Losses): Uint8Array {
  const changes: FieldChanges = { model: target.model };
  if (body.member("stream") === true) {
    const options = body.member("stream_options");
    const isAsked = isObject(options) && options["include_usage"] === true;
    if (!isAsked) changes["stream_options"] = { ...(isObject(options) ? options : {}), include_usage: true };
  }
  const messages = fittedMessages(body, target, losses);
  if (messages !== undefined) changes["messages"] = messages;
  const field = (name: string) => (Object.hasOwn(changes, name) ? changes[name] : body.member(name));
  const pathOf = (name: string) => (body.member(name) === undefined ? undefined : name);
  applyQuirks(target.quirks, field, changes, losses, pathOf);
  return body.edit(changes);
}

/** Undefined when they may pass as they are. */
function fittedMessages(body: JsonDocument, target: EncodeTarget, losses: Losses): JsonValue[] | undefined {
  const unthinking = withoutThinking(body, losses);
  const isRead = target.quirks.readsThoughtIds === true;
  const plain = isRead ? unthinking : (withPlainIds(body, unthinking, losses) ?? unthinking);
  const quirks = target.quirks.messages;
  if (quirks === undefined || !mayNeedFitting(body.bytes)) return plain;
  const messages = plain ?? body.member("messages");
  if (!Array.isArray(messages)) return undefined;
  const fitted = fitMessages(messages, quirks, losses);
  return fitted === messages ? plain : fitted;
}

const thinkingMark = '"thinking_blocks"';

/**
 * Answers of Anthropic give OpenAI clients `thinking_blocks`, and they come back in the next turn. When that turn
 * goes to a server of this dialect, they would be refused as unknown. Undefined when there are none.
 */
function withoutThinking(body: JsonDocument, losses: Losses): JsonValue[] | undefined {
  const { buffer, byteOffset, byteLength } = body.bytes;
  if (!Buffer.from(buffer, byteOffset, byteLength).includes(thinkingMark)) return undefined;
  const messages = body.member("messages");
  if (!Array.isArray(messages)) return undefined;
  let isChanged = false;
  const kept = messages.map((message, index) => {
    if (!isObject(message) || message["thinking_blocks"] === undefined) return message;
    isChanged = true;
    losses.dropped(`messages[${index}].thinking_blocks`, "OpenAI takes no reasoning in messages.");
    const { thinking_blocks: _, reasoning_content: __, ...rest } = message;
    return rest;
  });
  return isChanged ? kept : undefined;
}

/**
 * Undefined when no id holds a signature of Gemini's, which makes it too long for OpenAI.
 *
 * @param unthinking the messages, where they have changed already
 */
function withPlainIds(
  body: JsonDocument,
  unthinking: JsonValue[] | undefined,
  losses: Losses,
): JsonValue[] | undefined {
  const messages = holdsThoughtIds(body.bytes) ? (unthinking ?? body.member("messages")) : undefined;
  if (!Array.isArray(messages)) return undefined;
  const plain = mapped(messages, (message, index) => {
    if (!isObject(message)) return message;
    const { tool_calls: given } = message;
    if (!Array.isArray(given)) return withPlainId(message, "tool_call_id");
    const calls = mapped(given, (call, position) => {
      const path = `messages[${index}].tool_calls[${position}]`;
      return isObject(call) ? callWithPlainId(call, "id", path, losses) : call;
    });
    return calls === given ? message : { ...message, tool_calls: [...calls] };
  });
  return plain === messages ? undefined : [...plain];
}
