/**
 * Errors: problem details (`{"title", "detail", "status"}`), and predictions that came to nothing, whose HTTP status is
 * a success.
 *
 * Sources: https://replicate.com/docs/reference/http, https://replicate.com/docs/reference/error-codes,
 * https://replicate.com/docs/topics/predictions/rate-limits
 */
import type { ProviderError } from "../../conversation/error.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { kindOf, told, toldByPage } from "../error-words.ts";
import { readRetryAfter } from "../openai-chat/retry-after.ts";

/** @param body the parsed body, or the text when it is not JSON */
export function decodeError(
  status: number,
  header: (name: string) => string | undefined,
  body: JsonObject | string,
): ProviderError {
  const kind = status === 402 ? "billing" : kindOf(status);
  const message = messageOf(body) ?? `Replicate answered with status ${status}`;
  const retryAfterSeconds = readRetryAfter(header) ?? secondsIn(body);
  return { kind, status, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** A prediction that failed. The model may say why; what it says is for people. */
export function decodeFailure(error: JsonValue | undefined): ProviderError {
  const message = told(error) ?? "The prediction failed.";
  const code = /\b(E\d{3,4})\b/.exec(message)?.[1];
  return { kind: "bad-gateway", status: 502, message, ...(code !== undefined && { code }) };
}

/**
 * A prediction that was not ready when Replicate had waited long enough, or was ended by its deadline. Nobody asks for
 * it again; another try makes another prediction.
 */
export function notInTime(status: string): ProviderError {
  const message = `The prediction was not ready in time: it is ${status}.`;
  return { kind: "timeout", status: 504, message, code: "prediction_not_ready" };
}

function messageOf(body: JsonObject | string): string | undefined {
  if (!isObject(body)) return toldByPage(body);
  const [title, detail] = [told(body["title"]), told(body["detail"])];
  if (title === undefined || detail === undefined) return detail ?? title;
  return `${title}: ${detail}`;
}

/** In a body of its own, or in its words: "Your rate limit resets in ~30s." */
function secondsIn(body: JsonObject | string): number | undefined {
  if (!isObject(body)) return undefined;
  const after = body["retry_after"];
  if (typeof after === "number" && after >= 0) return after;
  const words = /resets in ~?(\d{1,6})s/.exec(told(body["detail"]) ?? "")?.[1];
  return words === undefined ? undefined : Number(words);
}
