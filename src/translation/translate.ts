/** Bodies from one dialect to another: pure, and the same on every thread. */
import { Losses } from "../conversation/losses.ts";
import { noUsage } from "../conversation/usage.ts";
import type { AnyClientDialect, AnyTargetDialect, EncodeContext, EncodeTarget } from "../dialects/dialect.ts";
import type { Told } from "../dialects/operation.ts";
import { clientDialectNamed, targetDialectNamed } from "../dialects/registry.ts";
import type { Seal } from "../dialects/seal.ts";
import { type JsonDocument, parseDocument } from "../json/document.ts";
import { isObject, type JsonObject } from "../json/types.ts";
import { estimateTextTokens } from "../tokens/estimate.ts";
import { filled, mayNameUntaken } from "./files.ts";
import { type AnswerForm, type Translated, type TranslationJob, UnreadableAnswerError } from "./job.ts";

/**
 * The request's body for a target of the same operation. Of the client's own dialect: its own bytes, with what must
 * differ written in, unless the model does not take everything that is in them. No body when files must be fetched
 * first.
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
  const passes = isOwn && cut === undefined && !mayNameUntaken(client.operation, document.bytes, encode);
  const whole = passes ? undefined : asked();
  const taken = cut && encode.accepts ? cut(whole, encode.accepts, losses) : whole;
  const carried = isOwn || !portable ? taken : portable(taken);
  const outcome = passes ? { request: carried } : filled(carried, target, encode, isOwn);
  if ("wanted" in outcome) return { body: new Uint8Array(0), losses: [], wanted: outcome.wanted };
  const { request } = outcome;
  const isUncut = isOwn && request === whole;
  const body = isUncut
    ? client.passthrough.request(document, encode, losses)
    : written(target.encodeRequest(request, encode, losses));
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
 * @throws UnreadableAnswerError when the bytes are not an answer of the target's dialect
 * @throws ProviderAnswerError when they are an error
 */
export function translateAnswer(
  target: AnyTargetDialect,
  client: AnyClientDialect,
  bytes: Uint8Array,
  context: EncodeContext,
  form: AnswerForm,
): Translated {
  const losses = new Losses();
  const answer = decodedAnswer(target, bytes, form);
  const usage = answer.usage ?? { ...noUsage, input: context.inputTokens ?? 0, estimated: true };
  const whole = client.encodeAnswer({ ...answer, usage }, context, losses);
  const body = form.stream ? streamed(client, answer, context) : Buffer.from(JSON.stringify(whole));
  return { body, losses: losses.entries, told: { usage, model: answer.model } };
}

/** Of what was lost tells the whole answer: a stream has no place for it. */
function streamed(client: AnyClientDialect, answer: Told, context: EncodeContext): Uint8Array {
  const { operation } = client;
  if (operation.events === undefined) throw new Error(`${operation.title} do not stream`);
  const encoder = client.streamEncoder(context);
  const pieces = operation.events(answer).map((event) => Buffer.from(encoder.push(event)));
  return Buffer.concat(pieces);
}

/** @throws as `translateAnswer` */
function decodedAnswer(target: AnyTargetDialect, bytes: Uint8Array, head: AnswerForm): Told {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    // V8's message may quote the text.
    throw new UnreadableAnswerError("not JSON");
  }
  if (!isObject(body)) throw new UnreadableAnswerError("not a JSON object");
  try {
    return target.decodeAnswer(body, head);
  } catch (error) {
    // What decoders throw on purpose is a plain Error; a TypeError is ours.
    if (error instanceof Error && error.name === "Error")
      throw new UnreadableAnswerError("not in its own format");
    throw error;
  }
}

/** Does a job on this thread. */
export function translate(job: TranslationJob, newId: () => string, seal: Seal): Translated {
  const client = clientDialectNamed(job.client);
  const target = targetDialectNamed(job.target);
  if (job.kind === "answer")
    return translateAnswer(target, client, job.body, { ...job.encode, newId, seal }, job.form);
  const document = parseDocument(job.body);
  return translateRequest(
    client,
    target,
    document,
    () => client.decodeRequest(document.value, { path: job.path, seal }),
    job.encode,
  );
}
