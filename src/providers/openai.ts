/** OpenAI itself. Source: https://platform.openai.com/docs/api-reference/chat */
import { noQuirks } from "../dialects/dialect.ts";
import { stopsStreams } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import { openaiEndpoints, openaiOthers, openaisOwn } from "./openai-endpoints.ts";
import { openaiHeaders } from "./openai-headers.ts";
import { type Addressing, basePathOr, type Provider } from "./provider.ts";

export const openai: Provider = {
  name: "openai",
  dialect: "openai-chat",
  priceId: "openai",
  abandoned: stopsStreams,
  quirks: noQuirks,
  path: chatCompletionsPath,
  headers: openaiHeaders,
  also: openaiEndpoints([
    ...(["openai-responses", "openai-completions", "openai-embeddings", "openai-input-tokens"] as const),
    ...openaiOthers,
  ]).map(openaisOwn),
  callsAt: basePathOr("/v1"),
  foreignHeaders: headersForeignTo("openai-chat"),
};

/** Where OpenAI and those that copy it take chat requests. */
export function chatCompletionsPath({ settings }: Addressing, usual = "/v1"): string {
  return `${settings.basePath ?? usual}/chat/completions`;
}
