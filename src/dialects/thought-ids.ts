/**
 * Gemini's signatures in ids of tool calls: `call_…__thought__<signature>`. LiteLLM and gateways that follow it keep them
 * there, for clients without a place for one. Histories that began with such a gateway still hold them.
 *
 * In neutral form the signature is a reasoning part like any other of Gemini's, and the id is what it was before. So the
 * signature goes to Gemini alone and is reported as lost elsewhere, and no other provider sees an id that is too long for
 * it (OpenAI) or of characters that it refuses (Anthropic). Nobody sealed it: what is no signature by its looks is left
 * out, and Gemini judges the rest.
 *
 * Source: https://docs.litellm.ai/blog/gemini_3
 */
import type { Losses } from "../conversation/losses.ts";
import type { Part } from "../conversation/parts.ts";
import type { Turn } from "../conversation/request.ts";
import type { JsonObject, JsonValue } from "../json/types.ts";
import { placedSignature, readPlace } from "./gemini/signatures.ts";

const thoughtMark = "__thought__";
/** As Google writes bytes; other characters mean that the id has been through an alphabet of its own. */
const base64 = /^[A-Za-z0-9+/]{4,}={0,2}$/;

export interface ThoughtId {
  readonly id: string;
  readonly signature: string | undefined;
}

/** Undefined when the id holds no signature. */
export function readThoughtId(given: string): ThoughtId | undefined {
  const mark = given.indexOf(thoughtMark);
  if (mark <= 0) return undefined;
  const signature = given.slice(mark + thoughtMark.length);
  return { id: given.slice(0, mark), signature: base64.test(signature) ? signature : undefined };
}

/** A search of the bytes, so that a body without any is not parsed. */
export function holdsThoughtIds({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
  return Buffer.from(buffer, byteOffset, byteLength).includes(thoughtMark);
}

/** In a body that stays in its dialect: the object with a plain id, or the very same. */
export function withPlainId(object: JsonObject, name: string): JsonObject {
  const id = object[name];
  const found = typeof id === "string" ? readThoughtId(id) : undefined;
  return found === undefined ? object : { ...object, [name]: found.id };
}

/** As `withPlainId`, of a call; its signature is lost. @param at the call's path */
export function callWithPlainId(call: JsonObject, name: string, at: string, losses: Losses): JsonObject {
  const plain = withPlainId(call, name);
  if (plain !== call) losses.dropped(`${at}.${name}`, "the signature in the id is Gemini's; the id is cut");
  return plain;
}

/** The very same list when nothing in it changes. */
export function mapped(
  list: readonly JsonValue[],
  change: (item: JsonValue, index: number) => JsonValue,
): readonly JsonValue[] {
  const changed = list.map(change);
  return changed.every((item, index) => item === list[index]) ? list : changed;
}

/**
 * Turns of a request, with the signatures out of the ids. Those that hold none are the very same.
 *
 * @param idPath where the id stands under a call's path
 */
export function withThoughtsApart(turns: readonly Turn[], idPath: string): Turn[] {
  return turns.map((turn) => {
    if (!turn.parts.some((part) => withoutThoughtId(part) !== part)) return turn;
    const isModel = turn.role === "assistant";
    return { ...turn, parts: isModel ? apart(turn.parts, idPath) : turn.parts.map(withoutThoughtId) };
  });
}

function withoutThoughtId(part: Part): Part {
  if (part.kind === "tool-call") {
    const found = readThoughtId(part.id);
    return found === undefined ? part : { ...part, id: found.id };
  }
  const found = part.kind === "tool-result" ? readThoughtId(part.callId) : undefined;
  return found === undefined ? part : ({ ...part, callId: found.id } as Part);
}

/** A signature that has come under our seal as well is the better one. */
function apart(parts: readonly Part[], idPath: string): Part[] {
  const signed = new Set(parts.map(signedCall));
  let calls = 0;
  return parts.flatMap((part) => {
    if (part.kind !== "tool-call") return [part];
    const index = calls++;
    const found = readThoughtId(part.id);
    if (found === undefined) return [part];
    const call = withoutThoughtId(part);
    if (signed.has(index)) return [call];
    const at = part.at === undefined ? undefined : `${part.at}.${idPath}`;
    return [thought(index, found.signature, at), call];
  });
}

function thought(index: number, signature: string | undefined, at: string | undefined): Part {
  if (signature !== undefined) return placedSignature({ kind: "call", index }, signature, at);
  return { kind: "reasoning", text: "", origin: "gemini", ...(at !== undefined && { at }) };
}

/** Which of the turn's calls the part is the signature of. */
function signedCall(part: Part): number | undefined {
  if (part.kind !== "reasoning" || part.origin !== "gemini") return undefined;
  const place = readPlace(part.signature ?? "")?.place;
  return place?.kind === "call" ? place.index : undefined;
}
