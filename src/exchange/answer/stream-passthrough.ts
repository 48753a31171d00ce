/** A streamed answer in the client's own dialect: its bytes pass, and only its usage is read. */
import type { PassthroughStream } from "../../dialects/dialect.ts";
import { accessLogFields, type Metered } from "../settlement.ts";
import { finishStreamWithError } from "./finish-with-error.ts";
import { type AnswerContext, type AnswerFlow, answerHeaders, streamTypeOf } from "./flow.ts";
import { usageOfInterrupted } from "./interrupted.ts";

/** What may wait for the answer to begin; a provider that sends more before it is answering. */
const maxEarlyBytes = 64 * 1024;

export class StreamPassthrough implements AnswerFlow {
  readonly #context: AnswerContext;
  readonly #stream: PassthroughStream;
  #firstTokenMs: number | undefined;
  /** Came before the answer itself (pings, Azure's first chunk), while an error could still become a status. */
  #early: Uint8Array = new Uint8Array(0);

  constructor(context: AnswerContext) {
    this.#context = context;
    const { client, includeUsage, path } = context.exchange;
    const contentType = context.headers.get("content-type") ?? "";
    this.#stream = client.passthrough.stream(includeUsage, path, contentType);
  }

  begin(): void {
    // What the headers shall say is in the body.
  }

  push(chunk: Uint8Array): void {
    const stream = this.#stream;
    const bytes = stream.push(chunk);
    if (this.#failedBeforeContent()) return;
    if (stream.outputCharacters > 0) {
      this.#firstTokenMs ??= this.#context.services.monotonicMs() - this.#context.sentMs;
    }
    if (bytes.length === 0) return;
    const mayWait = !stream.started && !this.#context.downstream.headersSent;
    if (mayWait && this.#early.length + bytes.length <= maxEarlyBytes) {
      this.#early = Buffer.concat([this.#early, bytes]);
      return;
    }
    this.#sendHeaders();
    this.#context.downstream.write(this.#withEarly(bytes));
  }

  end(): void {
    const { downstream, settlement, status } = this.#context;
    const rest = this.#stream.end();
    if (this.#failedBeforeContent() && this.#stream.firstError !== undefined) {
      return finishStreamWithError(this.#context, this.#stream.firstError);
    }
    this.#sendHeaders();
    const bill = settlement.bill(this.metered());
    downstream.end(this.#withEarly(rest), accessLogFields(this.#context.exchange, bill));
    if (this.#stream.complete) settlement.settle("finished", status, "via_upstream", bill);
    else settlement.settle("failed", status, "stream_cut", bill);
  }

  metered(): Metered {
    const { usage, complete, outputCharacters, model } = this.#stream;
    const { exchange, attempt } = this.#context;
    return {
      usage:
        complete && usage !== undefined
          ? usage
          : usageOfInterrupted(exchange, attempt, usage, outputCharacters),
      answered: true,
      isFinal: complete,
      modelServed: model,
      timeToFirstTokenMs: this.#firstTokenMs,
    };
  }

  #withEarly(bytes: Uint8Array): Uint8Array {
    if (this.#early.length === 0) return bytes;
    const all = Buffer.concat([this.#early, bytes]);
    this.#early = new Uint8Array(0);
    return all;
  }

  #failedBeforeContent(): boolean {
    return this.#stream.firstError !== undefined && !this.#context.downstream.headersSent;
  }

  #sendHeaders(): void {
    if (this.#context.downstream.headersSent) return;
    const type = streamTypeOf(this.#context.exchange);
    const form = type === undefined ? [] : [["content-type", type] as const];
    this.#context.downstream.sendHeaders({
      set: [...form, ...answerHeaders(this.#context)],
      remove: ["content-length"],
    });
  }
}
