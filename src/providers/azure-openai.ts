/**
 * OpenAI's models at Azure. With `api_version` by the paths of deployments, whose names stand in for the model's;
 * without, by the v1 paths, which need none.
 *
 * Sources: https://learn.microsoft.com/azure/ai-foundry/openai/reference,
 * https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
import { noQuirks } from "../dialects/dialect.ts";
import { headersForeignTo } from "./foreign.ts";
import type { Addressing, Provider } from "./provider.ts";

export const azureOpenai: Provider = {
  name: "azure-openai",
  dialect: "openai-chat",
  priceId: "azure",
  quirks: noQuirks,
  path: azurePath("/chat/completions"),
  headers: () => [],
  also: [
    {
      dialect: "openai-embeddings",
      quirks: noQuirks,
      path: azurePath("/embeddings"),
      headers: () => [],
    },
  ],
  foreignHeaders: headersForeignTo("openai-chat"),
};

/** The same by the Responses API, of which dated versions name the deployment in the body. */
export const azureOpenaiResponses: Provider = {
  ...azureOpenai,
  name: "azure-openai-responses",
  dialect: "openai-responses",
  path: ({ settings: { basePath, apiVersion } }) =>
    apiVersion === undefined
      ? `${basePath ?? "/openai/v1"}/responses`
      : `${basePath ?? "/openai"}/responses?api-version=${encodeURIComponent(apiVersion)}`,
  foreignHeaders: headersForeignTo("openai-responses"),
};

/** @param place behind what names the deployment */
function azurePath(place: string): (addressing: Addressing) => string {
  return ({ settings: { basePath, apiVersion }, model }) => {
    if (apiVersion === undefined) return `${basePath ?? "/openai/v1"}${place}`;
    const deployment = `deployments/${encodeURIComponent(model)}`;
    return `${basePath ?? "/openai"}/${deployment}${place}?api-version=${encodeURIComponent(apiVersion)}`;
  };
}
