/** Requests of OpenAI clients, encoded for Replicate: the shortest way to say what goes in. */
import { Losses } from "../../../../src/conversation/losses.ts";
import type { ConversationRequest, Turn } from "../../../../src/conversation/request.ts";
import { noQuirks, type Quirks } from "../../../../src/dialects/dialect.ts";
import { replicate } from "../../../../src/dialects/replicate/index.ts";
import { isObject, type JsonObject } from "../../../../src/json/types.ts";
import { violations } from "../../../golden/replicate/published-schemas.ts";
import { neutralRequest } from "../../conversation/neutral-request.ts";

export const models = {
  llama: "meta/meta-llama-3.1-405b-instruct",
  llama3: "meta/meta-llama-3-8b-instruct",
  llama2: "meta/llama-2-70b-chat",
  deepseek: "deepseek-ai/deepseek-v3.1",
  gpt: "openai/gpt-4.1-mini",
  gpt5: "openai/gpt-5-nano",
  gpt51: "openai/gpt-5.1",
  o1: "openai/o1",
  o4: "openai/o4-mini",
  claude35: "anthropic/claude-3.5-sonnet",
  claude4: "anthropic/claude-4-sonnet",
  claude5: "anthropic/claude-sonnet-5",
  gemini: "google/gemini-2.5-flash",
  gemini3: "google/gemini-3-pro",
  version: `acme/chat:${"5c".repeat(32)}`,
  deployment: "deployments/acme/chat",
} as const;

export const user = (...parts: Turn["parts"]): Turn => ({ role: "user", parts, at: "messages[0]" });
export const assistant = (...parts: Turn["parts"]): Turn => ({ role: "assistant", parts, at: "messages[1]" });
export const system = (...parts: Turn["parts"]): Turn => ({ role: "system", parts, at: "messages[9]" });
export const text = (said: string) => ({ kind: "text" as const, text: said });

/** The body, with nothing in it that the model's published schema does not have, and the losses as `path how`. */
export function encode(
  over: Partial<ConversationRequest>,
  model: keyof typeof models | { readonly named: string } = "llama",
  quirks: Quirks = noQuirks,
): { body: JsonObject; input: JsonObject; losses: string[] } {
  const losses = new Losses();
  const name = typeof model === "string" ? models[model] : model.named;
  const body = replicate.encodeRequest(neutralRequest(over), { model: name, quirks }, losses);
  const found = quirks === noQuirks ? violations(name, body) : [];
  if (found.length > 0) throw new Error(found.join("\n"));
  const input = isObject(body["input"]) ? body["input"] : {};
  return { body, input, losses: losses.entries.map(({ path, how }) => `${path} ${how}`) };
}
