/**
 * A prediction, to an answer.
 *
 * With `Prefer: wait` Replicate answers 201 as soon as the output is complete, often while the status is still
 * `processing` and before there are metrics; 202 says that the output is not complete.
 *
 * Source: https://replicate.com/docs/reference/http#models.predictions.create
 */
import type { Answer, FinishReason } from "../../conversation/answer.ts";
import { ProviderAnswerError } from "../../conversation/error.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { AnswerHead } from "../dialect.ts";
import { decodeFailure, notInTime } from "./errors.ts";
import { decodeUsage, writtenTokens } from "./usage.ts";

const accepted = 202;

/**
 * @throws ProviderAnswerError when the prediction failed, was ended or is not ready
 * @throws Error when the body is no prediction
 */
export function decodeAnswer(
  body: JsonObject,
  { status: httpStatus }: Pick<AnswerHead, "status"> = { status: 201 },
): Answer {
  const { id, model, status, output } = body;
  if (typeof id !== "string" || typeof status !== "string")
    throw new Error("the body is no prediction: id or status is missing");
  refuseUnready(body, status, httpStatus);
  const text = outputText(output);
  return {
    id,
    model: typeof model === "string" ? model : "",
    ...createdOf(body["created_at"]),
    candidates: [{ parts: text === "" ? [] : [{ kind: "text", text }], finish: finishOf(body) }],
    usage: decodeUsage(body, text),
    dialect: "replicate",
  };
}

function refuseUnready(body: JsonObject, status: string, httpStatus: number): void {
  switch (status) {
    case "succeeded":
      return;
    case "processing":
      if (httpStatus === accepted || body["output"] === undefined || body["output"] === null)
        throw new ProviderAnswerError(notInTime(status));
      return;
    case "failed":
      throw new ProviderAnswerError(decodeFailure(body["error"]));
    case "starting":
    case "canceled":
    case "aborted":
      // Nobody but the deadline that we set can have ended it: its id is known here alone.
      throw new ProviderAnswerError(notInTime(status));
    default:
      throw new Error("a prediction with a status that this version does not know");
  }
}

/** Language models write a list of pieces, some a text; what is neither is shown as it is. */
function outputText(output: JsonValue | undefined): string {
  if (output === undefined || output === null) return "";
  if (typeof output === "string") return output;
  if (Array.isArray(output) && output.every((piece) => typeof piece === "string")) return output.join("");
  if (isObject(output) && typeof output["text"] === "string") return output["text"];
  return JSON.stringify(output);
}

/** Replicate does not say why a model stopped. One that wrote as much as it might has met the limit. */
function finishOf(body: JsonObject): FinishReason {
  const input = isObject(body["input"]) ? body["input"] : {};
  const limits = ["max_tokens", "max_new_tokens", "max_completion_tokens", "max_output_tokens"];
  const limit = limits.map((name) => input[name]).find((value) => typeof value === "number");
  const written = writtenTokens(body);
  return limit !== undefined && written !== undefined && written >= Number(limit) ? "length" : "stop";
}

function createdOf(time: JsonValue | undefined): { created?: number } {
  const milliseconds = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(milliseconds) ? {} : { created: Math.floor(milliseconds / 1000) };
}
