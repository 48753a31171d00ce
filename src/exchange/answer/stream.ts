/** A streamed answer in another dialect: decoded, encoded and passed on event by event. */
import type { ProviderError } from "../../conversation/error.ts";
import type { StreamEvent } from "../../conversation/events.ts";
import type { Usage } from "../../conversation/usage.ts";
import type { StreamDecoder, StreamEncoder } from "../../dialects/dialect.ts";
import { accessLogFields, type Metered } from "../settlement.ts";
import { encodeContext } from "./encode-context.ts";
import { finishStreamWithError } from "./finish-with-error.ts";
import { type AnswerContext, type AnswerFlow, answerHeaders, eventStream, streamTypeOf } from "./flow.ts";
import { usageOfInterrupted } from "./interrupted.ts";

export class StreamTranslation implements AnswerFlow {
  readonly #context: AnswerContext;
  readonly #decoder: StreamDecoder;
  readonly #encoder: StreamEncoder;
  #usage: Usage | undefined;
  #modelServed: string | undefined;
  #outputCharacters = 0;
  #firstTokenMs: number | undefined;
  /** The stream's own end was seen: what it reported is final. */
  #complete = false;
  /** The error that ended the stream. Nothing is passed on after it. */
  #error: ProviderError | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#decoder = context.attempt.dialect.streamDecoder();
    this.#encoder = context.exchange.client.streamEncoder(encodeContext(context));
  }

  begin(): void {
    // What the headers shall say is in the body.
  }

  push(chunk: Uint8Array): void {
    if (this.#error !== undefined) return;
    const text = this.#encode(this.#decoder.push(chunk));
    if (text.length > 0) this.#write(text);
  }

  end(): void {
    const { downstream, settlement, status } = this.#context;
    const text = this.#error === undefined ? this.#encode(this.#decoder.end()) : "";
    if (this.#error !== undefined && !downstream.headersSent)
      return finishStreamWithError(this.#context, this.#error);
    this.#sendHeaders();
    const bill = settlement.bill(this.metered());
    downstream.end(Buffer.from(text), accessLogFields(this.#context.exchange, bill));
    if (this.#error === undefined) settlement.settle("finished", status, "via_upstream", bill);
    else settlement.settle("failed", status, "stream_error", bill);
  }

  metered(): Metered {
    const { exchange, attempt } = this.#context;
    const usage =
      this.#complete && this.#usage !== undefined
        ? this.#usage
        : usageOfInterrupted(exchange, attempt, this.#usage, this.#outputCharacters);
    const [modelServed, timeToFirstTokenMs] = [this.#modelServed, this.#firstTokenMs];
    return { usage, answered: true, isFinal: this.#complete, modelServed, timeToFirstTokenMs };
  }

  #encode(events: readonly StreamEvent[]): string {
    let text = "";
    for (const event of events) {
      this.#observe(event);
      // Before the client has a status, an error becomes one; after that it goes into the stream.
      if (event.kind === "error" && !this.#context.downstream.headersSent && text === "") return "";
      text += this.#encoder.push(event);
    }
    return text;
  }

  #observe(event: StreamEvent): void {
    switch (event.kind) {
      case "start":
        // Bedrock's answers do not name their model.
        this.#modelServed = event.model === "" ? undefined : event.model;
        break;
      case "delta":
        this.#outputCharacters += event.text.length;
        this.#firstTokenMs ??= this.#context.services.monotonicMs() - this.#context.sentMs;
        break;
      case "usage":
        this.#usage = event.usage;
        break;
      case "error":
        this.#error = event.error;
        break;
      case "end":
        this.#complete = true;
        break;
      default:
        break;
    }
  }

  #write(text: string): void {
    this.#sendHeaders();
    this.#context.downstream.write(Buffer.from(text));
  }

  #sendHeaders(): void {
    if (this.#context.downstream.headersSent) return;
    const type = streamTypeOf(this.#context.exchange) ?? eventStream;
    this.#context.downstream.sendHeaders({
      set: [["content-type", type], ...answerHeaders(this.#context)],
      remove: ["content-length", "content-encoding"],
    });
  }
}
