/**
 * OpenAI's models at Azure. With `api_version` by the paths of deployments, whose names stand in for the model's;
 * without, by the v1 paths, which need none.
 *
 * Sources: https://learn.microsoft.com/azure/ai-foundry/openai/reference,
 * https://learn.microsoft.com/azure/ai-foundry/openai/reference-preview (images, audio),
 * https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
import { noQuirks } from "../dialects/dialect.ts";
import { type Abandonment, stopsStreams } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import { type OpenaiPart, openaiPlace, openaisOwn, takesOnly } from "./openai-endpoints.ts";
import type { Addressing, Endpoint, Provider } from "./provider.ts";

/**
 * "If the service performs processing, you may be charged even if the status code is not successful": 408 for a timeout,
 * 400 for what a content filter stopped. Most 400s are for requests that were never processed, and cost nothing; the
 * status alone does not tell them apart.
 *
 * Source: https://learn.microsoft.com/azure/ai-services/openai/how-to/manage-costs
 */
const abandoned: Abandonment = Object.freeze({ ...stopsStreams, billedStatuses: [408] });

/** By the paths of deployments or by the v1 paths, as chat. */
const others: readonly Endpoint[] = [
  other("openai-embeddings"),
  { ...other("openai-images"), takes: takesOnly(["generations", "edits"]) },
  other("openai-speech"),
  other("openai-transcriptions"),
];

export const azureOpenai: Provider = {
  name: "azure-openai",
  dialect: "openai-chat",
  priceId: "azure",
  abandoned,
  quirks: noQuirks,
  path: (addressing) => deploymentPath(addressing, "/chat/completions"),
  headers: () => [],
  also: [
    { dialect: "openai-responses", quirks: noQuirks, path: responsesPath, headers: () => [] },
    openaisOwn(other("openai-completions")),
    ...others,
  ],
  callsAt: ({ basePath, apiVersion }) =>
    apiVersion === undefined
      ? { basePath: basePath ?? "/openai/v1" }
      : { basePath: basePath ?? "/openai", query: { "api-version": apiVersion } },
  foreignHeaders: headersForeignTo("openai-chat"),
};

/** The Responses API for whatever is asked. */
export const azureOpenaiResponses: Provider = {
  ...azureOpenai,
  name: "azure-openai-responses",
  dialect: "openai-responses",
  path: responsesPath,
  also: others,
  foreignHeaders: headersForeignTo("openai-responses"),
};

function other(dialect: OpenaiPart): Endpoint {
  const path = (addressing: Addressing) => deploymentPath(addressing, openaiPlace(dialect, addressing));
  return { dialect, quirks: noQuirks, path, headers: () => [] };
}

/** Dated versions of it name the deployment in the body. */
function responsesPath({ settings: { basePath, apiVersion } }: Addressing): string {
  return apiVersion === undefined
    ? `${basePath ?? "/openai/v1"}/responses`
    : `${basePath ?? "/openai"}/responses?api-version=${encodeURIComponent(apiVersion)}`;
}

/** @param place behind what names the deployment */
function deploymentPath({ settings, model }: Addressing, place: string): string {
  const { basePath, apiVersion } = settings;
  if (apiVersion === undefined) return `${basePath ?? "/openai/v1"}${place}`;
  const deployment = `deployments/${encodeURIComponent(model)}`;
  return `${basePath ?? "/openai"}/${deployment}${place}?api-version=${encodeURIComponent(apiVersion)}`;
}
