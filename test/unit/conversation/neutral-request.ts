/** A request in the neutral form, as OpenAI's clients send it: nothing but a model and what the test is about. */
import type { ConversationRequest } from "../../../src/conversation/request.ts";

export function neutralRequest(fields: Partial<ConversationRequest> = {}): ConversationRequest {
  return {
    model: "asked",
    turns: [{ role: "user", parts: [{ kind: "text", text: "Hello" }], at: "messages[0]" }],
    tools: [],
    foreignTools: [],
    stop: [],
    stream: false,
    includeUsage: false,
    extra: {},
    dialect: "openai-chat",
    paths: {},
    ...fields,
  };
}
