/**
 * OpenAI by its Responses API for every conversation, and servers that copy it (`base_path` says where). The same keys and
 * headers as for chat.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses
 */
import { headersForeignTo } from "./foreign.ts";
import { openai } from "./openai.ts";
import { openaiEndpoints, openaiOthers } from "./openai-endpoints.ts";
import type { Provider } from "./provider.ts";

export const openaiResponses: Provider = {
  ...openai,
  name: "openai-responses",
  dialect: "openai-responses",
  path: ({ settings }) => `${settings.basePath ?? "/v1"}/responses`,
  also: openaiEndpoints(["openai-embeddings", "openai-input-tokens", ...openaiOthers]),
  foreignHeaders: headersForeignTo("openai-responses"),
};
