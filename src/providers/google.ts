/**
 * Gemini at Google AI. What fails with 400 or 500 is not charged.
 *
 * Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/api/embeddings,
 * https://ai.google.dev/gemini-api/docs/billing
 */
import { noQuirks } from "../dialects/dialect.ts";
import { formatGeneratePath } from "../dialects/gemini/paths.ts";
import { formatCountPath } from "../dialects/gemini-count-tokens/paths.ts";
import { formatEmbedPath } from "../dialects/gemini-embeddings/paths.ts";
import { finishesAll } from "./abandonment.ts";
import { geminiHeaders, headersForeignTo } from "./foreign.ts";
import { type Addressing, basePathOr, type Provider } from "./provider.ts";

export const google: Provider = {
  name: "google",
  dialect: "gemini",
  priceId: "google",
  abandoned: finishesAll,
  quirks: noQuirks,
  // v1 lacks what v1beta has: JSON Schema for functions and output, thinking, system instructions.
  path: (addressing) => `${addressing.settings.basePath ?? "/v1beta"}${formatGeneratePath(addressing)}`,
  headers: ownHeaders,
  also: [
    {
      dialect: "gemini-count-tokens",
      quirks: noQuirks,
      path: ({ settings, model }) => `${settings.basePath ?? "/v1beta"}${formatCountPath(model)}`,
      headers: ownHeaders,
    },
    {
      dialect: "gemini-embeddings",
      quirks: noQuirks,
      path: ({ settings, model }) => `${settings.basePath ?? "/v1beta"}${formatEmbedPath(model)}`,
      headers: () => [],
    },
  ],
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
