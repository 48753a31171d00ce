/**
 * Fields of OpenAI's two APIs that no other vendor knows and that mean the same in both. They have no neutral meaning,
 * so they travel in the request's `extra`, under the name that the client's API has for them.
 *
 * Source: https://platform.openai.com/docs/guides/migrate-to-responses
 */
import type { ConversationRequest } from "../../conversation/request.ts";
import type { JsonValue } from "../../json/types.ts";

/** Named alike in both. */
const alike = new Set([
  ...["metadata", "store", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"],
  ...["safety_identifier", "moderation"],
]);
const verbosity = { "openai-chat": "verbosity", "openai-responses": "text.verbosity" } as const;

/** The fields of a request of the other API, under the names of this one. @param home the API that is encoded for */
export function vendorFields(request: ConversationRequest, home: keyof typeof verbosity): VendorFields {
  const { dialect, extra } = request;
  if (dialect === home || (dialect !== "openai-chat" && dialect !== "openai-responses")) return {};
  const fields: Record<string, { readonly from: string; readonly value: JsonValue }> = {};
  for (const [from, value] of Object.entries(extra)) {
    if (alike.has(from)) fields[from] = { from, value };
    else if (from === verbosity[dialect]) fields[verbosity[home]] = { from, value };
  }
  return fields;
}

/** By the name here; `from` is the name in the client's request. */
export type VendorFields = Readonly<Record<string, { readonly from: string; readonly value: JsonValue }>>;
