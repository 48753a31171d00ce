/**
 * The parts of an assistant turn as parts of Gemini's role `model`, each with the signature that belongs to it.
 *
 * Source: https://ai.google.dev/gemini-api/docs/thought-signatures
 */
import type { Losses } from "../../conversation/losses.ts";
import type { Part, ReasoningPart, ToolCallPart } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import type { Seal } from "../seal.ts";
import { markOf } from "../signatures.ts";
import { decodeArguments } from "../tool-input.ts";
import { readPlace, wrapMark } from "./signatures.ts";

export interface ModelPartRules {
  readonly losses: Losses;
  /** Reasoning of other providers is kept for the client, under this seal; without one it is left out, for Gemini. */
  readonly seal: Seal | undefined;
  /** Everything but texts, reasoning and calls; undefined leaves it out. */
  readonly other: (part: Part, at: string) => JsonObject | undefined;
}

/** @param at path of the turn, for parts that do not know their own */
export function encodeModelParts(parts: readonly Part[], at: string, rules: ModelPartRules): JsonObject[] {
  const encoded: JsonObject[] = [];
  const signatures = new Map<string, { readonly signature: string; readonly at: string | undefined }>();
  for (const part of parts) {
    const found = placeOf(part);
    if (found !== undefined) signatures.set(found.place, { signature: found.signature, at: part.at });
  }
  const signed = (place: string): JsonObject => {
    const found = signatures.get(place);
    signatures.delete(place);
    return found === undefined ? {} : { thoughtSignature: found.signature };
  };
  let calls = 0;
  let texts = 0;
  for (const part of parts) {
    switch (part.kind) {
      case "text":
      case "refusal":
        // An empty text says nothing, and Vertex AI refuses it.
        if (part.text !== "") encoded.push({ text: part.text, ...signed(`text.${texts++}`) });
        break;
      case "reasoning": {
        const thought = encodeReasoning(part, part.at ?? at, rules);
        if (thought !== undefined) encoded.push(thought);
        break;
      }
      case "tool-call":
        encoded.push(encodeCall(part, part.at ?? at, rules.losses, signed(`call.${calls++}`)));
        break;
      case "image":
      case "document":
      case "audio":
      case "tool-result":
      case "foreign": {
        const other = rules.other(part, part.at ?? at);
        if (other !== undefined) encoded.push(other);
        break;
      }
      default: {
        const never: never = part;
        throw new TypeError(`unknown part: ${JSON.stringify(never)}`);
      }
    }
  }
  settleRest(encoded, signatures, at, rules.losses);
  return encoded;
}

/**
 * Texts that other dialects joined have fewer places: their signature goes to the last text. A signature of a call
 * that is gone proves nothing any more.
 */
function settleRest(
  encoded: JsonObject[],
  rest: ReadonlyMap<string, { readonly signature: string; readonly at: string | undefined }>,
  at: string,
  losses: Losses,
): void {
  for (const [place, { signature, at: path }] of rest) {
    const last = encoded.findLast((part) => typeof part["text"] === "string" && part["thought"] !== true);
    if (place.startsWith("text") && last !== undefined) last["thoughtSignature"] ??= signature;
    else losses.dropped(path ?? at, "what this thought signature belongs to is not in the history any more");
  }
}

function placeOf(part: Part): { readonly place: string; readonly signature: string } | undefined {
  if (part.kind !== "reasoning" || part.origin !== "gemini" || part.signature === undefined) return undefined;
  const found = readPlace(part.signature);
  return found && { place: `${found.place.kind}.${found.place.index}`, signature: found.signature };
}

function encodeReasoning(part: ReasoningPart, at: string, rules: ModelPartRules): JsonObject | undefined {
  if (part.origin !== "gemini") {
    if (rules.seal !== undefined)
      return { text: part.text, thought: true, thoughtSignature: wrapMark(markOf(rules.seal, part)) };
    rules.losses.dropped(at, `the reasoning is ${part.origin}'s; Gemini accepts only its own`);
    return undefined;
  }
  const { text, signature } = part;
  if (signature === undefined) {
    if (text !== "" && part.brokenSeal === true)
      rules.losses.approximated(at, "the signature does not belong to this text, and is left out");
    if (text !== "") return { text, thought: true };
    rules.losses.dropped(at, "nothing is left of this reasoning that Gemini would take");
    return undefined;
  }
  if (placeOf(part) !== undefined) return undefined;
  return { text, ...(text !== "" && { thought: true }), thoughtSignature: signature };
}

function encodeCall(part: ToolCallPart, at: string, losses: Losses, signed: JsonObject): JsonObject {
  const { input, valid } = decodeArguments(part.arguments);
  if (!valid) losses.approximated(at, "the arguments are no JSON object; their text is kept as _raw");
  return {
    functionCall: { ...(part.id !== "" && { id: part.id }), name: part.name, args: input },
    ...signed,
  };
}
