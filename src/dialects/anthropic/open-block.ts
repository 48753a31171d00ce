/**
 * The content block that a stream has open.
 *
 * Text, thinking and tool calls are passed on as they come. Blocks that no other dialect knows (server tools and
 * their results, compaction) are gathered and passed on whole.
 */
import type { StreamEvent } from "../../conversation/events.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import { decodeArguments } from "../tool-input.ts";
import { decodeAnswerBlock } from "./decode-answer.ts";

/** Characters that one block may gather. */
const maxGathered = 16 * 1024 * 1024;
const maxCitations = 10_000;

export class OpenBlock {
  /** The provider's own index, which its deltas carry. */
  readonly wireIndex: number;
  readonly #place: { readonly candidate: 0; readonly index: number };
  readonly #block: JsonObject;
  readonly #citations: JsonValue[] = [];
  /** Pieces of a tool's input that are not passed on one by one. */
  #input = "";
  #gathered = 0;
  #hasArguments = false;

  /** @param block `content_block` of its first event, which may hold content already */
  constructor(block: JsonObject, wireIndex: number, index: number, events: StreamEvent[]) {
    this.wireIndex = wireIndex;
    this.#block = { ...block };
    this.#place = { candidate: 0, index };
    this.#begin(events);
  }

  #begin(events: StreamEvent[]): void {
    const block = this.#block;
    const place = this.#place;
    switch (block["type"]) {
      case "text":
        events.push({ kind: "open", ...place, part: { kind: "text" } });
        this.#text(block["text"], events);
        if (Array.isArray(block["citations"]))
          for (const citation of block["citations"]) this.#citations.push(citation);
        return;
      case "thinking":
        events.push({ kind: "open", ...place, part: { kind: "reasoning", origin: "anthropic" } });
        this.#text(block["thinking"], events);
        this.#signature(block["signature"], events);
        return;
      case "tool_use": {
        const call = { id: string(block["id"]), name: string(block["name"]) };
        events.push({ kind: "open", ...place, part: { kind: "tool-call", ...call } });
        return;
      }
      default:
      // Passed on when it is complete.
    }
  }

  /**
   * Deltas that the block's type does not have are passed over: new ones may be added at any time.
   * @returns false when the block has grown too large
   */
  add(delta: JsonObject, events: StreamEvent[]): boolean {
    const type = delta["type"];
    switch (this.#block["type"]) {
      case "text":
        if (type === "text_delta") this.#text(delta["text"], events);
        else if (type === "citations_delta" && isObject(delta["citation"]))
          this.#citations.push(delta["citation"]);
        return this.#citations.length <= maxCitations;
      case "thinking":
        if (type === "thinking_delta") this.#text(delta["thinking"], events);
        else if (type === "signature_delta") this.#signature(delta["signature"], events);
        return true;
      case "tool_use":
        if (type === "input_json_delta") this.#arguments(string(delta["partial_json"]), events);
        return true;
      default:
        if (type !== "input_json_delta") return this.#merge(delta);
        this.#input += string(delta["partial_json"]);
        return this.#input.length <= maxGathered;
    }
  }

  close(events: StreamEvent[]): void {
    const place = this.#place;
    switch (this.#block["type"]) {
      case "text": {
        const items = this.#citations;
        const annotations = items.length > 0 ? { annotations: { dialect: "anthropic" as const, items } } : {};
        events.push({ kind: "close", ...place, ...annotations });
        return;
      }
      case "thinking":
        events.push({ kind: "close", ...place });
        return;
      case "tool_use":
        // A call without arguments streams none; the arguments are `{}` then, or what came with the start.
        if (!this.#hasArguments)
          events.push({ kind: "delta", ...place, text: JSON.stringify(this.#block["input"] ?? {}) });
        events.push({ kind: "close", ...place });
        return;
      default:
        if (this.#input !== "") this.#block["input"] = decodeArguments(this.#input).input;
        events.push({ kind: "part", ...place, part: decodeAnswerBlock(this.#block) });
    }
  }

  #text(value: JsonValue | undefined, events: StreamEvent[]): void {
    if (typeof value === "string" && value !== "")
      events.push({ kind: "delta", ...this.#place, text: value });
  }

  #signature(value: JsonValue | undefined, events: StreamEvent[]): void {
    const signature = string(value);
    if (signature !== "") events.push({ kind: "signature", ...this.#place, signature });
  }

  #arguments(piece: string, events: StreamEvent[]): void {
    if (piece === "") return;
    this.#hasArguments = true;
    events.push({ kind: "delta", ...this.#place, text: piece });
  }

  /** Deltas of block types that are not known: texts and lists grow, other values replace. */
  #merge(delta: JsonObject): boolean {
    for (const [name, value] of Object.entries(delta)) {
      if (name === "type") continue;
      const before = this.#block[name];
      if (typeof value === "string") {
        this.#gathered += value.length;
        this.#block[name] = `${typeof before === "string" ? before : ""}${value}`;
      } else if (Array.isArray(value) && Array.isArray(before)) {
        this.#gathered += value.length;
        for (const item of value) before.push(item);
      } else this.#block[name] = value;
    }
    return this.#gathered <= maxGathered;
  }
}

function string(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
