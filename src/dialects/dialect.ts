/**
 * What every wire format offers. A dialect is pure and synchronous: no I/O, no clock, no randomness of its own
 * (ids come from `EncodeContext`), so that every translation can be tested as a table.
 *
 * Each direction goes through the conversation (`src/conversation`): N dialects make N×N pairs. When client and
 * target speak the same dialect nothing is decoded; `Passthrough` is all that such a call needs.
 */
import type { Answer } from "../conversation/answer.ts";
import type { ProviderError } from "../conversation/error.ts";
import type { StreamEvent } from "../conversation/events.ts";
import type { FetchedFiles, FileKind } from "../conversation/files.ts";
import type { Losses } from "../conversation/losses.ts";
import type { Modality } from "../conversation/modalities.ts";
import type { AnyDialectName, DialectName } from "../conversation/parts.ts";
import type { ConversationRequest } from "../conversation/request.ts";
import type { Usage } from "../conversation/usage.ts";
import type { JsonDocument } from "../json/document.ts";
import type { JsonObject } from "../json/types.ts";
import type { Operation, Told } from "./operation.ts";
import type { Seal } from "./seal.ts";

/** What an encoder of requests must know of the target. */
export interface EncodeTarget {
  /** The model to name in the request. */
  readonly model: string;
  /** Sent when the client gave no limit and the format demands one. Tokens. */
  readonly defaultMaxTokens?: number;
  /** What the model takes; everything unless given. The request has been cut down to it before it is encoded. */
  readonly accepts?: readonly Modality[];
  readonly quirks: Quirks;
  /** The policy lets the gateway fetch what the target cannot: the files that it has by now. */
  readonly fetched?: FetchedFiles;
}

/** How a vendor that speaks a dialect differs from it: data in the provider's row or in the policy. */
export interface Quirks {
  /** Fields that the server refuses; removed from the encoded request and reported as lost. */
  readonly unsupported: readonly string[];
  /** Top-level fields under another name, e.g. `max_completion_tokens` → `max_tokens`. */
  readonly renamed: Readonly<Record<string, string>>;
  /**
   * Top-level fields that the server does not take, because what they say is said elsewhere (the model in its path)
   * or goes without saying. Nothing is lost. Anthropic's dialect and OpenAI's two.
   */
  readonly elsewhere?: readonly string[];
  /** Anthropic's dialect: top-level fields that the server demands beside the format's own. */
  readonly added?: Readonly<JsonObject>;
  /** OpenAI's chat dialect: the server may be the gateway that put signatures into ids of calls (`thought-ids.ts`). */
  readonly readsThoughtIds?: true;
  /** The server takes media as bytes only, whatever the format knows of URLs. */
  readonly fetchesNoUrls?: boolean;
  /** OpenAI's chat dialect: what the server wants otherwise in messages. */
  readonly messages?: MessageQuirks;
}

/** How a vendor's messages differ from OpenAI's. */
export interface MessageQuirks {
  /** Ids of tool calls must be nine letters or digits; others are replaced by a digest. */
  readonly nineLetterIds?: boolean;
  /** Knows the role only as `system`. */
  readonly refusesDeveloper?: boolean;
  /** Reasoning in messages is an error; removed and reported as lost. */
  readonly refusesReasoning?: boolean;
}

export const noQuirks: Quirks = Object.freeze({ unsupported: [], renamed: {} });

/** What an encoder of answers must know of the exchange. */
export interface EncodeContext {
  /** The model name to show, as the client asked for it. */
  readonly model: string;
  /** The client's request wanted a usage event in its stream. */
  readonly includeUsage: boolean;
  /** Unix seconds, for formats that carry a time. */
  readonly now: number;
  /** A unique id without prefix, `[a-zA-Z0-9]{24}`, for formats that demand one where the provider gave none. */
  readonly newId: () => string;
  /** Signs the reasoning of other dialects' providers, which the client keeps for them. */
  readonly seal: Seal;
  /** What the client's dialect kept of the request for its answers; see `ClientDialect.echo`. */
  readonly echo?: JsonObject;
  /** The request's tokens by our estimate, for answers that do not count them. */
  readonly inputTokens?: number;
  /** Of the client's call with its query, for formats whose streams have a form that is asked for there. */
  readonly path?: string;
}

