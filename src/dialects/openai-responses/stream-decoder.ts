/**
 * A stream of a response as neutral events.
 *
 * The answer starts with the first item: before it OpenAI only says that it has begun, and what goes wrong until then can
 * still be told with an HTTP status. A stream without the event that ends the response was cut and ends in an error.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
import type { ProviderError } from "../../conversation/error.ts";
import type { StreamEvent } from "../../conversation/events.ts";
import { parseObject } from "../../json/parse-object.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { SseDecoder, type SseEvent, SseTooLargeError } from "../../sse/decoder.ts";
import type { StreamDecoder } from "../dialect.ts";
import { decodeStreamError } from "../openai-chat/errors.ts";
import { PartSequenceError } from "../openai-chat/part-sequence.ts";
import { listOf, text } from "./decode-output.ts";
import { decodeErrorEvent, decodeFailedResponse } from "./errors.ts";
import { decodeStatus } from "./status.ts";
import { StreamItems } from "./stream-items.ts";
import { decodeUsage } from "./usage.ts";

/** One per answer. A stream that breaks the rules or a limit ends in an `error` event; nothing is thrown. */
export class ResponsesStreamDecoder implements StreamDecoder {
  readonly #sse = new SseDecoder();
  /** Shared with the items, which add to it; emptied by each push. */
  readonly #out: StreamEvent[] = [];
  readonly #items = new StreamItems(this.#out);
  /** The response as it was when it began. */
  #begun: JsonObject = {};
  #isStarted = false;
  #isOver = false;

  push(chunk: Uint8Array): StreamEvent[] {
    return this.#collect(() => {
      for (const event of this.#sse.push(chunk)) this.#take(event);
    });
  }

  end(): StreamEvent[] {
    return this.#collect(() => {
      // What is left of a cut stream is mostly half an event: the cut is the error, not the half.
      for (const event of this.#sse.end()) if (parseObject(event.data) !== undefined) this.#take(event);
      if (this.#isOver) return;
      const message = "The provider's stream ended before the answer was complete.";
      this.#fail({ kind: "bad-gateway", status: 502, message, code: "stream_cut" });
    });
  }

  #collect(step: () => void): StreamEvent[] {
    try {
      if (!this.#isOver) step();
    } catch (error) {
      if (!(error instanceof PartSequenceError || error instanceof SseTooLargeError)) throw error;
      const message = `The provider's stream is broken: ${error.message}.`;
      this.#fail({ kind: "bad-gateway", status: 502, message });
    }
    return this.#out.splice(0);
  }

  #take({ event, data }: SseEvent): void {
    if (this.#isOver || data === "[DONE]") return;
    const value = parseObject(data);
    if (value !== undefined) return this.#takeEvent(text(value["type"]) || event, value);
    if (data === "") {
      // Comments keep the connection open. Before the start there is nothing to keep.
      if (this.#isStarted) this.#out.push({ kind: "ping" });
      return;
    }
    const message = "The provider's stream holds an event that is not JSON.";
    this.#fail(event === "error" ? decodeStreamError(data) : { kind: "bad-gateway", status: 502, message });
  }

  #takeEvent(type: string, event: JsonObject): void {
    const response = isObject(event["response"]) ? event["response"] : {};
    switch (type) {
      case "response.created":
      case "response.queued":
      case "response.in_progress":
        this.#begun = response;
        return;
      case "response.completed":
      case "response.incomplete":
        return this.#complete({ ...response, status: type.slice("response.".length) });
      case "response.failed":
      case "response.cancelled":
        return this.#fail(decodeFailedResponse(response));
      case "error":
        return this.#fail(decodeErrorEvent(event));
      case "keepalive":
        if (this.#isStarted) this.#out.push({ kind: "ping" });
        return;
      default:
        if (isObject(event["error"])) this.#fail(decodeStreamError(event));
        else this.#takeItemEvent(type, event);
    }
  }

  /** Progress of built-in tools is passed over: their items come when they are done. */
  #takeItemEvent(type: string, event: JsonObject): void {
    this.#start();
    const items = this.#items;
    switch (type) {
      case "response.output_item.added":
        return items.added(event);
      case "response.content_part.added":
        return items.partAdded(event);
      case "response.output_text.delta":
        return items.said("text", event);
      case "response.refusal.delta":
        return items.said("refusal", event);
      case "response.content_part.done":
        return items.partDone(event);
      case "response.reasoning_summary_text.delta":
        return items.thought(event, `summary ${String(event["summary_index"] ?? 0)}`);
      case "response.reasoning_text.delta":
        return items.thought(event, `content ${String(event["content_index"] ?? 0)}`);
      case "response.function_call_arguments.delta":
        return items.argued(event);
      case "response.output_item.done":
        return items.done(event);
      default:
    }
  }

  #start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { id, model, created_at: created } = this.#begun;
    const time = typeof created === "number" ? { created } : {};
    this.#out.push({ kind: "start", id: text(id), model: text(model), ...time });
  }

  #complete(response: JsonObject): void {
    if (text(this.#begun["id"]) === "") this.#begun = response;
    this.#start();
    this.#items.complete(listOf(response["output"]).filter(isObject));
    this.#out.push({ kind: "finish", candidate: 0, reason: decodeStatus(response, this.#items) });
    const usage = decodeUsage(response["usage"]);
    if (usage !== undefined) this.#out.push({ kind: "usage", usage });
    this.#out.push({ kind: "end" });
    this.#isOver = true;
  }

  #fail(error: ProviderError): void {
    this.#out.push({ kind: "error", error });
    this.#isOver = true;
  }
}
