/** Gemini at Google AI. Source: https://ai.google.dev/api/generate-content */
import { noQuirks } from "../dialects/dialect.ts";
import { formatGeneratePath } from "../dialects/gemini/paths.ts";
import { geminiHeaders, headersForeignTo } from "./foreign.ts";
import { type Addressing, basePathOr, type Provider } from "./provider.ts";

export const google: Provider = {
  name: "google",
  dialect: "gemini",
  priceId: "google",
  quirks: noQuirks,
  // v1 lacks what v1beta has: JSON Schema for functions and output, thinking, system instructions.
  path: (addressing) => `${addressing.settings.basePath ?? "/v1beta"}${formatGeneratePath(addressing)}`,
  headers: ownHeaders,
  callsAt: basePathOr("/v1beta"),
  foreignHeaders: headersForeignTo("gemini"),
};

/** An attempt at another provider took the client's own away; here they come back. */
export function ownHeaders({ sameDialect, clientHeader }: Addressing): Array<readonly [string, string]> {
  if (!sameDialect) return [];
  return geminiHeaders.flatMap((name) => {
    const value = clientHeader(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}