/** An HTTP answer in a dialect's own words. */
export interface EncodedError {
  readonly status: number;
  /** Beside `content-type: application/json`, e.g. `retry-after`. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body: JsonObject;
}

/** Bytes in, events out; cut anywhere. */
export interface StreamDecoder {
  push(chunk: Uint8Array): StreamEvent[];
  /** The upstream has ended. A stream that was not complete yields an `error` event. */
  end(): StreamEvent[];
}

/** Events in, text of the wire format out. */
export interface StreamEncoder {
  push(event: StreamEvent): string;
}

/** Reads usage and finish out of an answer that is otherwise not touched, and hides what the client did not ask for. */
export interface PassthroughStream {
  /** The bytes to forward for this chunk. Incomplete events are held back until they are whole. */
  push(chunk: Uint8Array): Uint8Array;
  /** The bytes still held. */
  end(): Uint8Array;
  /** The last usage reported; undefined if none came. */
  readonly usage: Usage | undefined;
  /** The model that the provider says it used; undefined until it said so. */
  readonly model: string | undefined;
  /**
   * Characters of text, thinking and arguments seen so far: the estimate's base when no usage came. Bytes where it is
   * sound or pictures.
   */
  readonly outputCharacters: number;
  /** True once the stream's own end was seen; false means it was cut. */
  readonly complete: boolean;
  /** An error that came as the first event, before any content: it can still become an HTTP status. */
  readonly firstError: ProviderError | undefined;
  /** False until the first event has been seen: nothing should be sent to the client before. */
  readonly started: boolean;
}

/** How many items the answer's list of that name has; undefined when it has none. */
export type ItemCount = (name: string) => number | undefined;

/** Everything a call needs whose client and target speak this dialect. */
export interface Passthrough {
  /**
   * The body for the target: the client's own bytes with the model's name replaced and, for streams, usage asked
   * for. Quirks of the target are applied to top-level fields.
   */
  request(body: JsonDocument, target: EncodeTarget, losses: Losses): Uint8Array;
  /**
   * Reads a whole answer.
   *
   * @param body without what is too large to be read here and now
   * @param itemsOf counts without reading, however large the list is
   */
  usage(body: JsonObject, itemsOf?: ItemCount): Usage | undefined;
  /** An error that came as a success, in place of an answer. Its status is that of an error. Absent: none are known. */
  error?(body: JsonObject): ProviderError | undefined;
  /** The model that a whole answer says was used; its `model` unless the format has another place for it. */
  model?(body: JsonObject): string | undefined;
  /** An answer of this MIME type goes on as it comes; `text/event-stream` unless given. */
  streams?(contentType: string): boolean;
  /**
   * @param path of the client's call with its query; see `ClientDialect.streamTypeFor`
   * @param contentType of the answer, where there is more than one kind of stream
   */
  stream(includeUsage: boolean, path?: string, contentType?: string): PassthroughStream;
}

/** The few facts of a request that routing needs, read without decoding it. */
export interface RequestOutline {
  readonly model: string;
  readonly stream: boolean;
  /** The client's own limit, if any. Tokens. */
  readonly maxOutputTokens: number | undefined;
  /** How many answers are asked for; one unless given. Each may have `maxOutputTokens`. */
  readonly answers?: number | undefined;
  /** Streams only: usage was asked for by the client. */
  readonly includeUsage: boolean;
}

/** What a decoder of requests must know of the client's call, beside its body. */
export interface ClientCall {
  /** With its query, for formats that keep the model or the streaming there. */
  readonly path: string;
  /** Tells reasoning that came from us, unchanged, from any other. */
  readonly seal: Seal;
}

/**
 * The side of a format that applications speak.
 *
 * @template Asked the request in the operation's neutral form
 * @template Answered the answer in it
 */
export interface ClientDialect<
  Asked = ConversationRequest,
  Answered extends Told = Answer,
  Name extends AnyDialectName = DialectName,
> {
  readonly name: Name;
  readonly operation: Operation<Asked>;
  /**
   * Requests may come as `multipart/form-data`, whose text fields are then the document's members; JSON only unless
   * given. Nothing in a form is translated, so it is for operations that pass.
   */
  readonly forms?: boolean;
  /**
   * @param path of the client's call with its query, for formats that keep the model or the streaming there
   * @throws InvalidRequestError when the model is missing or not a string
   */
  outline(body: JsonDocument, path: string): RequestOutline;
  /**
   * The same request, whose answer may have at most so many tokens; the very same bytes when its own limit is not
   * above. Absent: its answers have no length.
   *
   * @param tokens at least 1
   */
  limitOutput?(body: JsonDocument, tokens: number): Uint8Array;
  /** @throws InvalidRequestError with the JSON path */
  decodeRequest(body: JsonObject, call: ClientCall): Asked;
  /** Members of the request that this format repeats in its answers; small ones only, they are kept meanwhile. */
  echo?(body: JsonDocument): JsonObject;
  encodeAnswer(answer: Answered, context: EncodeContext, losses: Losses): JsonObject;
  streamEncoder(context: EncodeContext): StreamEncoder;
  /**
   * MIME type of the streams that a client gets who calls by this path, where that is not an event stream. Targets are
   * asked for event streams all the same: what passes is put into the other form.
   */
  streamTypeFor?(path: string): string | undefined;
  encodeError(error: ProviderError): EncodedError;
  /** How this dialect's SDK expects the list of models. */
  readonly models: ModelListing;
  /** For targets of the same dialect. */
  readonly passthrough: Passthrough;
}

/** The side of a format that providers speak. Templates as in `ClientDialect`. */
export interface TargetDialect<
  Asked = ConversationRequest,
  Answered extends Told = Answer,
  Name extends AnyDialectName = DialectName,
> {
  readonly name: Name;
  readonly operation: Operation<Asked>;
  /** @throws InvalidRequestError when the target cannot take the request at all */
  encodeRequest(request: Asked, target: EncodeTarget, losses: Losses): JsonObject;
  /** Headers in which answers tell what their bodies do not; lower case. */
  readonly answerHeaders?: readonly string[];
  /**
   * Why a file that a request of another dialect names by this URL cannot go to the target as it is, though its bytes
   * could; undefined: it can. Absent: any can.
   */
  urlObjection?(kind: FileKind, url: string, target: EncodeTarget): string | undefined;
  /**
   * @param head what came before the body, of a success; for formats in which it tells what the body does not
   * @throws ProviderAnswerError when the body is an error all the same
   * @throws Error when the body is not an answer of this dialect
   */
  decodeAnswer(body: JsonObject, head?: AnswerHead): Answered;
  /** MIME type of a streamed answer; `text/event-stream` unless given. */
  readonly streamContentType?: string;
  streamDecoder(): StreamDecoder;
  /** @param body the parsed body, or the text when it is not JSON */
  decodeError(
    status: number,
    header: (name: string) => string | undefined,
    body: JsonObject | string,
  ): ProviderError;
}

/** What came before an answer's body. */
export interface AnswerHead {
  /** The HTTP status. */
  readonly status: number;
  /** Those of `answerHeaders` that it has, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A format that both sides speak. */
export type Dialect<
  Asked = ConversationRequest,
  Answered extends Told = Answer,
  Name extends AnyDialectName = DialectName,
> = ClientDialect<Asked, Answered, Name> & TargetDialect<Asked, Answered, Name>;

/** Whatever is asked: what the exchange works with. Who pairs two of the same operation may let one read the other's. */
export type AnyClientDialect = ClientDialect<unknown, Told, AnyDialectName>;
export type AnyTargetDialect = TargetDialect<unknown, Told, AnyDialectName>;

export interface ModelListing {
  list(names: readonly string[]): JsonObject;
  single(name: string): JsonObject;
}
