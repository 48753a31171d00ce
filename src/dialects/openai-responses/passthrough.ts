/** A call whose client and target both speak this dialect: bytes pass, only what must be different is written. */
import type { Losses } from "../../conversation/losses.ts";
import type { JsonDocument } from "../../json/document.ts";
import { isObject, type JsonValue } from "../../json/types.ts";
import type { EncodeTarget, Passthrough } from "../dialect.ts";
import { applyQuirks, type FieldChanges, responsesDefaults } from "../openai-chat/quirks.ts";
import { foreignSignaturePrefix } from "../signatures.ts";
import { callWithPlainId, holdsThoughtIds, mapped, withPlainId } from "../thought-ids.ts";
import { decodeAnswerError } from "./errors.ts";
import { PassthroughReader } from "./passthrough-stream.ts";
import { decodeUsage } from "./usage.ts";

/** Edits requests by their bytes and reads answers as they go by. */
export const passthrough: Passthrough = {
  request: passRequest,
  usage: (body) => decodeUsage(body["usage"]),
  error: decodeAnswerError,
  stream: () => new PassthroughReader(),
};

function passRequest(body: JsonDocument, target: EncodeTarget, losses: Losses): Uint8Array {
  const changes: FieldChanges = { model: target.model };
  const plain = withPlainIds(body, losses);
  const input = withoutForeignReasoning(body, plain, losses) ?? plain;
  if (input !== undefined) changes["input"] = input;
  const field = (name: string) => (Object.hasOwn(changes, name) ? changes[name] : body.member(name));
  const pathOf = (name: string) => (body.member(name) === undefined ? undefined : name);
  applyQuirks(target.quirks, field, changes, losses, pathOf, responsesDefaults);
  return body.edit(changes);
}

/** Undefined when no id holds a signature of Gemini's, which makes it too long for OpenAI. */
function withPlainIds(body: JsonDocument, losses: Losses): JsonValue[] | undefined {
  const input = holdsThoughtIds(body.bytes) ? body.member("input") : undefined;
  if (!Array.isArray(input)) return undefined;
  const plain = mapped(input, (item, index) => {
    if (!isObject(item)) return item;
    if (item["type"] === "function_call") return callWithPlainId(item, "call_id", `input[${index}]`, losses);
    return item["type"] === "function_call_output" ? withPlainId(item, "call_id") : item;
  });
  return plain === input ? undefined : [...plain];
}

/**
 * Answers of other providers bring reasoning that only they can read, and it comes back in the next turn. OpenAI would
 * answer 400 to it. Undefined when there is none.
 *
 * @param plain the input, where it has changed already
 */
function withoutForeignReasoning(
  body: JsonDocument,
  plain: JsonValue[] | undefined,
  losses: Losses,
): JsonValue[] | undefined {
  const { buffer, byteOffset, byteLength } = body.bytes;
  // A search of the bytes, so that a body without any is not parsed.
  if (!Buffer.from(buffer, byteOffset, byteLength).includes(foreignSignaturePrefix)) return undefined;
  const input = plain ?? body.member("input");
  if (!Array.isArray(input)) return undefined;
  const kept = input.filter((item, index) => {
    if (!isForeignReasoning(item)) return true;
    losses.dropped(`input[${index}]`, "The reasoning is another provider's; OpenAI accepts only its own.");
    return false;
  });
  return kept.length === input.length ? undefined : kept;
}

function isForeignReasoning(item: JsonValue): boolean {
  if (!isObject(item) || item["type"] !== "reasoning") return false;
  const encrypted = item["encrypted_content"];
  return typeof encrypted === "string" && encrypted.startsWith(foreignSignaturePrefix);
}
