/**
 * A whole answer: collected, read once, and sent with its cost in the headers; as a stream to a client that asked for
 * one, whose SDK waits for events.
 */
import { InvalidRequestError, ProviderAnswerError } from "../../conversation/error.ts";
import { Losses } from "../../conversation/losses.ts";
import { noUsage, type Usage } from "../../conversation/usage.ts";
import type { AnswerHead, AnyTargetDialect, ItemCount } from "../../dialects/dialect.ts";
import type { HeaderList } from "../../extproc/headers.ts";
import type { HeaderMutation } from "../../extproc/messages.ts";
import { parseDocument } from "../../json/document.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import {
  type Translated,
  TranslationUnavailableError,
  UnreadableAnswerError,
} from "../../translation/job.ts";
import { largestBodyHere } from "../../translation/threads.ts";
import { translateAnswer } from "../../translation/translate.ts";
import { type Metered, nothingDue, nothingMetered } from "../settlement.ts";
import { BodyCollector, BodyTooLargeError } from "./collector.ts";
import { encodeContext } from "./encode-context.ts";
import { finishWithError } from "./finish-with-error.ts";
import { type AnswerContext, type AnswerFlow, eventStream, finishWhole, streamTypeOf } from "./flow.ts";
import { usageOfInterrupted } from "./interrupted.ts";

/** Of an error's body, what is read to word it anew. */
const readErrorBytes = 64 * 1024;

