/**
 * What pictures took: tokens for the models that count them, and how many there are for those that do not.
 *
 * Source: https://platform.openai.com/docs/api-reference/images/object (`usage`),
 * https://platform.openai.com/docs/api-reference/images-streaming
 */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { count, countIfSaid } from "../counts.ts";
import type { ItemCount } from "../dialect.ts";

/** Of a whole answer; undefined when it has neither tokens nor pictures. */
export function decodeUsage(body: JsonObject, itemsOf: ItemCount = () => undefined): Usage | undefined {
  const tokens = decodeTokens(body["usage"]);
  const images = itemsOf("data");
  if (images === undefined) return tokens;
  return { ...(tokens ?? noUsage), units: { images } };
}

/** Of a stream, in which each finished picture has an event of its own. Earlier, partial ones are not counted. */
export function decodeEventUsage(event: JsonObject, before: Usage | undefined): Usage | undefined {
  const { type, usage } = event;
  if (typeof type !== "string" || !type.endsWith(".completed")) return undefined;
  const images = (before?.units?.images ?? 0) + 1;
  return { ...(decodeTokens(usage) ?? before ?? noUsage), units: { images } };
}

function decodeTokens(usage: JsonValue | undefined): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const { input_tokens: input, output_tokens: output } = usage;
  if (typeof input !== "number" && typeof output !== "number") return undefined;
  const ofInput = isObject(usage["input_tokens_details"]) ? usage["input_tokens_details"] : {};
  const ofOutput = isObject(usage["output_tokens_details"]) ? usage["output_tokens_details"] : {};
  return {
    ...noUsage,
    input: count(input),
    output: count(output),
    cacheRead: count(ofInput["cached_tokens"]),
    imageInput: count(ofInput["image_tokens"]),
    // All of it, unless the answer tells text from pictures, as models do that think before they draw.
    imageOutput: countIfSaid(ofOutput["image_tokens"]) ?? count(output),
  };
}
