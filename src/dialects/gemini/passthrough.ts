/**
 * Calls whose client and target both speak Gemini: bytes pass, and only what must change does. The model is in the
 * path, so the body is mostly the very same.
 */
import type { Losses } from "../../conversation/losses.ts";
import type { JsonDocument } from "../../json/document.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { EncodeTarget, Passthrough } from "../dialect.ts";
import { holdsThoughtIds, mapped, readThoughtId, withPlainId } from "../thought-ids.ts";
import { decodeAnswerError } from "./errors.ts";
import { wantsArray } from "./framing.ts";
import { modelTraits } from "./model-traits.ts";
import { PassingArray } from "./passing-array.ts";
import { GeminiPassthroughStream } from "./passthrough-stream.ts";
import { foreignSignatureStart, isForeignSignature, standInSignature } from "./signatures.ts";
import { camelCased, snakeCase } from "./spelling.ts";
import { decodeUsage } from "./usage.ts";

export const passthrough: Passthrough = {
  request: passRequest,
  error: decodeAnswerError,
  usage: (body) => decodeUsage(body["usageMetadata"]),
  model: (body) => (typeof body["modelVersion"] === "string" ? body["modelVersion"] : undefined),
  stream: (_, path) => new GeminiPassthroughStream(wantsArray(path) ? new PassingArray() : undefined),
};

function passRequest(body: JsonDocument, target: EncodeTarget, losses: Losses): Uint8Array {
  const changes: Record<string, JsonValue | undefined> = {};
  // The path names the model; a body that names another one contradicts it.
  if (body.member("model") !== undefined) changes["model"] = undefined;
  const contents = withThoughtsApart(body, losses);
  if (contents !== undefined) changes["contents"] = contents;
  if (holdsForeignParts(body.bytes))
    Object.assign(changes, withoutForeignParts(contents ?? body.member("contents"), target.model, losses));
  for (const field of target.quirks.unsupported) {
    for (const spelling of new Set([field, snakeCase(field)])) {
      if (body.member(spelling) === undefined) continue;
      changes[spelling] = undefined;
      losses.dropped(spelling, "the provider refuses it");
    }
  }
  for (const [field, name] of Object.entries(target.quirks.renamed)) {
    const value = field in changes ? changes[field] : body.member(field);
    if (value === undefined) continue;
    changes[field] = undefined;
    // A client that sends both names has said it in the server's own words already.
    if (body.member(name) === undefined) changes[name] = value;
  }
  return Object.keys(changes).length === 0 ? body.bytes : body.edit(changes);
}

/** Signatures that another gateway put into ids, where Gemini looks for them. Undefined when there are none. */
function withThoughtsApart(body: JsonDocument, losses: Losses): JsonValue[] | undefined {
  const contents = holdsThoughtIds(body.bytes) ? body.member("contents") : undefined;
  if (!Array.isArray(contents)) return undefined;
  const apart = mapped(contents, (content, index) => {
    if (!isObject(content) || !Array.isArray(content["parts"])) return content;
    const parts = mapped(content["parts"], (part, position) =>
      isObject(part) ? withThoughtApart(part, `contents[${index}].parts[${position}]`, losses) : part,
    );
    return parts === content["parts"] ? content : { ...content, parts: [...parts] };
  });
  return apart === contents ? undefined : [...apart];
}

function withThoughtApart(given: JsonObject, at: string, losses: Losses): JsonObject {
  const part = camelCased(given);
  const { functionCall: call, functionResponse: response, thoughtSignature: before } = part;
  if (isObject(response)) {
    const plain = withPlainId(response, "id");
    return plain === response ? given : { ...part, functionResponse: plain };
  }
  const found = isObject(call) && typeof call["id"] === "string" ? readThoughtId(call["id"]) : undefined;
  if (!isObject(call) || found === undefined) return given;
  const isSigned = typeof before === "string" && before !== "" && !isForeignSignature(before);
  const { id, signature } = found;
  if (signature === undefined) losses.dropped(`${at}.functionCall.id`, "the signature in the id is damaged");
  const signed = isSigned || signature === undefined ? {} : { thoughtSignature: signature };
  return { ...part, functionCall: { ...call, id }, ...signed };
}

/** A search of the bytes, so that a body without any is not parsed. */
function holdsForeignParts(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(foreignSignatureStart);
}

/**
 * The history without what another provider thought, and its calls as Gemini takes them from others: it would answer
 * 400 to their marks.
 */
function withoutForeignParts(
  contents: JsonValue | undefined,
  model: string,
  losses: Losses,
): Record<string, JsonValue> {
  const { signedCalls } = modelTraits(model);
  if (!Array.isArray(contents)) return {};
  const kept = contents.flatMap((content, index): JsonValue[] => {
    const parts = isObject(content) ? content["parts"] : undefined;
    if (!isObject(content) || !Array.isArray(parts)) return [content];
    const foreign = foreignThoughts(parts);
    const own = parts.filter((_, position) => {
      if (!foreign.has(position)) return true;
      const path = `contents[${index}].parts[${position}]`;
      losses.dropped(path, "the reasoning is another provider's; Gemini accepts only its own");
      return false;
    });
    const taken = own.map((part) => withoutCallMark(part, signedCalls));
    if (own.length === parts.length && taken.every((part, at) => part === own[at])) return [content];
    // A content of nothing but thoughts is none any more; Gemini refuses empty ones.
    return own.length === 0 ? [] : [{ ...content, parts: taken }];
  });
  return { contents: kept };
}

/** The very same part unless it is a call that is marked as another provider's. */
function withoutCallMark(part: JsonValue, signedCalls: boolean): JsonValue {
  if (!isObject(part)) return part;
  const { thoughtSignature, ...rest } = camelCased(part);
  const isMarked = typeof thoughtSignature === "string" && thoughtSignature.startsWith(foreignSignatureStart);
  if (!isMarked || rest["functionCall"] === undefined) return part;
  return signedCalls ? { ...rest, thoughtSignature: standInSignature } : rest;
}

/** Thoughts whose signature is marked, with the pieces before them that the mark is the end of. */
function foreignThoughts(parts: readonly JsonValue[]): ReadonlySet<number> {
  const found = new Set<number>();
  let isForeign = false;
  for (let position = parts.length - 1; position >= 0; position--) {
    const part = parts[position];
    const { thought, thoughtSignature } = isObject(part) ? camelCased(part) : {};
    if (thought !== true) isForeign = false;
    else if (typeof thoughtSignature === "string")
      isForeign = thoughtSignature.startsWith(foreignSignatureStart);
    if (isForeign) found.add(position);
  }
  return found;
}
