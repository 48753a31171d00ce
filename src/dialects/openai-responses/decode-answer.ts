/**
 * A whole response in neutral form.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/object
 */
import type { Answer } from "../../conversation/answer.ts";
import { ProviderAnswerError } from "../../conversation/error.ts";
import { noUsage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { decodeOutputItem, isCustomCall, listOf, text } from "./decode-output.ts";
import { decodeAnswerError, decodeFailedResponse } from "./errors.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { decodeStatus } from "./status.ts";
import { decodeUsage } from "./usage.ts";

/**
 * @throws ProviderAnswerError when it failed
 * @throws Error when the body is no response, or one that has not come to its end
 */
export function decodeAnswer(body: JsonObject): Answer {
  const { output, status, created_at: created, service_tier: tier } = body;
  const error = decodeAnswerError(body);
  if (error !== undefined) throw new ProviderAnswerError(error);
  if (status === "failed" || status === "cancelled")
    throw new ProviderAnswerError(decodeFailedResponse(body));
  if (!Array.isArray(output)) throw new Error("the answer has no output");
  if (status !== "completed" && status !== "incomplete" && status !== undefined)
    throw new Error("the answer is neither completed nor incomplete");
  const items = output.filter(isObject);
  const parts = items.flatMap(decodeOutputItem);
  const finish = decodeStatus(body, {
    hasToolCalls: parts.some((part) => part.kind === "tool-call" || isCustomCall(part)),
    hasRefusal: parts.some((part) => part.kind === "refusal"),
  });
  const logprobs = decodeLogprobs(items.flatMap(logprobsOf));
  return {
    id: text(body["id"]),
    model: text(body["model"]),
    ...(typeof created === "number" ? { created } : {}),
    candidates: [{ parts, finish, ...(logprobs === undefined ? {} : { logprobs }) }],
    usage: decodeUsage(body["usage"]) ?? noUsage,
    ...(typeof tier === "string" ? { serviceTier: tier } : {}),
    dialect: "openai-responses",
  };
}

function logprobsOf(item: JsonObject): readonly JsonValue[] {
  return listOf(item["type"] === "message" ? item["content"] : undefined).flatMap((content) =>
    isObject(content) ? listOf(content["logprobs"]) : [],
  );
}
