/**
 * Anything that speaks OpenAI's formats: vLLM, Ollama, Groq, Mistral, … How one differs is said in the policy
 * (`base_path`, `quirks`), so that a new vendor needs no release of ours.
 */
import { noQuirks } from "../dialects/dialect.ts";
import { headersForeignTo } from "./foreign.ts";
import { chatCompletionsPath } from "./openai.ts";
import { openaiEndpoints, openaiOthers } from "./openai-endpoints.ts";
import { openaiHeaders } from "./openai-headers.ts";
import { basePathOr, type Provider } from "./provider.ts";

export const openaiCompatible: Provider = {
  name: "openai-compatible",
  dialect: "openai-chat",
  priceId: undefined,
  quirks: noQuirks,
  path: chatCompletionsPath,
  headers: openaiHeaders,
  // What it does not have, it will say.
  also: openaiEndpoints([...openaiOthers, "rerank"]),
  callsAt: basePathOr("/v1"),
  foreignHeaders: headersForeignTo("openai-chat"),
};
