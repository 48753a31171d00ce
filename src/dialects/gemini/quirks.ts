/** Servers that speak the dialect but not all of it: top-level fields they refuse or call otherwise. */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { Quirks } from "../dialect.ts";

/** Which of the client's fields a field of the body comes from. */
const sources: Readonly<Record<string, keyof ConversationRequest>> = {
  systemInstruction: "turns",
  tools: "tools",
  toolConfig: "toolChoice",
  serviceTier: "serviceTier",
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
    const source = sources[field];
    losses.dropped(source === undefined ? field : clientPath(request, source), "the provider refuses it");
  }
  for (const [field, name] of Object.entries(quirks.renamed)) {
    const value = body[field];
    if (value === undefined) continue;
    delete body[field];
    body[name] ??= value;
  }
  return body;
}
