/**
 * Calls whose client and target both speak Anthropic: bytes pass, and only what must change does.
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { JsonDocument } from "../../json/document.ts";
import type { JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import type { EncodeTarget, Passthrough, RequestOutline } from "../dialect.ts";
import { foreignSignaturePrefix } from "../signatures.ts";
import { callWithPlainId, holdsThoughtIds, mapped, withPlainId } from "../thought-ids.ts";
import { decodeAnswerError } from "./errors.ts";
import { PassthroughReader } from "./passthrough-stream.ts";
import { lacksSignedThinking, unsignedCalls } from "./tool-loop.ts";
import { decodeUsage } from "./usage.ts";

/** @throws InvalidRequestError when the model is missing or not a string */
export function outline(body: JsonDocument): RequestOutline {
  const model = body.member("model");
  if (typeof model !== "string" || model === "")
    throw new InvalidRequestError("model", "model is required and must be a string.");
  const maxTokens = body.member("max_tokens");
  const stream = body.member("stream") === true;
  return {
    model,
    stream,
    maxOutputTokens: typeof maxTokens === "number" ? maxTokens : undefined,
    // Anthropic's streams always carry it.
    includeUsage: stream,
  };
}

export const passthrough: Passthrough = {
  request: passRequest,
  error: decodeAnswerError,
  usage: (body) => (isObject(body["usage"]) ? decodeUsage(body["usage"]) : undefined),
  stream: () => new PassthroughReader(),
};

function passRequest(body: JsonDocument, target: EncodeTarget, losses: Losses): Uint8Array {
  const changes: Record<string, JsonValue | undefined> = {};
  if (body.member("model") !== target.model) changes["model"] = target.model;
  const messages = withPlainIds(body, losses);
  if (messages !== undefined) changes["messages"] = messages;
  if (holdsForeignThinking(body.bytes))
    Object.assign(changes, withoutForeignThinking(body, messages ?? body.member("messages"), losses));
  for (const field of target.quirks.unsupported) {
    if (body.member(field) === undefined) continue;
    changes[field] = undefined;
    losses.dropped(field, "the provider refuses it");
  }
  for (const field of target.quirks.elsewhere ?? []) {
    if (body.member(field) === undefined) delete changes[field];
    else changes[field] = undefined;
  }
  Object.assign(changes, target.quirks.added);
  for (const [field, name] of Object.entries(target.quirks.renamed)) {
    const value = field in changes ? changes[field] : body.member(field);
    if (value === undefined) continue;
    changes[field] = undefined;
    // A client that sends both names has said it in the provider's own words already.
    if (body.member(name) === undefined) changes[name] = value;
  }
  return Object.keys(changes).length === 0 ? body.bytes : body.edit(changes);
}

/** A search of the bytes, so that a body without any is not parsed. */
function holdsForeignThinking(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(foreignSignaturePrefix);
}

/** Undefined when no id holds a signature of Gemini's, whose characters Anthropic does not take. */
function withPlainIds(body: JsonDocument, losses: Losses): JsonValue[] | undefined {
  const messages = holdsThoughtIds(body.bytes) ? body.member("messages") : undefined;
  if (!Array.isArray(messages)) return undefined;
  const plain = mapped(messages, (message, i) => {
    if (!isObject(message) || !Array.isArray(message["content"])) return message;
    const content = mapped(message["content"], (block, j) => {
      if (!isObject(block)) return block;
      if (block["type"] === "tool_result") return withPlainId(block, "tool_use_id");
      if (block["type"] !== "tool_use") return block;
      return callWithPlainId(block, "id", `messages[${i}].content[${j}]`, losses);
    });
    return content === message["content"] ? message : { ...message, content: [...content] };
  });
  return plain === messages ? undefined : [...plain];
}

/** The history without what another provider thought: Claude would answer 400. */
function withoutForeignThinking(
  body: JsonDocument,
  messages: JsonValue | undefined,
  losses: Losses,
): Record<string, JsonValue> {
  if (!Array.isArray(messages)) return {};
  let found = false;
  const kept = messages.flatMap((message, i): JsonValue[] => {
    if (!isObject(message) || !Array.isArray(message["content"])) return [message];
    const blocks = message["content"];
    const content = blocks.filter((block, j) => {
      if (!isForeignThinking(block)) return true;
      losses.dropped(
        `messages[${i}].content[${j}]`,
        "the reasoning is another provider's; Claude accepts only its own",
      );
      return false;
    });
    if (content.length === blocks.length) return [message];
    found = true;
    // A turn of nothing but thinking is no turn any more; Anthropic refuses empty ones.
    return content.length === 0 ? [] : [{ ...message, content }];
  });
  if (!found) return {};
  const thinking = body.member("thinking");
  const isManual = isObject(thinking) && thinking["type"] === "enabled";
  if (!isManual || !lacksSignedThinking(kept)) return { messages: kept };
  losses.dropped("thinking", unsignedCalls);
  return { messages: kept, thinking: { type: "disabled" } };
}

function isForeignThinking(block: JsonValue): boolean {
  if (!isObject(block)) return false;
  const { type, signature, data } = block;
  const proof = type === "thinking" ? signature : type === "redacted_thinking" ? data : undefined;
  return typeof proof === "string" && proof.startsWith(foreignSignaturePrefix);
}
