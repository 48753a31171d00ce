/** Bodies from one dialect to another: pure, and the same on every thread. */
import { Losses } from "../conversation/losses.ts";
import { noUsage } from "../conversation/usage.ts";
import type {
  AnswerHeaders,
  AnyClientDialect,
  AnyTargetDialect,
  EncodeContext,
  EncodeTarget,
} from "../dialects/dialect.ts";
import { clientDialectNamed, targetDialectNamed } from "../dialects/registry.ts";
import { type JsonDocument, parseDocument } from "../json/document.ts";
import { isObject, type JsonObject } from "../json/types.ts";
import { estimateTextTokens } from "../tokens/estimate.ts";
import { type Translated, type TranslationJob, UnreadableAnswerError } from "./job.ts";

/**
 * The request's body for a target of the same operation. Of the client's own dialect: its own bytes, with what must
 * differ written in, unless the model does not take everything that is in them.
 *
 * @param asked the document decoded; only asked for when the dialects differ or the model does not take all
 * @throws InvalidRequestError
 */
export function translateRequest(
  client: AnyClientDialect,
  target: AnyTargetDialect,
  document: JsonDocument,
  asked: () => unknown,
  encode: EncodeTarget,
): Translated {
  const { accepted, portable, texts } = client.operation;
  const losses = new Losses();
  const isOwn = client.name === target.name;
  const cut = encode.accepts === undefined ? undefined : accepted;
  const whole = isOwn && cut === undefined ? undefined : asked();
  const taken = cut && encode.accepts ? cut(whole, encode.accepts, losses) : whole;
  const isUncut = isOwn && taken === whole;
  const body = isUncut
    ? client.passthrough.request(document, encode, losses)
    : written(target.encodeRequest(isOwn || !portable ? taken : portable(taken), encode, losses));
  const estimate = texts && !isUncut && { inputTokens: estimated(texts(taken)) };
  return { body, losses: losses.entries, ...estimate };
}

function estimated(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + estimateTextTokens(text), 0);
}

function written(body: JsonObject): Uint8Array {
  return Buffer.from(JSON.stringify(body));
}

/**
 * @param headers of the answer, those that the target's dialect reads
 * @throws UnreadableAnswerError when the bytes are not an answer of the target's dialect
 */
export function translateAnswer(
  target: AnyTargetDialect,
  client: AnyClientDialect,
  bytes: Uint8Array,
  context: EncodeContext,
  headers: AnswerHeaders = {},
): Translated {
  const losses = new Losses();
  const answer = decoded(target, bytes, headers);
  const usage = answer.usage ?? { ...noUsage, input: context.inputTokens ?? 0, estimated: true };
  const body = Buffer.from(JSON.stringify(client.encodeAnswer({ ...answer, usage }, context, losses)));
  return { body, losses: losses.entries, told: { usage, model: answer.model } };
}

function decoded(target: AnyTargetDialect, bytes: Uint8Array, headers: AnswerHeaders) {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    // V8's message may quote the text.
    throw new UnreadableAnswerError("not JSON");
  }
  if (!isObject(body)) throw new UnreadableAnswerError("not a JSON object");
  try {
    return target.decodeAnswer(body, headers);
  } catch (error) {
    // What decoders throw on purpose is a plain Error; a TypeError is ours.
    if (error instanceof Error && error.name === "Error")
      throw new UnreadableAnswerError("not in its own format");
    throw error;
  }
}

/** Does a job on this thread. */
export function translate(job: TranslationJob, newId: () => string): Translated {
  const client = clientDialectNamed(job.client);
  const target = targetDialectNamed(job.target);
  if (job.kind === "answer") {
    return translateAnswer(target, client, job.body, { ...job.encode, newId }, job.headers);
  }
  const document = parseDocument(job.body);
  return translateRequest(
    client,
    target,
    document,
    () => client.decodeRequest(document.value, job.path),
    job.encode,
  );
}
