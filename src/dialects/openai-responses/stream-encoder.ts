/**
 * Neutral events as a stream of a response. The last event repeats the whole answer, as OpenAI's does: the official SDKs
 * replace with it what they have put together.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
import type { FinishReason } from "../../conversation/answer.ts";
import type { ProviderError } from "../../conversation/error.ts";
import type { OpenPart, StreamEvent } from "../../conversation/events.ts";
import { Losses } from "../../conversation/losses.ts";
import type { Part } from "../../conversation/parts.ts";
import type { Usage } from "../../conversation/usage.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext, StreamEncoder } from "../dialect.ts";
import { encodeItem } from "./encode-output.ts";
import { encodeErrorEvent, encodeResponseError } from "./errors.ts";
import { EventWriter } from "./event-writer.ts";
import { OpenCall } from "./open-call.ts";
import type { OpenItem } from "./open-item.ts";
import { OpenMessage } from "./open-message.ts";
import { OpenReasoning } from "./open-reasoning.ts";
import { responseHead } from "./response-head.ts";
import { encodeStatus } from "./status.ts";
import { encodeUsage } from "./usage.ts";

/** Characters of an answer that the last event can repeat. */
const maxOutputCharacters = 32 * 1024 * 1024;

/** One per answer; relies on the order that `conversation/events.ts` promises. */
export class ResponsesStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  readonly #writer = new EventWriter();
  #head: JsonObject | undefined;
  /** Items that are complete. */
  readonly #output: JsonObject[] = [];
  #open: OpenItem | undefined;
  #hasRefusal = false;
  #finish: FinishReason = "stop";
  #usage: Usage | undefined;
  #characters = 0;
  #isOver = false;

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  push(event: StreamEvent): string {
    // A response holds one answer; a client of this dialect cannot have asked for more.
    if (this.#isOver || ("candidate" in event && event.candidate !== 0)) return "";
    switch (event.kind) {
      case "start":
        return this.#start(event.id, event.created);
      case "open":
        return this.#begin(event.part);
      case "delta":
        return this.#delta(event.text);
      case "signature":
        this.#open?.sign?.(event.signature);
        return "";
      case "logprobs":
        this.#open?.addLogprobs?.(event.value);
        return "";
      case "close":
        return this.#closePart(event.annotations);
      case "part":
        return this.#part(event.part);
      case "finish":
        this.#finish = event.reason;
        return this.#closeItem(encodeStatus(event.reason, this.#hasRefusal).status);
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return ": ping\n\n";
      case "error":
        return this.#fail(event.error);
      case "end":
        return this.#end();
      default: {
        const unknown: never = event;
        throw new TypeError(`unknown event: ${JSON.stringify(unknown)}`);
      }
    }
  }

  #start(id: string, created: number | undefined): string {
    const response = responseHead(id, created, this.#context);
    this.#head = response;
    return (
      this.#writer.write("response.created", { response }) +
      this.#writer.write("response.in_progress", { response })
    );
  }

  /** Texts and refusals that follow each other are content of one message. */
  #begin(part: OpenPart): string {
    const said = part.kind === "text" || part.kind === "refusal" ? part.kind : undefined;
    if (said === "refusal") this.#hasRefusal = true;
    if (said !== undefined && this.#open instanceof OpenMessage) return this.#open.begin(said);
    const closed = this.#closeItem("completed");
    const [writer, index, context] = [this.#writer, this.#output.length, this.#context];
    switch (part.kind) {
      case "text":
      case "refusal": {
        const message = new OpenMessage(writer, index, context);
        this.#open = message;
        return closed + message.added() + message.begin(part.kind);
      }
      case "reasoning":
        this.#open = new OpenReasoning(writer, index, context, part.origin);
        break;
      case "tool-call":
        this.#open = new OpenCall(writer, index, context, part);
        break;
      default: {
        const unknown: never = part;
        throw new TypeError(`unknown part: ${String(unknown)}`);
      }
    }
    return closed + this.#open.added();
  }

  #delta(text: string): string {
    this.#characters += text.length;
    if (this.#characters <= maxOutputCharacters) return this.#open?.delta(text) ?? "";
    return this.#fail({
      kind: "bad-gateway",
      status: 502,
      message: "The answer is too long to be streamed.",
    });
  }

  /** A message stays open: more content of it may follow. */
  #closePart(annotations: Extract<StreamEvent, { kind: "close" }>["annotations"]): string {
    if (this.#open instanceof OpenMessage) return this.#open.endContent(annotations);
    return this.#closeItem("completed");
  }

  #closeItem(status: "completed" | "incomplete"): string {
    const item = this.#open;
    if (item === undefined) return "";
    this.#open = undefined;
    const done = item.done(status);
    this.#output.push(done.item);
    return done.text;
  }

  /** A part in one piece: what streams in deltas is streamed in one, other items come whole. */
  #part(part: Part): string {
    switch (part.kind) {
      case "text":
        return this.#begin(part) + this.#delta(part.text) + this.#closePart(part.annotations);
      case "refusal":
        return this.#begin(part) + this.#delta(part.text) + this.#closePart(undefined);
      case "tool-call":
        return this.#begin(part) + this.#delta(part.arguments) + this.#closePart(undefined);
      case "reasoning": {
        const begun = this.#begin(part) + (part.text === "" ? "" : this.#delta(part.text));
        if (part.redacted !== undefined) this.#open?.redact?.(part.redacted);
        else if (part.signature !== undefined) this.#open?.sign?.(part.signature);
        return begun + this.#closePart(undefined);
      }
      default: {
        const closed = this.#closeItem("completed");
        // A stream has no place for a loss report; what has no item is left out.
        const item = encodeItem(part, "output", this.#context, new Losses());
        if (item === undefined) return closed;
        const members = { output_index: this.#output.push(item) - 1, item };
        return (
          closed +
          this.#writer.write("response.output_item.added", members) +
          this.#writer.write("response.output_item.done", members)
        );
      }
    }
  }

  #fail(error: ProviderError): string {
    this.#isOver = true;
    const event = this.#writer.write("error", encodeErrorEvent(error));
    if (this.#head === undefined) return event;
    const response = {
      ...this.#head,
      status: "failed",
      error: encodeResponseError(error),
      output: this.#output,
    };
    return event + this.#writer.write("response.failed", { response });
  }

  #end(): string {
    const ending = encodeStatus(this.#finish, this.#hasRefusal);
    const closed = this.#closeItem(ending.status);
    const usage = this.#usage === undefined ? null : encodeUsage(this.#usage);
    const response = { ...this.#head, ...ending, output: this.#output, usage };
    return closed + this.#writer.write(`response.${ending.status}`, { response });
  }
}
