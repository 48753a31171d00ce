/**
 * Neutral events, to an event stream of Anthropic.
 *
 * The real usage is often known only at the end: `message_start` then says 0, and `message_delta`, which is
 * cumulative, has all of it. Arguments of tool calls pass as the model writes them; a client that gets invalid
 * JSON from the model gets it here too.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
import type { FinishReason } from "../../conversation/answer.ts";
import type { StreamEvent } from "../../conversation/events.ts";
import { Losses } from "../../conversation/losses.ts";
import type { Part } from "../../conversation/parts.ts";
import { noUsage, type Usage } from "../../conversation/usage.ts";
import type { JsonObject } from "../../json/types.ts";
import { sseEvent } from "../../sse/encoder.ts";
import type { EncodeContext, StreamEncoder } from "../dialect.ts";
import { OpenMark } from "../signatures.ts";
import { encodeAnswerPart, encodeCallHead, encodeMessageHead, encodeStop } from "./encode-answer.ts";
import { encodeErrorBody } from "./errors.ts";
import { answeredBy, encodeUsage } from "./usage.ts";

type Open = Extract<StreamEvent, { kind: "open" }>["part"];

export class AnthropicStreamEncoder implements StreamEncoder {
  readonly #context: EncodeContext;
  #usage: Usage = noUsage;
  #finish: { readonly reason: FinishReason; readonly stopSequence?: string } = { reason: "stop" };
  #hasRefusal = false;
  /** Blocks begun so far: parts that have no block leave no gap in the numbers. */
  #blocks = 0;
  #open: Open | undefined;
  /** Of the open reasoning, when it is another provider's: shown at its end. */
  #mark: OpenMark | undefined;
  #signature = "";

  constructor(context: EncodeContext) {
    this.#context = context;
  }

  push(event: StreamEvent): string {
    // A message holds one answer; a client of this dialect cannot have asked for more.
    if ("candidate" in event && event.candidate !== 0) return "";
    switch (event.kind) {
      case "start":
        return this.#start(event.id);
      case "open":
        return this.#begin(event.part);
      case "delta":
        return this.#delta(event.text);
      case "signature":
        return this.#sign(event.signature);
      case "close":
        return this.#close(event.annotations);
      case "part":
        return this.#part(event.part);
      case "finish":
        this.#finish = event;
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "logprobs":
        return "";
      case "ping":
        return sseEvent("ping", { type: "ping" });
      case "error":
        return sseEvent("error", encodeErrorBody(event.error));
      case "end":
        return this.#end();
      default: {
        const never: never = event;
        return never;
      }
    }
  }

  #start(id: string): string {
    const message: JsonObject = {
      ...encodeMessageHead(id, this.#context),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: { ...encodeUsage(noUsage), ...answeredBy },
    };
    return sseEvent("message_start", { type: "message_start", message });
  }

  #begin(part: Open): string {
    this.#open = part;
    switch (part.kind) {
      case "text":
        return this.#blockStart({ type: "text", text: "" });
      case "refusal":
        this.#hasRefusal = true;
        return this.#blockStart({ type: "text", text: "" });
      case "reasoning":
        this.#signature = "";
        this.#mark = part.origin === "anthropic" ? undefined : new OpenMark(this.#context.seal, part.origin);
        return this.#blockStart({ type: "thinking", thinking: "", signature: "" });
      case "tool-call":
        return this.#blockStart({ type: "tool_use", ...encodeCallHead(part, this.#context), input: {} });
      default: {
        const never: never = part;
        return never;
      }
    }
  }

  #delta(text: string): string {
    switch (this.#open?.kind) {
      case "text":
      case "refusal":
        return this.#blockDelta({ type: "text_delta", text });
      case "reasoning":
        this.#mark?.add(text);
        return this.#blockDelta({ type: "thinking_delta", thinking: text });
      case "tool-call":
        return this.#blockDelta({ type: "input_json_delta", partial_json: text });
      case undefined:
        return "";
      default: {
        const never: never = this.#open;
        return never;
      }
    }
  }

  /** Claude's own passes; another provider's goes under the mark. */
  #sign(signature: string): string {
    this.#signature += signature;
    if (this.#mark !== undefined || signature === "") return "";
    return this.#blockDelta({ type: "signature_delta", signature });
  }

  /** Reasoning of another provider is marked as such even where it has no signature. */
  #marked(): string {
    const mark = this.#mark;
    this.#mark = undefined;
    if (mark === undefined) return "";
    const signature = mark.end(this.#signature === "" ? {} : { signature: this.#signature });
    return this.#blockDelta({ type: "signature_delta", signature });
  }

  #close(annotations: Extract<StreamEvent, { kind: "close" }>["annotations"]): string {
    const own = annotations?.dialect === "anthropic" ? annotations.items : [];
    const citations = own.map((citation) => this.#blockDelta({ type: "citations_delta", citation }));
    this.#open = undefined;
    return citations.join("") + this.#marked() + this.#blockStop();
  }

  /** A part in one piece: what streams in deltas is streamed in one, other blocks come whole. */
  #part(part: Part): string {
    switch (part.kind) {
      case "text":
        return this.#begin({ kind: "text" }) + this.#delta(part.text) + this.#close(part.annotations);
      case "refusal":
        return this.#begin(part) + this.#delta(part.text) + this.#close(undefined);
      case "tool-call":
        return this.#begin(part) + this.#delta(part.arguments) + this.#close(undefined);
      case "reasoning":
        if (part.redacted === undefined) {
          const shown = this.#begin(part) + this.#delta(part.text);
          const signed = part.signature === undefined ? "" : this.#sign(part.signature);
          return shown + signed + this.#close(undefined);
        }
        return this.#whole(part);
      default:
        return this.#whole(part);
    }
  }

  #whole(part: Part): string {
    // A stream has no place for a loss report; what has no block is left out.
    const block = encodeAnswerPart(part, this.#context, new Losses(), "content");
    return block === undefined ? "" : this.#blockStart(block) + this.#blockStop();
  }

  #end(): string {
    const { reason, stopSequence } = this.#finish;
    const stop = encodeStop({
      parts: this.#hasRefusal ? [{ kind: "refusal", text: "" }] : [],
      finish: reason,
      ...(stopSequence !== undefined && { stopSequence }),
    });
    const usage = encodeUsage(this.#usage);
    const delta: JsonObject = { ...stop, container: null };
    return (
      sseEvent("message_delta", { type: "message_delta", delta, usage }) +
      sseEvent("message_stop", { type: "message_stop" })
    );
  }

  #blockStart(block: JsonObject): string {
    return sseEvent("content_block_start", {
      type: "content_block_start",
      index: this.#blocks,
      content_block: block,
    });
  }

  #blockDelta(delta: JsonObject): string {
    return sseEvent("content_block_delta", { type: "content_block_delta", index: this.#blocks, delta });
  }

  #blockStop(): string {
    return sseEvent("content_block_stop", { type: "content_block_stop", index: this.#blocks++ });
  }
}