export class WholeAnswer implements AnswerFlow {
  readonly #context: AnswerContext;
  readonly #collector: BodyCollector;
  #tooLarge = false;
  #receivedBytes = 0;
  #hasEnded = false;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#collector = new BodyCollector(context.services.maxBodyBytes);
  }

  begin(): void {
    // What the headers shall say is in the body.
  }

  push(chunk: Uint8Array): void {
    this.#receivedBytes += chunk.length;
    if (this.#tooLarge) return;
    try {
      this.#collector.push(chunk);
    } catch (error) {
      if (!(error instanceof BodyTooLargeError)) throw error;
      this.#tooLarge = true;
    }
  }

  end(): void | Promise<void> {
    this.#hasEnded = true;
    if (this.#tooLarge) return this.#unreadable("larger than this gateway may hold");
    if (this.#context.status >= 400) return this.#error();
    const { exchange, attempt } = this.#context;
    const bytes = this.#collector.take();
    // A client that waits for events gets them, its own dialect's too: its SDK would take JSON for an empty stream.
    if (exchange.passes(attempt) && !(exchange.awaitsEvents && this.#isSuccess))
      return this.#sameDialect(bytes);
    try {
      const translated = this.#translated(bytes);
      if (!(translated instanceof Promise)) return this.#finishTranslated(translated);
      return translated.then(
        (written) => this.#finishTranslated(written),
        (error: unknown) => this.#notTranslated(error),
      );
    } catch (error) {
      this.#notTranslated(error);
    }
  }

  /** Asked when the answer was cut short: the provider may bill it all the same. */
  metered(): Metered {
    const { exchange, attempt, status } = this.#context;
    if (status >= 400) return nothingDue;
    const usage = usageOfInterrupted(exchange, attempt, undefined, this.#receivedBytes);
    return { ...nothingMetered, usage, answered: true, isFinal: this.#hasEnded };
  }

  get #isSuccess(): boolean {
    return this.#context.status >= 200 && this.#context.status < 300;
  }

  #sameDialect(bytes: Uint8Array): void {
    const { exchange, status } = this.#context;
    const { passthrough } = exchange.client;
    const { body, itemsOf } = bytes.length <= largestBodyHere ? small(bytes) : glance(bytes);
    const usage = body === undefined ? undefined : passthrough.usage(body, itemsOf);
    const model = body === undefined ? undefined : (passthrough.model ?? modelOf)(body);
    const isAnswer = usage !== undefined || body === undefined || !this.#isSuccess;
    const error = isAnswer ? undefined : passthrough.error?.(body);
    if (error === undefined) return this.#finish(status, bytes, {}, this.#measured(usage, model));
    // The provider's own words, under the status by which the SDK raises its exception.
    const bill = this.#context.settlement.bill(nothingMetered);
    finishWhole(this.#context, error.status, {}, bytes, bill);
    this.#context.settlement.settle("finished", error.status, "answer_error", bill);
  }

  /** A promise when the answer is too large for the event loop. */
  #translated(body: Uint8Array): Translated | Promise<Translated> {
    const { exchange, attempt, services, status } = this.#context;
    const context = encodeContext(this.#context);
    const { dialect } = attempt;
    const headers = headersOf(dialect, this.#context.headers);
    const form = { status, headers, stream: exchange.awaitsEvents };
    if (body.length <= largestBodyHere) {
      return translateAnswer(dialect, exchange.client, body, context, form);
    }
    const { newId: _, seal: __, ...encode } = context;
    const [target, client] = [dialect.name, exchange.client.name];
    return services.translator.translate({ kind: "answer", target, client, body, encode, form }, () =>
      services.inFlight.has(exchange),
    );
  }

  #finishTranslated({ body, losses, told }: Translated): void {
    const metered = this.#measured(told?.usage, told?.model);
    this.#context.attempt.losses.addAll(new Losses(losses));
    const { exchange } = this.#context;
    const type = exchange.awaitsEvents ? (streamTypeOf(exchange) ?? eventStream) : "application/json";
    const mutation = { set: [["content-type", type] as const], remove: ["content-encoding"] };
    // Some say 201: no client of another dialect knows why.
    this.#finish(this.#isSuccess ? 200 : this.#context.status, body, mutation, metered);
  }

  #notTranslated(error: unknown): void {
    if (error instanceof ProviderAnswerError)
      return finishWithError(this.#context, error.error, "finished", "answer_error");
    if (error instanceof TranslationUnavailableError)
      return this.#unreadable("more than can be translated now");
    if (!(error instanceof UnreadableAnswerError)) {
      this.#context.services.notices.defect(`answer of ${this.#context.attempt.provider.name}`, error);
    }
    this.#unreadable("not an answer in its own format");
  }

  /** @param usage undefined: a success that says nothing of what it took */
  #measured(usage: Usage | undefined, modelServed: string | undefined): Metered {
    const elapsed = this.#context.services.monotonicMs() - this.#context.sentMs;
    // Bedrock's answers do not name their model.
    const told = modelServed === "" ? undefined : modelServed;
    return {
      usage: usage ?? noUsage,
      answered: true,
      isFinal: true,
      modelServed: told,
      timeToFirstTokenMs: elapsed,
    };
  }

  #finish(status: number, body: Uint8Array, mutation: HeaderMutation, metered: Metered): void {
    const bill = this.#context.settlement.bill(metered);
    finishWhole(this.#context, status, mutation, body, bill);
    this.#context.settlement.settle("finished", status, "via_upstream", bill);
  }

  /** The provider's error: its own bytes in its own dialect, else worded in the client's. */
  #error(): void {
    const { exchange, attempt, status, headers, settlement } = this.#context;
    const bytes = this.#collector.take();
    const bill = settlement.bill(nothingMetered);
    if (exchange.passes(attempt)) {
      finishWhole(this.#context, status, {}, bytes, bill);
      settlement.settle("finished", status, "via_upstream", bill);
      return;
    }
    const start = bytes.subarray(0, readErrorBytes);
    const body = parse(start);
    const readable = isObject(body) ? body : Buffer.from(start).toString("utf8");
    const error = attempt.dialect.decodeError(status, (name) => headers.get(name), readable);
    finishWithError(this.#context, error, "finished", "via_upstream");
  }

  #unreadable(what: string): void {
    this.#collector.take();
    const { attempt } = this.#context;
    const message = `the answer of ${attempt.target.cluster} is ${what}`;
    const error = { kind: "bad-gateway", status: 502, message } as const;
    finishWithError(this.#context, error, "failed", "unreadable_answer");
  }
}

/** Those that the dialect reads. */
function headersOf({ answerHeaders = [] }: AnyTargetDialect, headers: HeaderList): AnswerHead["headers"] {
  const present = answerHeaders.map((name) => [name, headers.get(name)] as const);
  return Object.fromEntries(present.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Where most formats keep it. */
function modelOf(body: JsonObject): string | undefined {
  return typeof body["model"] === "string" ? body["model"] : undefined;
}

/** What is read of an answer that passes; no body: it is not JSON. */
interface Glimpse {
  readonly body: JsonObject | undefined;
  readonly itemsOf: ItemCount;
}

const nothingSeen: Glimpse = { body: undefined, itemsOf: () => undefined };

function small(bytes: Uint8Array): Glimpse {
  const body = parse(bytes);
  if (!isObject(body)) return nothingSeen;
  const itemsOf = (name: string) => {
    const list = body[name];
    return Array.isArray(list) ? list.length : undefined;
  };
  return { body, itemsOf };
}

/** What is short of a large answer: its usage and its model are. */
function glance(bytes: Uint8Array): Glimpse {
  try {
    const document = parseDocument(bytes);
    return { body: document.glance(largestBodyHere), itemsOf: (name) => document.items(name) };
  } catch (error) {
    if (error instanceof InvalidRequestError) return nothingSeen;
    throw error;
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    return undefined;
  }
}
