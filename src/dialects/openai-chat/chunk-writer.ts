/** The chunks of a stream in OpenAI's two older formats: the same around their choices. */
import type { StreamEvent } from "../../conversation/events.ts";
import type { Usage } from "../../conversation/usage.ts";
import type { JsonObject } from "../../json/types.ts";
import { sseData } from "../../sse/encoder.ts";
import type { EncodeContext } from "../dialect.ts";
import { encodeErrorBody } from "./errors.ts";
import { encodeUsage } from "./usage.ts";

/** What every chunk says of itself: `chat.completion.chunk`, and how an id of ours begins. */
export interface ChunkKind {
  readonly object: string;
  readonly idPrefix: string;
}

/** Events that are about the stream, and not about a choice in it. */
type StreamWideEvent = Extract<StreamEvent, { kind: "start" | "usage" | "ping" | "error" | "end" }>;

export class ChunkWriter {
  readonly #context: EncodeContext;
  readonly #kind: ChunkKind;
  /** The beginning of every chunk, up to its choices. Printed once: it is most of a chunk. */
  #head = "";
  #usage: Usage | undefined;

  constructor(context: EncodeContext, kind: ChunkKind) {
    this.#context = context;
    this.#kind = kind;
  }

  choice(choice: JsonObject): string {
    // OpenAI shows an empty usage in every chunk when it was asked for.
    return `${this.#head}[${JSON.stringify(choice)}]${this.#context.includeUsage ? ',"usage":null' : ""}}\n\n`;
  }

  push(event: StreamWideEvent): string {
    switch (event.kind) {
      case "start":
        this.#head = this.#formatHead(event.id, event.created);
        return "";
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return ": ping\n\n";
      case "error":
        // Neither a finish reason nor [DONE] follows: the SDKs throw, and nothing looks complete.
        return sseData(encodeErrorBody(event.error));
      case "end":
        return `${this.#usageChunk()}data: [DONE]\n\n`;
      default: {
        const unknown: never = event;
        throw new TypeError(`unknown event: ${JSON.stringify(unknown)}`);
      }
    }
  }

  #usageChunk(): string {
    if (!this.#context.includeUsage || this.#usage === undefined) return "";
    return `${this.#head}[],"usage":${JSON.stringify(encodeUsage(this.#usage))}}\n\n`;
  }

  #formatHead(id: string, created: number | undefined): string {
    const shared = {
      id: id === "" ? `${this.#kind.idPrefix}${this.#context.newId()}` : id,
      object: this.#kind.object,
      created: created ?? this.#context.now,
      model: this.#context.model,
    };
    return `data: ${JSON.stringify(shared).slice(0, -1)},"choices":`;
  }
}
