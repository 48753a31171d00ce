/** A request to a model in neutral form: what a client dialect decodes to and a target dialect encodes from. */
import type { JsonObject, JsonValue } from "../json/types.ts";
import type { CacheMarker, DialectName, Part } from "./parts.ts";

/**
 * One message. `system` turns may stand anywhere; whoever encodes decides what its format can express.
 * Tool results are parts of `user` turns, directly after the assistant turn that made the calls.
 */
export interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly parts: readonly Part[];
  /** The speaker's name, where the format has one. */
  readonly name?: string;
  /** JSON path in the client's request, e.g. `messages[3]`. */
  readonly at: string;
}

/** A function that the model may call. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments object. */
  readonly parameters?: JsonObject;
  /** Arguments must match the schema exactly (OpenAI `strict`, Anthropic `strict`). */
  readonly strict?: boolean;
  readonly cache?: CacheMarker;
  readonly at: string;
}

/** A tool that only its own dialect knows (web search, code execution, custom grammar, …). */
export interface ForeignTool {
  readonly dialect: DialectName;
  readonly value: JsonObject;
  readonly at: string;
}

export type ToolChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "none" }
  | { readonly kind: "required" }
  | { readonly kind: "tool"; readonly name: string };

/** How hard the model is asked to think. Each dialect has its own measure; both are kept when given. */
export interface ReasoningRequest {
  readonly enabled: boolean;
  readonly effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";
  /** Tokens. */
  readonly budget?: number;
}

/** What form the answer must have. */
export type OutputFormat =
  | { readonly kind: "text" }
  | { readonly kind: "json" }
  | {
      readonly kind: "json-schema";
      readonly name?: string;
      readonly description?: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

export interface ConversationRequest {
  /** As the client asked; routing may replace it. */
  readonly model: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly foreignTools: readonly ForeignTool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  /** Tokens. */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop: readonly string[];
  readonly seed?: number;
  /** How many answers (`n`). */
  readonly candidates?: number;
  readonly logprobs?: boolean;
  readonly topLogprobs?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly reasoning?: ReasoningRequest;
  readonly output?: OutputFormat;
  /** The end user's id, as the client gave it. */
  readonly user?: string;
  readonly serviceTier?: string;
  readonly stream: boolean;
  /** Streams only: the client wants a usage event. */
  readonly includeUsage: boolean;
  /**
   * The provider keeps the conversation, or is asked to (Anthropic `thread`), and the request holds its newest part
   * only: no other provider can answer it. Where the request says so, the code by which its dialect refuses it, and
   * what the client can do about it.
   */
  readonly kept?: { readonly at: string; readonly code: string; readonly advice?: string };
  /** Top-level fields with no neutral meaning, by name, kept for the loss report and for the same dialect. */
  readonly extra: Readonly<Record<string, JsonValue>>;
  readonly dialect: DialectName;
  /** Where the client's dialect keeps a neutral field, e.g. `maxOutputTokens` → `max_completion_tokens`. */
  readonly paths: Readonly<Partial<Record<keyof ConversationRequest, string>>>;
}
