/**
 * Gemini at Vertex AI: the same format under a path that names project and region.
 *
 * Source: https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models/generateContent
 */
import { noQuirks, type Quirks } from "../dialects/dialect.ts";
import { formatGeneratePath } from "../dialects/gemini/paths.ts";
import { formatCountPath } from "../dialects/gemini-count-tokens/paths.ts";
import { formatEmbedPath } from "../dialects/vertex-embeddings/method.ts";
import { finishesAll } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import { ownHeaders } from "./google.ts";
import type { Addressing, Provider, TargetSettings } from "./provider.ts";

/** The tier is asked for in a header there, and an unknown field is refused. */
const quirks: Quirks = Object.freeze({ unsupported: ["serviceTier"], renamed: {} });

export const vertex: Provider = {
  name: "vertex",
  dialect: "gemini",
  priceId: "google",
  abandoned: finishesAll,
  quirks,
  path: vertexPath,
  headers: ownHeaders,
  also: [
    {
      dialect: "vertex-count-tokens",
      quirks,
      path: ({ settings, model }) => `${vertexPlace(settings)}/publishers/google${formatCountPath(model)}`,
      headers: ownHeaders,
    },
    {
      dialect: "vertex-embeddings",
      quirks: noQuirks,
      path: ({ settings, model }) => `${vertexPlace(settings)}/publishers/google${formatEmbedPath(model)}`,
      headers: () => [],
    },
  ],
  foreignHeaders: headersForeignTo("gemini"),
};

function vertexPath(addressing: Addressing): string {
  return `${vertexPlace(addressing.settings)}/publishers/google${formatGeneratePath(addressing)}`;
}

/** The beginning of every path of Vertex AI, whoever published the model. */
export function vertexPlace({ basePath, project = "", location = "" }: TargetSettings): string {
  const place = `projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`;
  return `${basePath ?? "/v1"}/${place}`;
}
