/**
 * Cloudflare's models, by its endpoint in OpenAI's format. The path names the account that pays.
 *
 * Source: https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/
 */
import type { Quirks } from "../dialects/dialect.ts";
import { headersForeignTo } from "./foreign.ts";
import { openaiHeaders } from "./openai-headers.ts";
import type { Provider } from "./provider.ts";

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
  quirks,
  path: ({ settings }) => {
    const account = encodeURIComponent(settings.account ?? "");
    return `${settings.basePath ?? "/client/v4"}/accounts/${account}/ai/v1/chat/completions`;
  },
  headers: openaiHeaders,
  foreignHeaders: headersForeignTo("openai-chat"),
};
