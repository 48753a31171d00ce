/**
 * Anything that speaks OpenAI's chat format: vLLM, Ollama, Groq, Mistral, … How one differs is said in the policy
 * (`base_path`, `quirks`), so that a new vendor needs no release of ours.
 */
import { noQuirks } from "../dialects/dialect.ts";
import { headersForeignTo } from "./foreign.ts";
import { chatCompletionsPath } from "./openai.ts";
import { openaiEndpoint } from "./openai-endpoints.ts";
import { openaiHeaders } from "./openai-headers.ts";
import type { Provider } from "./provider.ts";

export const openaiCompatible: Provider = {
  name: "openai-compatible",
  dialect: "openai-chat",
  priceId: undefined,
  quirks: noQuirks,
  path: chatCompletionsPath,
  headers: openaiHeaders,
  also: [
    openaiEndpoint("openai-completions", "/v1"),
    // Not every server writes vectors as it is asked to, and SDKs read garbage then.
    openaiEndpoint("openai-embeddings", "/v1", { answersDiffer: true }),
  ],
  foreignHeaders: headersForeignTo("openai-chat"),
};
