/** What a table of requests holds: the client's words, and what the other provider must be sent for them. */
import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";

type Sent<Params> = Omit<Params, "model" | "stream">;

export type OpenAiBody = Sent<OpenAI.ChatCompletionCreateParams>;
/** The SDK follows an API version that knows no sampling any more; translated requests use an earlier one. */
export type ClaudeBody = Sent<Anthropic.MessageCreateParams> & { temperature?: number; top_p?: number };

/** What is lost on the way: paths in the client's request, as `x-tollgate-lossy` lists them. */
interface Losing {
  readonly lossy?: readonly string[];
}

export interface FromOpenAi extends Losing {
  readonly name: string;
  /** Of Anthropic; `claude-sonnet-4-5` unless given. */
  readonly model?: string;
  readonly asked: OpenAiBody;
  readonly claude: ClaudeBody;
}

export interface FromAnthropic extends Losing {
  readonly name: string;
  /** Of OpenAI; `gpt-4.1` unless given. */
  readonly model?: string;
  readonly asked: ClaudeBody;
  readonly openai: OpenAiBody;
}

/** A red dot. */
export const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
/** `%PDF-1.4` and an end. */
export const pdf = Buffer.from("%PDF-1.4\n%%EOF\n").toString("base64");

export const weather = {
  name: "get_weather",
  description: "The weather in a city",
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
} as const;

export const person = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: "integer" } },
  required: ["name", "age"],
  additionalProperties: false,
} as const;
