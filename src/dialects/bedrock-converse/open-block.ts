/**
 * The content block that a stream has open.
 *
 * Only tool calls are announced; text and reasoning show what they are in their first delta, and a block of nothing
 * but empty text (some models begin with one) is no part at all. Text, reasoning and tool calls are passed on as
 * they come; what no other dialect knows is gathered and passed on whole.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlockDelta.html
 */
import type { OpenPart, StreamEvent } from "../../conversation/events.ts";
import type { Part } from "../../conversation/parts.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { decodeBlock, isServerTool } from "./decode-content.ts";

/** Characters that one block may gather. */
const maxGathered = 16 * 1024 * 1024;
const maxItems = 10_000;

export class OpenBlock {
  /** Bedrock's own index, which its deltas carry. */
  readonly wireIndex: number;
  readonly #nextIndex: () => number;
  readonly #events: StreamEvent[];
  /** What `contentBlockStart` said, for blocks that are passed on whole: `toolUse`, `toolResult`, `image`. */
  readonly #start: JsonObject;
  #open: { readonly kind: OpenPart["kind"]; readonly index: number } | undefined;
  readonly #citations: JsonValue[] = [];
  readonly #items: JsonValue[] = [];
  #redacted: Buffer[] = [];
  #input = "";
  #gathered = 0;

  /**
   * @param start `start` of `contentBlockStart`, empty for blocks without one
   * @param nextIndex gives the index of the next part, once it is known to be one
   * @param events receives the events
   */
  constructor(wireIndex: number, start: JsonObject, nextIndex: () => number, events: StreamEvent[]) {
    this.wireIndex = wireIndex;
    this.#start = start;
    this.#nextIndex = nextIndex;
    this.#events = events;
    const call = start["toolUse"];
    if (isObject(call) && !isServerTool(call))
      this.#begin({ kind: "tool-call", id: string(call["toolUseId"]), name: string(call["name"]) });
  }

  /**
   * Kinds of deltas that are not known are passed over: new ones may be added at any time.
   * @returns false when the block has grown too large
   */
  add(delta: JsonObject): boolean {
    const { text, reasoningContent, toolUse, citation, toolResult, image } = delta;
    if (typeof text === "string") this.#text({ kind: "text" }, text);
    else if (isObject(reasoningContent)) this.#reasoning(reasoningContent);
    else if (isObject(toolUse)) this.#arguments(string(toolUse["input"]));
    else if (isObject(citation)) this.#citations.push(citation);
    else if (Array.isArray(toolResult)) for (const item of toolResult) this.#gather(item);
    else if (isObject(image)) this.#gather(image);
    const items = this.#citations.length + this.#items.length + this.#redacted.length;
    return items <= maxItems && this.#gathered <= maxGathered;
  }

  close(): void {
    const open = this.#open;
    const part = this.#wholePart();
    if (part !== undefined) {
      // Redacted thinking may follow thinking in one block.
      if (open !== undefined) this.#close(open);
      this.#events.push({ kind: "part", candidate: 0, index: this.#nextIndex(), part });
    } else if (open !== undefined) {
      // A call without arguments streams none, or empty text.
      if (open.kind === "tool-call" && this.#input === "") this.#delta(open.index, "{}");
      this.#close(open);
    }
  }

  #close({ index }: { readonly index: number }): void {
    const items = this.#citations;
    const cited = items.length > 0 ? { annotations: { dialect: "bedrock-converse" as const, items } } : {};
    this.#events.push({ kind: "close", candidate: 0, index, ...cited });
  }

  #begin(part: OpenPart): number {
    const index = this.#nextIndex();
    this.#open = { kind: part.kind, index };
    this.#events.push({ kind: "open", candidate: 0, index, part });
    return index;
  }

  /** @param part opened if this is its first text */
  #text(part: OpenPart, text: string): void {
    if (text === "") return;
    this.#delta(this.#open?.index ?? this.#begin(part), text);
  }

  #reasoning(delta: JsonObject): void {
    const part: OpenPart = { kind: "reasoning", origin: "bedrock-converse" };
    const { text, signature, redactedContent } = delta;
    if (typeof text === "string") this.#text(part, text);
    if (typeof signature === "string" && signature !== "") {
      const index = this.#open?.index ?? this.#begin(part);
      this.#events.push({ kind: "signature", candidate: 0, index, signature });
    }
    if (typeof redactedContent === "string") {
      this.#gathered += redactedContent.length;
      // Base64 of pieces cannot be joined as text.
      this.#redacted.push(Buffer.from(redactedContent, "base64"));
    }
  }

  #arguments(piece: string): void {
    if (this.#open?.kind === "tool-call" && piece !== "") {
      this.#input = "streamed";
      this.#delta(this.#open.index, piece);
    } else if (this.#open === undefined) {
      this.#input += piece;
      this.#gathered += piece.length;
    }
  }

  #gather(item: JsonValue): void {
    this.#items.push(item);
    this.#gathered += JSON.stringify(item).length;
  }

  #delta(index: number, text: string): void {
    this.#events.push({ kind: "delta", candidate: 0, index, text });
  }

  /** @returns undefined for blocks that were passed on as they came, and for empty ones */
  #wholePart(): Part | undefined {
    if (this.#redacted.length > 0) {
      const redactedContent = Buffer.concat(this.#redacted).toString("base64");
      return decodeBlock({ reasoningContent: { redactedContent } });
    }
    if (this.#open !== undefined) return undefined;
    const { toolUse, toolResult, image } = this.#start;
    if (isObject(toolUse)) return decodeBlock({ toolUse: { ...toolUse, input: parsed(this.#input) } });
    if (isObject(toolResult)) return decodeBlock({ toolResult: { ...toolResult, content: this.#items } });
    if (isObject(image)) return decodeBlock({ image: { ...image, ...merged(this.#items) } });
    return undefined;
  }
}

/** Deltas of an image: its bytes come in its source. */
function merged(deltas: readonly JsonValue[]): JsonObject {
  const pieces = deltas
    .filter(isObject)
    .map(({ source }) => (isObject(source) ? string(source["bytes"]) : ""));
  const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64"))).toString("base64");
  return { source: { bytes } };
}

function parsed(input: string): JsonValue {
  try {
    return JSON.parse(input === "" ? "{}" : input) as JsonValue;
  } catch {
    return { _raw: input };
  }
}

function string(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
