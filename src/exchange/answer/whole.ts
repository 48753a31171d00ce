/** A whole answer: collected, read once, and sent with its cost in the headers. */
import { InvalidRequestError } from "../../conversation/error.ts";
import { Losses } from "../../conversation/losses.ts";
import { noUsage, type Usage } from "../../conversation/usage.ts";
import type { ItemCount } from "../../dialects/dialect.ts";
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
import { type Metered, nothingMetered } from "../settlement.ts";
import { BodyCollector, BodyTooLargeError } from "./collector.ts";
import { encodeContext } from "./encode-context.ts";
import { finishWithError } from "./finish-with-error.ts";
import { type AnswerContext, type AnswerFlow, finishWhole } from "./flow.ts";
import { usageOfInterrupted } from "./interrupted.ts";

/** Of an error's body, what is read to word it anew. */
const readErrorBytes = 64 * 1024;

export class WholeAnswer implements AnswerFlow {
  readonly #context: AnswerContext;
  readonly #collector: BodyCollector;
  #tooLarge = false;
  #receivedBytes = 0;

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
    if (this.#tooLarge) return this.#unreadable("larger than this gateway may hold");
    if (this.#context.status >= 400) return this.#error();
    const { exchange, attempt } = this.#context;
    const bytes = this.#collector.take();
    if (exchange.passes(attempt)) return this.#sameDialect(bytes);
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
    if (this.#context.status >= 400) return nothingMetered;
    const usage = usageOfInterrupted(this.#context.exchange, undefined, this.#receivedBytes);
    return { ...nothingMetered, usage, answered: true };
  }

  #sameDialect(bytes: Uint8Array): void {
    const { passthrough } = this.#context.exchange.client;
    const { body, itemsOf } = bytes.length <= largestBodyHere ? small(bytes) : glance(bytes);
    const usage = body === undefined ? undefined : passthrough.usage(body, itemsOf);
    const model = body === undefined ? undefined : (passthrough.model ?? modelOf)(body);
    this.#finish(bytes, {}, this.#measured(usage, model));
  }

  /** A promise when the answer is too large for the event loop. */
  #translated(body: Uint8Array): Translated | Promise<Translated> {
    const { exchange, attempt, services } = this.#context;
    const context = encodeContext(this.#context);
    if (body.length <= largestBodyHere) {
      return translateAnswer(attempt.dialect, exchange.client, body, context);
    }
    const { newId: _, ...encode } = context;
    const [target, client] = [attempt.dialect.name, exchange.client.name];
    return services.translator.translate({ kind: "answer", target, client, body, encode }, () =>
      services.inFlight.has(exchange),
    );
  }

  #finishTranslated({ body, losses, told }: Translated): void {
    const metered = this.#measured(told?.usage, told?.model);
    this.#context.attempt.losses.addAll(new Losses(losses));
    const set = [["content-type", "application/json"] as const];
    this.#finish(body, { set, remove: ["content-encoding"] }, metered);
  }

  #notTranslated(error: unknown): void {
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
    return { usage: usage ?? noUsage, answered: true, modelServed: told, timeToFirstTokenMs: elapsed };
  }

  #finish(body: Uint8Array, mutation: HeaderMutation, metered: Metered): void {
    const bill = this.#context.settlement.bill(metered);
    finishWhole(this.#context, this.#context.status, mutation, body, bill);
    this.#context.settlement.settle("finished", this.#context.status, "via_upstream", bill);
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
