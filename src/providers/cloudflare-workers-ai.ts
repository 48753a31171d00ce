/**
 * Cloudflare's models, by its endpoint in OpenAI's format. The path names the account that pays.
 *
 * Source: https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/
 */
import { noQuirks, type Quirks } from "../dialects/dialect.ts";
import { stopsStreams } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import { openaiHeaders } from "./openai-headers.ts";
import type { Provider, TargetSettings } from "./provider.ts";

/**
 * Every model's schema has the older name, few the newer; a limit that is not understood is 256 tokens. Images are
 * data URLs: https://developers.cloudflare.com/workers-ai/models/llama-4-scout-17b-16e-instruct/
 */
const quirks: Quirks = Object.freeze({
  unsupported: [],
  renamed: { max_completion_tokens: "max_tokens" },
  fetchesNoUrls: true,
});

export const cloudflareWorkersAi: Provider = {
  name: "cloudflare-workers-ai",
  dialect: "openai-chat",
  priceId: "cloudflare",
  abandoned: stopsStreams,
  quirks,
  path: ({ settings }) => `${accountPath(settings)}/chat/completions`,
  headers: openaiHeaders,
  also: [
    {
      dialect: "openai-embeddings",
      quirks: noQuirks,
      path: ({ settings }) => `${accountPath(settings)}/embeddings`,
      headers: openaiHeaders,
      // Of base64 its page says nothing.
      answersDiffer: true,
    },
  ],
  callsAt: (settings) => ({ basePath: accountPath(settings) }),
  foreignHeaders: headersForeignTo("openai-chat"),
};

function accountPath({ basePath, account = "" }: TargetSettings): string {
  return `${basePath ?? "/client/v4"}/accounts/${encodeURIComponent(account)}/ai/v1`;
}
