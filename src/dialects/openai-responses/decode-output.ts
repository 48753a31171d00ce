/**
 * Output items that are complete, of a whole answer or of a stream.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/object (`output`)
 */
import type { Part, ReasoningPart } from "../../conversation/parts.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { decodeOwnProof } from "./encrypted-content.ts";
import { reasoningText } from "./reasoning-text.ts";

/** A message is as many parts as it has texts; reasoning that shows nothing and proves nothing is none. */
export function decodeOutputItem(item: JsonObject): Part[] {
  switch (item["type"]) {
    case "message":
      return listOf(item["content"]).filter(isObject).map(decodeSaid);
    case "reasoning": {
      const part = decodeReasoning(item);
      return part === undefined ? [] : [part];
    }
    case "function_call":
      return [
        {
          kind: "tool-call",
          id: text(item["call_id"]) || text(item["id"]),
          name: text(item["name"]),
          arguments: text(item["arguments"]),
        },
      ];
    default:
      return [{ kind: "foreign", dialect: "openai-responses", value: item }];
  }
}

/** Undefined when there is nothing in it. */
export function decodeReasoning(item: JsonObject): ReasoningPart | undefined {
  const shown = reasoningText(item);
  const encrypted = text(item["encrypted_content"]);
  if (shown === "" && encrypted === "") return undefined;
  const proof = decodeOwnProof(shown, { id: text(item["id"]), encrypted });
  return { kind: "reasoning", text: shown, ...proof };
}

/** The citations of a text, ready to be spread. */
export function annotationsOf(items: JsonValue | undefined) {
  if (!Array.isArray(items) || items.length === 0) return {};
  return { annotations: { dialect: "openai-responses" as const, items } };
}

/** Tells what the calls of an application's own tools are called, beside functions. */
export function isCustomCall(part: Part): boolean {
  return part.kind === "foreign" && part.value["type"] === "custom_tool_call";
}

/** One text or refusal of a message. */
export function decodeSaid(content: JsonObject): Part {
  switch (content["type"]) {
    case "output_text":
      return { kind: "text", text: text(content["text"]), ...annotationsOf(content["annotations"]) };
    case "refusal":
      return { kind: "refusal", text: text(content["refusal"]) };
    default:
      return { kind: "foreign", dialect: "openai-responses", value: content };
  }
}

/** The list, or an empty one. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The text, or an empty one. */
export function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
