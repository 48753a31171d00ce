/**
 * A binary event stream of `POST /model/{modelId}/converse-stream`, to neutral events.
 *
 * The stream is complete with `messageStop`, which says why the model stopped; the usage follows in `metadata`. An
 * exception frame, a broken frame, or an end without `messageStop` is an error, never a clean end.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
import type { ProviderError } from "../../conversation/error.ts";
import type { StreamEvent } from "../../conversation/events.ts";
import { parseObject } from "../../json/parse-object.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { StreamDecoder } from "../dialect.ts";
import { stopSequenceIn } from "./decode-answer.ts";
import { brokenStream, decodeException } from "./errors.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { type Frame, FrameDecoder, FrameError } from "./frame-decoder.ts";
import { OpenBlock } from "./open-block.ts";
import { decodeUsage } from "./usage.ts";

/** One per answer; nothing is thrown. */
export class BedrockStreamDecoder implements StreamDecoder {
  readonly #frames = new FrameDecoder();
  /** Shared with the open block, which adds to it; emptied by each push. */
  readonly #out: StreamEvent[] = [];
  #phase: "before-start" | "content" | "finished" | "over" = "before-start";
  #block: OpenBlock | undefined;
  /** The last block's index on the wire: blocks come one after the other. */
  #lastWireIndex = -1;
  /** Parts so far: the index of the next one. */
  #parts = 0;

  push(chunk: Uint8Array): StreamEvent[] {
    if (this.#phase === "over") return [];
    try {
      this.#frames.push(chunk, (frame) => this.#take(frame));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#fail(brokenStream(`the provider's stream is broken: ${error.message}`));
    }
    return this.#out.splice(0);
  }

  end(): StreamEvent[] {
    if (this.#phase === "finished" && this.#frames.isAtBoundary) this.#end();
    this.#fail(brokenStream("the provider's stream ended before the message was complete"));
    return this.#out.splice(0);
  }

  #take({ header, payload }: Frame): void {
    if (this.#phase === "over") return;
    const body = parseObject(payload);
    switch (header(":message-type")) {
      case "exception":
        this.#fail(decodeException(header(":exception-type") ?? "", body ?? payload));
        return;
      case "error": {
        const message = header(":error-message");
        const told = message === undefined ? (body ?? payload) : { message };
        this.#fail(decodeException(header(":error-code") ?? "", told));
        return;
      }
      default:
        if (body !== undefined) this.#event(header(":event-type"), body);
        else this.#fail(brokenStream("the provider's stream holds an event that is no JSON"));
    }
  }

  #event(type: string | undefined, body: JsonObject): void {
    switch (type) {
      case "messageStart":
        this.#start();
        break;
      case "contentBlockStart":
      case "contentBlockDelta":
      case "contentBlockStop":
        this.#content(type, body);
        break;
      case "messageStop":
        this.#stop(body);
        break;
      case "metadata":
        this.#metadata(body);
        break;
      default:
      // New events may be added at any time, and are to be ignored.
    }
  }

  #start(): void {
    if (this.#phase !== "before-start") {
      this.#fail(brokenStream("the provider's stream began a second message"));
      return;
    }
    this.#phase = "content";
    this.#out.push({ kind: "start", id: "", model: "" });
  }

  #content(type: string, body: JsonObject): void {
    if (this.#phase !== "content") {
      this.#fail(brokenStream("the provider's stream has content outside of its message"));
      return;
    }
    const index = body["contentBlockIndex"];
    const wireIndex = typeof index === "number" ? index : 0;
    if (type === "contentBlockStop") {
      if (this.#block?.wireIndex === wireIndex) this.#closeBlock();
      return;
    }
    if (this.#block?.wireIndex !== wireIndex) {
      if (wireIndex <= this.#lastWireIndex) {
        this.#fail(brokenStream("the provider's stream goes on with a block that was complete"));
        return;
      }
      this.#closeBlock();
      this.#lastWireIndex = wireIndex;
      const start = objectOf(body["start"]);
      this.#block = new OpenBlock(wireIndex, start, () => this.#parts++, this.#out);
    }
    if (type === "contentBlockDelta" && !this.#block.add(objectOf(body["delta"])))
      this.#fail(brokenStream("a block of the provider's stream is too large"));
  }

  #closeBlock(): void {
    this.#block?.close();
    this.#block = undefined;
  }

  #stop(body: JsonObject): void {
    if (this.#phase !== "content") {
      this.#fail(brokenStream("the provider's stream ends a message that is not open"));
      return;
    }
    this.#closeBlock();
    const stopReason = typeof body["stopReason"] === "string" ? body["stopReason"] : "end_turn";
    const reason = decodeFinishReason(stopReason);
    if (reason === undefined) {
      this.#fail(brokenStream(`the model's output was malformed: ${stopReason}`));
      return;
    }
    this.#phase = "finished";
    const stopped = stopSequenceIn(body["additionalModelResponseFields"]);
    this.#out.push({ kind: "finish", candidate: 0, reason, ...stopped });
  }

  #metadata(body: JsonObject): void {
    if (this.#phase === "before-start") return;
    if (isObject(body["usage"])) this.#out.push({ kind: "usage", usage: decodeUsage(body["usage"]) });
    if (this.#phase === "finished") this.#end();
  }

  #end(): void {
    this.#phase = "over";
    this.#out.push({ kind: "end" });
  }

  #fail(error: ProviderError): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#out.push({ kind: "error", error });
  }
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}
