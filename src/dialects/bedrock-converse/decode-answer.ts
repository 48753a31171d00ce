/**
 * A whole answer of `POST /model/{modelId}/converse`.
 *
 * Bedrock names neither the answer nor the model in it; both stay empty.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax
 */
import type { Answer } from "../../conversation/answer.ts";
import { ProviderAnswerError } from "../../conversation/error.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { decodeBlock } from "./decode-content.ts";
import { decodeAnswerError } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { decodeUsage } from "./usage.ts";

/**
 * @throws ProviderAnswerError when it is an error
 * @throws Error when the body is no answer
 */
export function decodeAnswer(body: JsonObject): Answer {
  const error = decodeAnswerError(body);
  if (error !== undefined) throw new ProviderAnswerError(error);
  const { output, stopReason, usage, serviceTier } = body;
  const message = isObject(output) ? output["message"] : undefined;
  const content = isObject(message) ? message["content"] : undefined;
  if (!Array.isArray(content) || typeof stopReason !== "string")
    throw new Error("the body is no Bedrock answer: output.message or stopReason is missing");
  const finish = decodeFinishReason(stopReason);
  if (finish === undefined) throw new Error(`the model's output was malformed: ${stopReason}`);
  const tier = isObject(serviceTier) ? serviceTier["type"] : undefined;
  return {
    id: "",
    model: "",
    candidates: [
      {
        parts: content.filter(isObject).map(decodeBlock),
        finish,
        ...stopSequenceIn(body["additionalModelResponseFields"]),
      },
    ],
    usage: decodeUsage(isObject(usage) ? usage : {}),
    ...(typeof tier === "string" && { serviceTier: tier }),
    dialect: "bedrock-converse",
  };
}

/** The sequence that Claude met, which our requests ask for; in streams it is one level deeper. */
export function stopSequenceIn(fields: JsonValue | undefined): { stopSequence?: string } {
  if (!isObject(fields)) return {};
  const holder = isObject(fields["delta"]) ? fields["delta"] : fields;
  const sequence = holder["stop_sequence"];
  return typeof sequence === "string" ? { stopSequence: sequence } : {};
}
