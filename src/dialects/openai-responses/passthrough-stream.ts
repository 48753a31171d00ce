/** Watches a stream that passes unchanged: usage, length, end, and an error that comes first. */
import type { ProviderError } from "../../conversation/error.ts";
import type { Usage } from "../../conversation/usage.ts";
import { parseObject } from "../../json/parse-object.ts";
import { isObject } from "../../json/types.ts";
import type { SseEvent } from "../../sse/decoder.ts";
import type { PassthroughStream } from "../dialect.ts";
import { PassingEvents } from "../passing-events.ts";
import { decodeErrorEvent, decodeFailedResponse } from "./errors.ts";
import { decodeUsage } from "./usage.ts";

/** One per answer. Never throws: what it cannot read, it forwards. */
export class PassthroughReader implements PassthroughStream {
  usage: Usage | undefined;
  model: string | undefined;
  outputCharacters = 0;
  complete = false;
  firstError: ProviderError | undefined;
  started = false;
  readonly #events = new PassingEvents(
    (event) => this.#read(event),
    () => {
      this.started = true;
    },
  );

  push(chunk: Uint8Array): Uint8Array {
    return this.#events.push(chunk);
  }

  end(): Uint8Array {
    return this.#events.end();
  }

  #read({ event, data }: SseEvent): void {
    if (data === "" || data === "[DONE]") return;
    const value = parseObject(data);
    if (value === undefined) {
      this.started = true;
      return;
    }
    const response = isObject(value["response"]) ? value["response"] : {};
    if (typeof response["model"] === "string" && response["model"] !== "") this.model ??= response["model"];
    switch (value["type"] ?? event) {
      case "response.created":
      case "response.in_progress":
        // Nothing of the answer yet: an error may still come first of it.
        return;
      case "response.completed":
      case "response.incomplete":
        this.usage = decodeUsage(response["usage"]) ?? this.usage;
        this.complete = true;
        break;
      case "response.failed":
        this.usage = decodeUsage(response["usage"]) ?? this.usage;
        this.#noteError(() => decodeFailedResponse(response));
        break;
      case "error":
        this.#noteError(() => decodeErrorEvent(value));
        break;
      default:
        if (isObject(value["error"])) this.#noteError(() => decodeErrorEvent(value));
        // Text, refusals, thinking, arguments, code: all of them are deltas.
        else if (typeof value["delta"] === "string") this.outputCharacters += value["delta"].length;
    }
    this.started = true;
  }

  #noteError(decode: () => ProviderError): void {
    if (!this.started) this.firstError = decode();
  }
}
