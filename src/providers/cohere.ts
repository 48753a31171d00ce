/**
 * What Cohere has beside chat in its own API, which is on the same host as its copy of OpenAI's but not below it.
 *
 * Sources: https://docs.cohere.com/reference/rerank, https://docs.cohere.com/v1/reference/rerank,
 * https://github.com/cohere-ai/cohere-developer-experience/blob/main/cohere-openapi.yaml (`/v2/audio/transcriptions`)
 */
import { noQuirks } from "../dialects/dialect.ts";
import { takesOnly } from "./openai-endpoints.ts";
import type { Addressing, CallPlace, Endpoint, TargetSettings } from "./provider.ts";

/** Of its copy of OpenAI's API. */
export const cohereBasePath = "/compatibility/v1";

export const cohereEndpoints: readonly Endpoint[] = [
  // The two versions answer differently, and clients ask for theirs.
  cohereEndpoint("rerank", ({ clientPath }) =>
    clientPath.endsWith("/v2/rerank") ? "/v2/rerank" : "/v1/rerank",
  ),
  {
    ...cohereEndpoint("openai-transcriptions", () => "/v2/audio/transcriptions"),
    takes: takesOnly(["transcriptions"]),
  },
];

/** Its datasets and batches are in its own API, each in its version. */
export function cohereCallsAt(settings: TargetSettings, version: string): CallPlace {
  return { basePath: `${rootOf(settings)}/${version}` };
}

function cohereEndpoint(dialect: Endpoint["dialect"], place: (addressing: Addressing) => string): Endpoint {
  const path = (addressing: Addressing) => `${rootOf(addressing.settings)}${place(addressing)}`;
  return { dialect, quirks: noQuirks, path, headers: () => [] };
}

/** What stands before the base path, such as a proxy's own. */
function rootOf({ basePath = cohereBasePath }: TargetSettings): string {
  return basePath.endsWith(cohereBasePath) ? basePath.slice(0, -cohereBasePath.length) : basePath;
}
