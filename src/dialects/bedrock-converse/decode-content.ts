/**
 * Content blocks of answers, to parts. Blocks that only Bedrock knows (system tools and their results) are kept as
 * foreign parts.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
 */
import type { Part, ReasoningPart } from "../../conversation/parts.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";

/** A block that is complete, of a whole answer or of a stream. */
export function decodeBlock(block: JsonObject): Part {
  const { text, reasoningContent, toolUse, citationsContent, image } = block;
  if (typeof text === "string") return { kind: "text", text };
  if (isObject(reasoningContent)) return decodeReasoning(reasoningContent) ?? foreign(block);
  if (isObject(toolUse) && !isServerTool(toolUse)) {
    const args = JSON.stringify(toolUse["input"] ?? {});
    return {
      kind: "tool-call",
      id: string(toolUse["toolUseId"]),
      name: string(toolUse["name"]),
      arguments: args,
    };
  }
  if (isObject(citationsContent)) return decodeCitations(citationsContent);
  if (isObject(image)) return decodeImage(image) ?? foreign(block);
  return foreign(block);
}

/** A tool that Bedrock runs itself; its result stands in the same answer. */
export function isServerTool(toolUse: JsonObject): boolean {
  return toolUse["type"] === "server_tool_use";
}

/** @returns undefined for reasoning of a kind that is not known */
function decodeReasoning(reasoning: JsonObject): ReasoningPart | undefined {
  const origin = "bedrock-converse";
  const { reasoningText, redactedContent } = reasoning;
  if (typeof redactedContent === "string")
    return { kind: "reasoning", text: "", redacted: redactedContent, origin };
  if (!isObject(reasoningText)) return undefined;
  const { text, signature } = reasoningText;
  const isSigned = typeof signature === "string" && signature !== "";
  return { kind: "reasoning", text: string(text), origin, ...(isSigned && { signature }) };
}

/** Text with the citations it rests on. */
function decodeCitations({ content, citations }: JsonObject): Part {
  const texts = Array.isArray(content) ? content.filter(isObject).map(({ text }) => string(text)) : [];
  const items = Array.isArray(citations) ? citations : [];
  return {
    kind: "text",
    text: texts.join(""),
    ...(items.length > 0 && { annotations: { dialect: "bedrock-converse" as const, items } }),
  };
}

function decodeImage({ format, source }: JsonObject): Part | undefined {
  const data = isObject(source) ? source["bytes"] : undefined;
  if (typeof data !== "string") return undefined;
  return { kind: "image", source: { kind: "base64", mediaType: `image/${string(format) || "png"}`, data } };
}

function foreign(value: JsonObject): Part {
  return { kind: "foreign", dialect: "bedrock-converse", value };
}

function string(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
