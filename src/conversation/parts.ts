/**
 * The parts that messages are made of, whatever the wire format: a message is an ordered list of them.
 *
 * Nothing here belongs to one dialect. What a dialect cannot say in these words it keeps as a `foreign` part,
 * which goes back unchanged into the same dialect and is reported as lost in any other.
 */
import type { JsonObject, JsonValue } from "../json/types.ts";

/** The wire formats of conversations, by the names that logs and metrics show. */
export const dialectNames = [
  "openai-chat",
  "openai-responses",
  "openai-completions",
  "anthropic",
  "gemini",
  "bedrock-converse",
  "replicate",
] as const;

/** A wire format. A reasoning signature is only good for the dialect that made it. */
export type DialectName = (typeof dialectNames)[number];

/** The wire formats of calls that are no conversations, likewise. */
export const otherDialectNames = [
  "openai-embeddings",
  "gemini-embeddings",
  "vertex-embeddings",
  "bedrock-embeddings",
  "anthropic-count-tokens",
  "openai-input-tokens",
  "gemini-count-tokens",
  "vertex-count-tokens",
  "bedrock-count-tokens",
  "openai-images",
  "openai-speech",
  "openai-transcriptions",
  "openai-moderations",
  "rerank",
] as const;

export type OtherDialectName = (typeof otherDialectNames)[number];

/** Any wire format. */
export type AnyDialectName = DialectName | OtherDialectName;

/** Where bytes of an image, a document or audio come from. */
export type MediaSource =
  | { readonly kind: "url"; readonly url: string }
  /** Base64 as it stood in the request, with its MIME type. */
  | { readonly kind: "base64"; readonly mediaType: string; readonly data: string }
  /** An id in the provider's own file store; means nothing elsewhere. */
  | { readonly kind: "file"; readonly id: string };

/** "Everything up to here may be cached by the provider." `ttl` as asked, e.g. `5m` or `1h`. */
export interface CacheMarker {
  readonly ttl?: string;
}

interface PartBase {
  /** JSON path in the client's request, for errors and loss reports, e.g. `messages[2].content[0]`. */
  readonly at?: string;
  readonly cache?: CacheMarker;
}

export interface TextPart extends PartBase {
  readonly kind: "text";
  readonly text: string;
  /** Citations or annotations in the dialect's own form, with the dialect they are in. */
  readonly annotations?: { readonly dialect: DialectName; readonly items: readonly JsonValue[] };
}

export interface ImagePart extends PartBase {
  readonly kind: "image";
  readonly source: MediaSource;
  readonly detail?: "low" | "high" | "auto";
}

/** A PDF or plain-text file. */
export interface DocumentPart extends PartBase {
  readonly kind: "document";
  readonly source: MediaSource | { readonly kind: "text"; readonly text: string };
  readonly name?: string;
}

export interface AudioPart extends PartBase {
  readonly kind: "audio";
  readonly source:
    | { readonly kind: "url"; readonly url: string }
    /** `format`: `wav`, `mp3`, … */
    | { readonly kind: "base64"; readonly format: string; readonly data: string };
}

/** The model's thinking. `signature` proves to the provider that made it that it is unchanged. */
export interface ReasoningPart extends PartBase {
  readonly kind: "reasoning";
  readonly text: string;
  readonly signature?: string;
  /** Encrypted thinking that only the provider can read; `text` is empty then. */
  readonly redacted?: string;
  readonly origin: DialectName;
  /** The client sent it with a proof that does not fit it, or is not ours to trust; that is left out. */
  readonly brokenSeal?: true;
}

export interface ToolCallPart extends PartBase {
  readonly kind: "tool-call";
  readonly id: string;
  readonly name: string;
  /** The arguments as JSON text, exactly as the model wrote them; may be invalid JSON. */
  readonly arguments: string;
}

export interface ToolResultPart extends PartBase {
  readonly kind: "tool-result";
  readonly callId: string;
  readonly content: readonly Part[];
  readonly isError: boolean;
}

export interface RefusalPart extends PartBase {
  readonly kind: "refusal";
  readonly text: string;
}

/** A part that only its own dialect knows (server tools, search results, …). */
export interface ForeignPart extends PartBase {
  readonly kind: "foreign";
  readonly dialect: DialectName;
  readonly value: JsonObject;
}

export type Part =
  | TextPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | RefusalPart
  | ForeignPart;
