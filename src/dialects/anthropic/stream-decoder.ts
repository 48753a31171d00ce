/**
 * An event stream of Anthropic, to neutral events.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
import type { ProviderError } from "../../conversation/error.ts";
import type { StreamEvent } from "../../conversation/events.ts";
import { parseObject } from "../../json/parse-object.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import { SseDecoder, type SseEvent } from "../../sse/decoder.ts";
import type { StreamDecoder } from "../dialect.ts";
import { refusalText } from "./decode-answer.ts";
import { decodeErrorEvent } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { OpenBlock } from "./open-block.ts";
import { UsageTally } from "./usage.ts";

export class AnthropicStreamDecoder implements StreamDecoder {
  readonly #sse = new SseDecoder();
  readonly #tally = new UsageTally();
  #phase: "before-start" | "content" | "finished" | "over" = "before-start";
  #block: OpenBlock | undefined;
  /** Parts so far: the index of the next one. */
  #parts = 0;
  #hasToolCall = false;

  push(chunk: Uint8Array): StreamEvent[] {
    if (this.#phase === "over") return [];
    const events: StreamEvent[] = [];
    try {
      for (const event of this.#sse.push(chunk)) this.#take(event, events);
    } catch (error) {
      this.#fail(broken(error instanceof Error ? error.message : "the stream cannot be read"), events);
    }
    return events;
  }

  end(): StreamEvent[] {
    if (this.#phase === "over") return [];
    const events: StreamEvent[] = [];
    for (const event of this.#sse.end()) {
      // What is left of a cut stream is mostly half an event: the cut is the error, not the half.
      if (parseObject(event.data) !== undefined) this.#take(event, events);
    }
    this.#fail(broken("the provider's stream ended before the message was complete"), events);
    return events;
  }

  #take(event: SseEvent, events: StreamEvent[]): void {
    if (this.#phase === "over" || event.data === "" || event.data === "[DONE]") return;
    const data = parseObject(event.data);
    if (data === undefined)
      this.#fail(broken("the provider's stream holds an event that is no JSON"), events);
    else this.#dispatch(data["type"] ?? event.event, data, events);
  }

  #dispatch(type: JsonValue, data: JsonObject, events: StreamEvent[]): void {
    switch (type) {
      case "message_start":
        this.#start(data, events);
        break;
      case "content_block_start":
      case "content_block_delta":
      case "content_block_stop":
        if (this.#phase === "content") this.#content(type, data, events);
        else this.#fail(broken("the provider's stream has content outside of its message"), events);
        break;
      case "message_delta":
      case "message_stop":
        if (this.#phase === "before-start")
          this.#fail(broken("the provider's stream has no beginning"), events);
        else if (type === "message_delta") this.#delta(data, events);
        else this.#stop(events);
        break;
      case "ping":
        if (this.#phase !== "before-start") events.push({ kind: "ping" });
        break;
      case "error":
        this.#fail(decodeErrorEvent(data), events);
        break;
      default:
      // New event types may be added at any time, and are to be ignored.
    }
  }

  #start(data: JsonObject, events: StreamEvent[]): void {
    const message = isObject(data["message"]) ? data["message"] : {};
    if (this.#phase !== "before-start") {
      // Some proxies repeat it. After content it is another message, and what came so far belongs to none.
      if (this.#parts > 0) this.#fail(broken("the provider's stream began a second message"), events);
      return;
    }
    this.#phase = "content";
    events.push({ kind: "start", id: text(message["id"]), model: text(message["model"]) });
    this.#addUsage(message["usage"], events);
    // Blocks that are there from the beginning (programmatic tool calling).
    const content = Array.isArray(message["content"]) ? message["content"] : [];
    for (const block of content.filter(isObject)) {
      this.#open(block, -1, events);
      this.#close(events);
    }
  }

  #content(type: string, data: JsonObject, events: StreamEvent[]): void {
    const wireIndex = typeof data["index"] === "number" ? data["index"] : 0;
    if (type === "content_block_start") {
      this.#close(events);
      this.#open(isObject(data["content_block"]) ? data["content_block"] : {}, wireIndex, events);
    } else if (this.#block?.wireIndex !== wireIndex) {
      if (type === "content_block_delta")
        this.#fail(broken("the provider's stream has a delta of a block that is not open"), events);
    } else if (type === "content_block_stop") this.#close(events);
    else if (!this.#block.add(isObject(data["delta"]) ? data["delta"] : {}, events))
      this.#fail(broken("a block of the provider's stream is too large"), events);
  }

  #open(block: JsonObject, wireIndex: number, events: StreamEvent[]): void {
    if (block["type"] === "tool_use") this.#hasToolCall = true;
    this.#block = new OpenBlock(block, wireIndex, this.#parts++, events);
  }

  #close(events: StreamEvent[]): void {
    this.#block?.close(events);
    this.#block = undefined;
  }

  #delta(data: JsonObject, events: StreamEvent[]): void {
    this.#addUsage(data["usage"], events);
    const delta = isObject(data["delta"]) ? data["delta"] : {};
    const reason = delta["stop_reason"];
    if (typeof reason !== "string" || this.#phase !== "content") return;
    this.#close(events);
    const refusal = refusalText(delta["stop_details"]);
    if (refusal !== undefined) {
      const place = { candidate: 0, index: this.#parts++ };
      events.push({ kind: "open", ...place, part: { kind: "refusal" } });
      events.push({ kind: "delta", ...place, text: refusal }, { kind: "close", ...place });
    }
    this.#phase = "finished";
    const sequence = delta["stop_sequence"];
    const stopped = typeof sequence === "string" ? { stopSequence: sequence } : {};
    events.push({ kind: "finish", candidate: 0, reason: decodeFinishReason(reason), ...stopped });
  }

  #stop(events: StreamEvent[]): void {
    this.#close(events);
    // Some vendors give no stop reason; the message is complete all the same.
    if (this.#phase === "content")
      events.push({ kind: "finish", candidate: 0, reason: this.#hasToolCall ? "tool-calls" : "stop" });
    this.#phase = "over";
    events.push({ kind: "end" });
  }

  #addUsage(usage: JsonValue | undefined, events: StreamEvent[]): void {
    if (!isObject(usage)) return;
    this.#tally.add(usage);
    const total = this.#tally.usage;
    if (total !== undefined) events.push({ kind: "usage", usage: total });
  }

  #fail(error: ProviderError, events: StreamEvent[]): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    events.push({ kind: "error", error });
  }
}

function broken(message: string): ProviderError {
  return { kind: "bad-gateway", status: 502, message };
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
