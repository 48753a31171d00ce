/** Watches a stream that passes unchanged: usage, length, end, and an error that comes first. */
import { parseObject } from "../../json/parse-object.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { SseEvent } from "../../sse/decoder.ts";
import { PassingReader } from "../passing-reader.ts";
import { decodeErrorEvent } from "./errors.ts";
import { UsageTally } from "./usage.ts";

export class PassthroughReader extends PassingReader {
  readonly #tally = new UsageTally();

  protected override read(event: SseEvent): true {
    this.#note(event);
    return true;
  }

  #note(event: SseEvent): void {
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
        this.#add(value["usage"]);
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
    this.#add(message["usage"]);
    if (typeof message["model"] === "string") this.model = message["model"];
  }

  #add(usage: JsonValue | undefined): void {
    this.#tally.add(usage);
    this.usage = this.#tally.usage;
  }

  #count(delta: JsonObject): void {
    for (const name of ["text", "thinking", "partial_json"]) {
      const text = delta[name];
      if (typeof text === "string") this.outputCharacters += text.length;
    }
  }
}
