/** The field `stop` of OpenAI's formats: one sequence, or a list of them. */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { JsonValue } from "../../json/types.ts";

/** @throws InvalidRequestError with the JSON path */
export function decodeStop(stop: JsonValue | undefined): string[] {
  if (stop === undefined || stop === null) return [];
  const list = Array.isArray(stop) ? stop : [stop];
  return list.map((text, index) => {
    if (typeof text === "string") return text;
    const at = Array.isArray(stop) ? `stop[${index}]` : "stop";
    throw new InvalidRequestError(at, `${at} must be a string.`);
  });
}
