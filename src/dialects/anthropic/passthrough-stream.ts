/** Watches a stream that passes unchanged: usage, length, end, and an error that comes first. */
import type { ProviderError } from "../../conversation/error.ts";
import type { Usage } from "../../conversation/usage.ts";
import { parseObject } from "../../json/parse-object.ts";
import type { JsonObject } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import type { SseEvent } from "../../sse/decoder.ts";
import type { PassthroughStream } from "../dialect.ts";
import { PassingEvents } from "../passing-events.ts";
import { decodeErrorEvent } from "./errors.ts";
import { UsageTally } from "./usage.ts";

export class PassthroughReader implements PassthroughStream {
  readonly #events = new PassingEvents(
    (event) => this.#read(event),
    () => {
      this.started = true;
    },
  );
  readonly #tally = new UsageTally();
  outputCharacters = 0;
  complete = false;
  started = false;
  model: string | undefined;
  firstError: ProviderError | undefined;

  get usage(): Usage | undefined {
    return this.#tally.usage;
  }

  push(chunk: Uint8Array): Uint8Array {
    return this.#events.push(chunk);
  }

  end(): Uint8Array {
    return this.#events.end();
  }

  #read(event: SseEvent): void {
    const { data } = event;
    if (data === "" || event.event === "ping") return;
    const value = parseObject(data);
    if (value === undefined) return;
    const isFirst = !this.started;
    this.started = true;
    switch (value["type"]) {
      case "content_block_delta":
        if (isObject(value["delta"])) this.#count(value["delta"]);
        return;
      case "message_start":
        if (isObject(value["message"])) this.#begin(value["message"]);
        return;
      case "message_delta":
        this.#tally.add(value["usage"]);
        return;
      case "message_stop":
        this.complete = true;
        return;
      case "error":
        if (isFirst) this.firstError = decodeErrorEvent(value);
        return;
      default:
        return;
    }
  }

  #begin(message: JsonObject): void {
    this.#tally.add(message["usage"]);
    if (typeof message["model"] === "string") this.model = message["model"];
  }

  #count(delta: JsonObject): void {
    for (const name of ["text", "thinking", "partial_json"]) {
      const text = delta[name];
      if (typeof text === "string") this.outputCharacters += text.length;
    }
  }
}
