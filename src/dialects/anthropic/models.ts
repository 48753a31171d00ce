/**
 * The list of models as Anthropic's SDKs expect it.
 *
 * Source: https://docs.anthropic.com/en/api/models-list
 */
import type { JsonObject } from "../../json/types.ts";
import type { ModelListing } from "../dialect.ts";

export const models: ModelListing = {
  list: (names) => ({
    data: names.map(single),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
  single,
};

/** `created_at` is required, and no time is known; Anthropic's own word for that is the epoch. */
function single(name: string): JsonObject {
  return { type: "model", id: name, display_name: name, created_at: "1970-01-01T00:00:00Z" };
}
