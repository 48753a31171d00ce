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

/** All members are required. No time is known, which Anthropic tells by the epoch, and of the rest nothing. */
function single(name: string): JsonObject {
  return {
    type: "model",
    id: name,
    display_name: name,
    created_at: "1970-01-01T00:00:00Z",
    lifecycle: "active",
    deprecated_at: null,
    retires_at: null,
    line: null,
    capabilities: null,
    max_input_tokens: null,
    max_tokens: null,
  };
}
