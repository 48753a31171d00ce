/**
 * Anything that speaks OpenAI's formats: vLLM, Ollama, Groq, Mistral, … How one differs is said in the policy
 * (`base_path`, `quirks`), so that a new vendor needs no release of ours.
 */
import type { Quirks } from "../dialects/dialect.ts";
import { finishesAll } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import { chatCompletionsPath } from "./openai.ts";
import { openaiEndpoint, openaiEndpoints } from "./openai-endpoints.ts";
import { openaiHeaders } from "./openai-headers.ts";
import { basePathOr, type Provider } from "./provider.ts";

const quirks: Quirks = Object.freeze({ unsupported: [], renamed: {}, readsThoughtIds: true });

export const openaiCompatible: Provider = {
  name: "openai-compatible",
  dialect: "openai-chat",
  priceId: undefined,
  abandoned: finishesAll,
  quirks,
  path: chatCompletionsPath,
  headers: openaiHeaders,
  // What it does not have, it will say.
  also: [
    ...openaiEndpoints([
      ...(["openai-completions", "openai-images", "openai-speech", "openai-transcriptions"] as const),
      ...(["openai-moderations", "rerank"] as const),
    ]),
    // Not every server writes vectors as it is asked to, and SDKs read garbage then.
    openaiEndpoint("openai-embeddings", "/v1", { answersDiffer: true }),
  ],
  callsAt: basePathOr("/v1"),
  foreignHeaders: headersForeignTo("openai-chat"),
};
