/** Where the client's request has a neutral field, for loss reports and errors. */
import type { ConversationRequest } from "../conversation/request.ts";

/** OpenAI's names, for requests whose decoder names no path: those that are not the neutral names. */
const commonNames: Readonly<Partial<Record<keyof ConversationRequest, string>>> = {
  turns: "messages",
  toolChoice: "tool_choice",
  parallelToolCalls: "parallel_tool_calls",
  maxOutputTokens: "max_tokens",
  topP: "top_p",
  topK: "top_k",
  candidates: "n",
  topLogprobs: "top_logprobs",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty",
  reasoning: "reasoning_effort",
  output: "response_format",
  serviceTier: "service_tier",
};

export function clientPath(request: ConversationRequest, field: keyof ConversationRequest): string {
  return request.paths[field] ?? commonNames[field] ?? field;
}
