/** What a reranking took, as each vendor counts it. */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { count, countIfSaid } from "../counts.ts";

/**
 * Cohere bills searches (`meta.billed_units.search_units`), of which one is a query with up to a hundred documents; the
 * others tokens (`usage.total_tokens`). Whatever is said is kept; nothing is put out.
 */
export function decodeUsage(body: JsonObject): Usage | undefined {
  const meta = isObject(body["meta"]) ? body["meta"] : {};
  const billed = isObject(meta["billed_units"]) ? meta["billed_units"] : {};
  const tokens = isObject(meta["tokens"]) ? meta["tokens"] : {};
  const usage = isObject(body["usage"]) ? body["usage"] : {};
  const searches = countIfSaid(billed["search_units"] ?? usage["search_units"]);
  const input =
    usage["total_tokens"] ?? usage["prompt_tokens"] ?? tokens["input_tokens"] ?? billed["input_tokens"];
  if (searches === undefined && typeof input !== "number") return undefined;
  const units = searches === undefined ? {} : { units: { searches } };
  return { ...noUsage, input: count(input), ...units };
}
