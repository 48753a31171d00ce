/**
 * Reasoning in messages of OpenAI clients. OpenAI's own API has no place for it; the fields that clients of
 * compatible servers know are `reasoning_content` (plain text) and, for Anthropic's signed thinking,
 * `thinking_blocks`: entries of Anthropic's own form. A client that sends the assistant message back as it
 * came thereby returns what every provider demands, marked with whose it is and sealed (`../signatures.ts`). Signatures
 * that are not marked, as other gateways give them, are taken for Anthropic's.
 *
 * Source: https://docs.litellm.ai/docs/reasoning_content
 */
import type { ReasoningPart } from "../../conversation/parts.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { Seal } from "../seal.ts";
import { markOf, readProof } from "../signatures.ts";

/** Where a message stands in a request. */
export interface InRequest {
  readonly at: string;
  readonly seal: Seal;
}

/** Reads an assistant message, of a request or an answer. `thinking_blocks` win: they hold the same text, signed. */
export function decodeReasoning(message: JsonObject, request?: InRequest): ReasoningPart[] {
  const at = request?.at;
  const blocks = Array.isArray(message["thinking_blocks"]) ? message["thinking_blocks"] : [];
  const parts = blocks.flatMap((block, index) => {
    const part = decodeThinkingBlock(block, request?.seal);
    if (part === undefined) return [];
    if (at !== undefined) return [{ ...part, at: `${at}.thinking_blocks[${index}]` }];
    const { text, signature, redacted } = part;
    return text === "" && signature === undefined && redacted === undefined ? [] : [part];
  });
  if (parts.length > 0) return parts;
  // Parts of a request's content are read as such.
  const text = at === undefined ? reasoningText(message) : plainReasoning(message);
  if (text === "") return [];
  const part = { kind: "reasoning", text, origin: "openai-chat" } as const;
  return [at === undefined ? part : { ...part, at: `${at}.reasoning_content` }];
}

/** Vendors use either name. */
function plainReasoning({ reasoning_content: content, reasoning }: JsonObject): string {
  if (typeof content === "string" && content !== "") return content;
  return typeof reasoning === "string" ? reasoning : "";
}

/** The text of an answer's message or delta, which some vendors give as parts of the content. */
export function reasoningText(message: JsonObject): string {
  const plain = plainReasoning(message);
  const { content } = message;
  if (plain !== "" || !Array.isArray(content)) return plain;
  // Mistral's: https://docs.mistral.ai/capabilities/reasoning/
  return content
    .map((part) => (isObject(part) && part["type"] === "thinking" ? partsText(part["thinking"]) : ""))
    .join("");
}

/** The text of a message's or a delta's content, which some vendors give as a list of parts. */
export function partsText(content: JsonValue | undefined): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const texts = content.map((part) => (isObject(part) && part["type"] === "text" ? part["text"] : ""));
  return texts.filter((text) => typeof text === "string").join("");
}

/**
 * @param seal in requests: what is marked in an answer is another gateway's, and proves nothing to us
 * @returns undefined when it is not one
 */
export function decodeThinkingBlock(block: JsonValue, seal?: Seal): ReasoningPart | undefined {
  if (!isObject(block)) return undefined;
  const { type, thinking, signature, data } = block;
  if (type === "redacted_thinking" && typeof data === "string") {
    const proof = readProof(seal, { kind: "redacted", payload: data }, "", "anthropic");
    return { kind: "reasoning", text: "", ...proof };
  }
  if (type !== "thinking" || typeof thinking !== "string") return undefined;
  const payload = typeof signature === "string" ? signature : "";
  const proof = readProof(seal, { kind: "signed", payload }, thinking, "anthropic");
  return { kind: "reasoning", text: thinking, ...proof };
}

/** Undefined for reasoning that is plain text alone, which `reasoning_content` carries. */
export function encodeThinkingBlock(part: ReasoningPart, seal: Seal): JsonObject | undefined {
  if (part.redacted !== undefined) return { type: "redacted_thinking", data: markOf(seal, part) };
  if (part.signature !== undefined)
    return { type: "thinking", thinking: part.text, signature: markOf(seal, part) };
  return part.origin === "anthropic" ? { type: "thinking", thinking: part.text } : undefined;
}
