/**
 * Cloudflare's models, by its endpoint in OpenAI's format. The path names the account that pays.
 *
 * Source: https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/
 */
import type { Quirks } from "../dialects/dialect.ts";
import { headersForeignTo } from "./foreign.ts";
import { openaiHeaders } from "./openai-headers.ts";
import type { Provider, TargetSettings } from "./provider.ts";

/** Every model's schema has the older name, few the newer; a limit that is not understood is 256 tokens. */
const quirks: Quirks = Object.freeze({ unsupported: [], renamed: { max_completion_tokens: "max_tokens" } });

export const cloudflareWorkersAi: Provider = {
  name: "cloudflare-workers-ai",
  dialect: "openai-chat",
  priceId: "cloudflare",
  quirks,
  path: ({ settings }) => `${accountPath(settings)}/chat/completions`,
  headers: openaiHeaders,
  callsAt: (settings) => ({ basePath: accountPath(settings) }),
  foreignHeaders: headersForeignTo("openai-chat"),
};

function accountPath({ basePath, account = "" }: TargetSettings): string {
  return `${basePath ?? "/client/v4"}/accounts/${encodeURIComponent(account)}/ai/v1`;
}
