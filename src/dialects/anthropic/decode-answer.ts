/**
 * A whole message, to an answer.
 *
 * Source: https://docs.anthropic.com/en/api/messages#response
 */
import type { Answer } from "../../conversation/answer.ts";
import { ProviderAnswerError } from "../../conversation/error.ts";
import type { Part } from "../../conversation/parts.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import { decodeAnswerError } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { decodeUsage } from "./usage.ts";

/**
 * @throws ProviderAnswerError when it is an error
 * @throws Error when the body is no message
 */
export function decodeAnswer(body: JsonObject): Answer {
  const error = decodeAnswerError(body);
  if (error !== undefined) throw new ProviderAnswerError(error);
  const { id, model, content, usage, stop_reason: stopReason, stop_sequence: stopSequence } = body;
  if (typeof id !== "string" || typeof model !== "string" || !Array.isArray(content))
    throw new Error("the body is no Anthropic message: id, model or content is missing");
  const parts = content.filter(isObject).map(decodeAnswerBlock);
  const refusal = refusalText(body["stop_details"]);
  if (refusal !== undefined) parts.push({ kind: "refusal", text: refusal });
  const counts = isObject(usage) ? usage : {};
  const tier = counts["service_tier"];
  return {
    id,
    model,
    candidates: [
      {
        parts,
        finish: decodeFinishReason(typeof stopReason === "string" ? stopReason : "end_turn"),
        ...(typeof stopSequence === "string" && { stopSequence }),
      },
    ],
    usage: decodeUsage(counts),
    ...(typeof tier === "string" && { serviceTier: tier }),
    dialect: "anthropic",
  };
}

/** A content block that is complete, of a whole answer or of a stream. */
export function decodeAnswerBlock(block: JsonObject): Part {
  switch (block["type"]) {
    case "text": {
      const citations = block["citations"];
      const cited = Array.isArray(citations) && citations.length > 0;
      return {
        kind: "text",
        text: text(block["text"]),
        ...(cited && { annotations: { dialect: "anthropic" as const, items: citations } }),
      };
    }
    case "thinking": {
      const signature = text(block["signature"]);
      const thought = text(block["thinking"]);
      return {
        kind: "reasoning",
        text: thought,
        origin: "anthropic",
        ...(signature !== "" && { signature }),
      };
    }
    case "redacted_thinking":
      return { kind: "reasoning", text: "", origin: "anthropic", redacted: text(block["data"]) };
    case "tool_use": {
      const args = JSON.stringify(block["input"] ?? {});
      return { kind: "tool-call", id: text(block["id"]), name: text(block["name"]), arguments: args };
    }
    default:
      return { kind: "foreign", dialect: "anthropic", value: block };
  }
}

/** Why the request was refused, in words, where Anthropic says so beside the content. */
export function refusalText(stopDetails: JsonValue | undefined): string | undefined {
  if (!isObject(stopDetails) || stopDetails["type"] !== "refusal") return undefined;
  const { explanation } = stopDetails;
  return typeof explanation === "string" && explanation !== "" ? explanation : undefined;
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
