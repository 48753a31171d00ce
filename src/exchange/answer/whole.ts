/** A whole answer: collected, read once, and sent with its cost in the headers. */
import type { ProviderError } from "../../conversation/error.ts";
import { Losses } from "../../conversation/losses.ts";
import type { HeaderMutation } from "../../extproc/messages.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { type Metered, nothingMetered } from "../settlement.ts";
import { BodyCollector, BodyTooLargeError } from "./collector.ts";
import { encodeContext } from "./encode-context.ts";
import { type AnswerContext, type AnswerFlow, finishWhole } from "./flow.ts";

const noBody = new Uint8Array(0);

export class WholeAnswer implements AnswerFlow {
  readonly #context: AnswerContext;
  readonly #collector: BodyCollector;
  #tooLarge = false;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#collector = new BodyCollector(context.services.maxBodyBytes);
  }

  begin(): void {
    // What the headers shall say is in the body.
  }

  push(chunk: Uint8Array): void {
    if (this.#tooLarge) return;
    try {
      this.#collector.push(chunk);
    } catch (error) {
      if (!(error instanceof BodyTooLargeError)) throw error;
      this.#tooLarge = true;
    }
  }

  end(): void {
    if (this.#tooLarge) return this.#unreadable("larger than this gateway may hold");
    if (this.#context.status >= 400) return this.#error();
    const { exchange, attempt } = this.#context;
    const bytes = this.#collector.take();
    if (attempt.dialect === exchange.client) return this.#sameDialect(bytes);
    const body = parse(bytes);
    if (!isObject(body)) return this.#unreadable("not a JSON object");
    this.#translate(body);
  }

  metered(): Metered {
    return nothingMetered;
  }

  #sameDialect(bytes: Uint8Array): void {
    const body = parse(bytes);
    const usage = isObject(body) ? this.#context.attempt.dialect.passthrough.usage(body) : undefined;
    const model = isObject(body) && typeof body["model"] === "string" ? body["model"] : undefined;
    this.#finish(bytes, {}, usage === undefined ? nothingMetered : this.#measured(usage, model));
  }

  #translate(body: JsonObject): void {
    const { exchange, attempt } = this.#context;
    let encoded: Uint8Array;
    let metered: Metered;
    try {
      const answer = attempt.dialect.decodeAnswer(body);
      metered = this.#measured(answer.usage, answer.model);
      const losses = new Losses();
      encoded = Buffer.from(
        JSON.stringify(exchange.client.encodeAnswer(answer, encodeContext(this.#context), losses)),
      );
      attempt.losses.addAll(losses);
    } catch (error) {
      this.#context.services.notices.defect(`answer of ${attempt.provider.name}`, error);
      return this.#unreadable("not an answer in its own format");
    }
    this.#finish(
      encoded,
      { set: [["content-type", "application/json"]], remove: ["content-encoding"] },
      metered,
    );
  }

  #measured(usage: Metered["usage"], modelServed: string | undefined): Metered {
    const elapsed = this.#context.services.monotonicMs() - this.#context.sentMs;
    return { usage, modelServed, timeToFirstTokenMs: elapsed };
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
    if (attempt.dialect === exchange.client) {
      finishWhole(this.#context, status, {}, bytes, bill);
      settlement.settle("finished", status, "via_upstream", bill);
      return;
    }
    const body = parse(bytes);
    const readable = isObject(body) ? body : Buffer.from(bytes).toString("utf8");
    this.#sendError(
      attempt.dialect.decodeError(status, (name) => headers.get(name), readable),
      "via_upstream",
    );
  }

  #unreadable(what: string): void {
    this.#collector.take();
    const { attempt } = this.#context;
    const message = `the answer of ${attempt.target.cluster} is ${what}`;
    this.#sendError({ kind: "bad-gateway", status: 502, message }, "unreadable_answer");
  }

  #sendError(error: ProviderError, reason: string): void {
    const { exchange, settlement } = this.#context;
    const encoded = exchange.client.encodeError(error);
    const bill = settlement.bill(nothingMetered);
    const body = Buffer.from(JSON.stringify(encoded.body));
    const set = [["content-type", "application/json"] as const, ...encoded.headers];
    finishWhole(this.#context, encoded.status, { set, remove: ["content-encoding"] }, body, bill);
    settlement.settle(reason === "via_upstream" ? "finished" : "failed", encoded.status, reason, bill);
  }
}

function parse(bytes: Uint8Array): unknown {
  if (bytes === noBody) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    return undefined;
  }
}
