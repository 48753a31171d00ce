/** Vendors that speak the dialect but not all of it: fields they refuse or call otherwise. */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { Quirks } from "../dialect.ts";

/** Which of the client's fields a field of the body comes from, where the names differ. */
const sources: Readonly<Record<string, keyof ConversationRequest>> = {
  max_tokens: "maxOutputTokens",
  top_p: "topP",
  top_k: "topK",
  stop_sequences: "stop",
  thinking: "reasoning",
  output_config: "output",
  metadata: "user",
  service_tier: "serviceTier",
  tool_choice: "toolChoice",
};

export function applyQuirks(
  body: JsonObject,
  quirks: Quirks,
  request: ConversationRequest,
  losses: Losses,
): JsonObject {
  for (const field of quirks.unsupported) {
    if (body[field] === undefined) continue;
    delete body[field];
    const isEffort = field === "output_config" && request.output === undefined;
    const source = isEffort ? "reasoning" : sources[field];
    losses.dropped(source === undefined ? field : clientPath(request, source), "the provider refuses it");
  }
  for (const field of quirks.elsewhere ?? []) delete body[field];
  Object.assign(body, quirks.added);
  for (const [field, name] of Object.entries(quirks.renamed)) {
    const value = body[field];
    if (value === undefined) continue;
    delete body[field];
    body[name] ??= value;
  }
  return body;
}
