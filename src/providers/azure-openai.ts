/**
 * OpenAI's models at Azure. With `api_version` by the paths of deployments, whose names stand in for the model's;
 * without, by the v1 paths, which need none.
 *
 * Sources: https://learn.microsoft.com/azure/ai-foundry/openai/reference,
 * https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
import type { AnyDialectName } from "../conversation/parts.ts";
import { noQuirks } from "../dialects/dialect.ts";
import { headersForeignTo } from "./foreign.ts";
import { openaisOwn } from "./openai-endpoints.ts";
import type { Addressing, Endpoint, Provider } from "./provider.ts";

export const azureOpenai: Provider = {
  name: "azure-openai",
  dialect: "openai-chat",
  priceId: "azure",
  quirks: noQuirks,
  path: deploymentPath("/chat/completions"),
  headers: () => [],
  also: [
    endpoint("openai-responses", responsesPath),
    endpoint("openai-embeddings", deploymentPath("/embeddings")),
    openaisOwn(endpoint("openai-completions", deploymentPath("/completions"))),
  ],
  foreignHeaders: headersForeignTo("openai-chat"),
};

/** The Responses API for whatever is asked. */
export const azureOpenaiResponses: Provider = {
  ...azureOpenai,
  name: "azure-openai-responses",
  dialect: "openai-responses",
  path: responsesPath,
  also: [endpoint("openai-embeddings", deploymentPath("/embeddings"))],
  foreignHeaders: headersForeignTo("openai-responses"),
};

function endpoint(dialect: AnyDialectName, path: Endpoint["path"]): Endpoint {
  return { dialect, quirks: noQuirks, path, headers: () => [] };
}

/** Dated versions of it name the deployment in the body. */
function responsesPath({ settings: { basePath, apiVersion } }: Addressing): string {
  return apiVersion === undefined
    ? `${basePath ?? "/openai/v1"}/responses`
    : `${basePath ?? "/openai"}/responses?api-version=${encodeURIComponent(apiVersion)}`;
}

/** @param place behind what names the deployment */
function deploymentPath(place: string): Endpoint["path"] {
  return ({ settings: { basePath, apiVersion }, model }) => {
    if (apiVersion === undefined) return `${basePath ?? "/openai/v1"}${place}`;
    const deployment = `deployments/${encodeURIComponent(model)}`;
    return `${basePath ?? "/openai"}/${deployment}${place}?api-version=${encodeURIComponent(apiVersion)}`;
  };
}
