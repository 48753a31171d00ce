/** Every probe, by dialect. A dialect that is registered and not here fails the test. */
import type { DialectName } from "../../../src/conversation/parts.ts";
import { openaiChatAnswers, openaiResponsesAnswers } from "./answers-of-openai.ts";
import { anthropicAnswers, bedrockAnswers, geminiAnswers } from "./answers-of-others.ts";
import { replicateAnswers } from "./answers-of-replicate.ts";
import type { AnswerProbe, RequestCatalogue } from "./probe.ts";
import { anthropicRequests } from "./requests-of-anthropic.ts";
import { geminiRequests } from "./requests-of-gemini.ts";
import { openaiChatRequests } from "./requests-of-openai-chat.ts";
import { openaiCompletionsRequests } from "./requests-of-openai-completions.ts";
import { openaiResponsesRequests } from "./requests-of-openai-responses.ts";

/** By client dialect. */
export const requestCatalogues: Readonly<Partial<Record<DialectName, RequestCatalogue>>> = {
  "openai-chat": openaiChatRequests,
  "openai-responses": openaiResponsesRequests,
  "openai-completions": openaiCompletionsRequests,
  anthropic: anthropicRequests,
  gemini: geminiRequests,
};

/** By target dialect. */
export const answerCatalogues: Readonly<Record<DialectName, readonly AnswerProbe[]>> = {
  "openai-chat": openaiChatAnswers,
  "openai-responses": openaiResponsesAnswers,
  // Its servers are only sent prompts, which pass.
  "openai-completions": [],
  anthropic: anthropicAnswers,
  gemini: geminiAnswers,
  "bedrock-converse": bedrockAnswers,
  replicate: replicateAnswers,
};

/** Which model is asked for in each target dialect: what a format can say depends on it. */
export const models: Readonly<Record<DialectName, string>> = {
  "openai-chat": "gpt-5.1",
  "openai-responses": "gpt-5.1",
  "openai-completions": "gpt-3.5-turbo-instruct",
  anthropic: "claude-opus-4-8",
  gemini: "gemini-3-pro-preview",
  "bedrock-converse": "us.anthropic.claude-sonnet-4-6",
  replicate: "meta/meta-llama-3-70b-instruct",
};

export const titles: Readonly<Record<DialectName, string>> = {
  "openai-chat": "OpenAI Chat Completions",
  "openai-responses": "OpenAI Responses",
  "openai-completions": "OpenAI Completions (legacy)",
  anthropic: "Anthropic Messages",
  gemini: "Gemini",
  "bedrock-converse": "Bedrock Converse",
  replicate: "Replicate",
};
