/** Requests of OpenAI clients, encoded for Bedrock: the shortest way to say what goes in. */
import { Losses } from "../../../../src/conversation/losses.ts";
import type { ConversationRequest, Turn } from "../../../../src/conversation/request.ts";
import { bedrockConverse } from "../../../../src/dialects/bedrock-converse/index.ts";
import { noQuirks, type Quirks } from "../../../../src/dialects/dialect.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { violations } from "../../../golden/bedrock-converse/aws-model.ts";
import { neutralRequest } from "../../conversation/neutral-request.ts";

export const models = {
  claude: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  claude3: "anthropic.claude-3-haiku-20240307-v1:0",
  opus: "us.anthropic.claude-opus-4-8-v1:0",
  nova: "us.amazon.nova-pro-v1:0",
  nova2: "us.amazon.nova-2-lite-v1:0",
  llama: "us.meta.llama4-maverick-17b-instruct-v1:0",
  mistral: "mistral.mistral-large-2402-v1:0",
  oss: "openai.gpt-oss-120b-1:0",
  qwen: "qwen.qwen3-32b-v1:0",
  writer: "us.writer.palmyra-x4-v1:0",
} as const;

export const user = (...parts: Turn["parts"]): Turn => ({ role: "user", parts, at: "messages[0]" });
export const assistant = (...parts: Turn["parts"]): Turn => ({ role: "assistant", parts, at: "messages[1]" });
export const system = (...parts: Turn["parts"]): Turn => ({ role: "system", parts, at: "messages[9]" });
export const text = (said: string) => ({ kind: "text" as const, text: said });
export const call = (id: string, name = "f") => ({ kind: "tool-call" as const, id, name, arguments: "{}" });
export const result = (callId: string, ...content: Turn["parts"]) => ({
  kind: "tool-result" as const,
  callId,
  content,
  isError: false,
});
export const tool = (name: string) => ({
  name,
  parameters: { type: "object", properties: {} },
  at: "tools[0]",
});

/** The body, which AWS's model finds nothing wrong with, and the losses as `path how`. */
export function encode(
  over: Partial<ConversationRequest>,
  model: keyof typeof models = "claude",
  quirks: Quirks = noQuirks,
): { body: JsonObject; losses: string[] } {
  const losses = new Losses();
  const body = bedrockConverse.encodeRequest(neutralRequest(over), { model: models[model], quirks }, losses);
  const found = violations(body);
  if (found.length > 0) throw new Error(found.join("\n"));
  return { body, losses: losses.entries.map(({ path, how }) => `${path} ${how}`) };
}
