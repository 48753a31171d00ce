/** Watches a stream that passes unchanged: usage, length, end, and an error that comes first. */
import type { ProviderError } from "../../conversation/error.ts";
import { parseObject } from "../../json/parse-object.ts";
import { isObject } from "../../json/types.ts";
import type { SseEvent } from "../../sse/decoder.ts";
import { PassingReader } from "../passing-reader.ts";
import { decodeErrorEvent, decodeFailedResponse } from "./errors.ts";
import { decodeUsage } from "./usage.ts";

export class PassthroughReader extends PassingReader {
  protected override read(event: SseEvent): true {
    this.#note(event);
    return true;
  }

  #note({ event, data }: SseEvent): void {
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
