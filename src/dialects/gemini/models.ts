/**
 * The list of models as Google's SDKs expect it.
 *
 * Source: https://ai.google.dev/api/models#v1beta.models.list
 */
import type { JsonObject } from "../../json/types.ts";
import type { ModelListing } from "../dialect.ts";

/** All on one page. */
export const models: ModelListing = {
  list: (names) => ({ models: names.map(single) }),
  single,
};

/** Limits are left out: they are not known. */
function single(name: string): JsonObject {
  return {
    name: `models/${name}`,
    version: "",
    displayName: name,
    supportedGenerationMethods: ["generateContent", "streamGenerateContent"],
  };
}
