/** OpenAI itself. Source: https://platform.openai.com/docs/api-reference/chat */
import { noQuirks } from "../dialects/dialect.ts";
import { headersForeignTo } from "./foreign.ts";
import type { Addressing, Provider } from "./provider.ts";

export const openai: Provider = {
  name: "openai",
  dialect: "openai-chat",
  priceId: "openai",
  quirks: noQuirks,
  path: chatCompletionsPath,
  headers: openaiHeaders,
  foreignHeaders: headersForeignTo("openai-chat"),
};

/** Where OpenAI and those that copy it take chat requests. */
export function chatCompletionsPath({ settings }: Addressing, usual = "/v1"): string {
  return `${settings.basePath ?? usual}/chat/completions`;
}

/** An attempt at another provider took the client's beta flags away; here they come back. */
export function openaiHeaders({ sameDialect, clientHeader }: Addressing): Array<readonly [string, string]> {
  const beta = sameDialect ? clientHeader("openai-beta") : undefined;
  return beta === undefined ? [] : [["openai-beta", beta]];
}
