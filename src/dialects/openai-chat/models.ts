/**
 * The list of models as OpenAI's SDKs expect it.
 *
 * Source: https://platform.openai.com/docs/api-reference/models/list
 */
import type { JsonObject } from "../../json/types.ts";
import type { ModelListing } from "../dialect.ts";

/** Lists and single entries, by name alone. */
export const models: ModelListing = {
  list: (names) => ({ object: "list", data: names.map(single) }),
  single,
};

/** `created` is required, and no time is known. */
function single(name: string): JsonObject {
  return { id: name, object: "model", created: 0, owned_by: "tollgate" };
}
