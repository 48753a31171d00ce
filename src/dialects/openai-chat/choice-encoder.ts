/** One candidate's events as the deltas of a choice. */
import type { OpenPart, StreamEvent } from "../../conversation/events.ts";
import type { Part, TextPart } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import type { Seal } from "../seal.ts";
import { OpenMark } from "../signatures.ts";
import { encodeThinkingBlock } from "./thinking-blocks.ts";
import { citationsFor } from "./url-citations.ts";

type PartEvent = Extract<StreamEvent, { kind: "open" | "delta" | "signature" | "close" | "part" }>;

/** What it returns are `delta` objects, in the order to send them. */
export class ChoiceEncoder {
  hasRefusal = false;
  hasToolCalls = false;
  readonly #seal: Seal;
  #hasRole = false;
  #open: OpenPart | undefined;
  /** Of the open reasoning part, which is repeated with its signature when it is whole. */
  #thinking = "";
  #signature = "";
  #mark: OpenMark | undefined;
  #calls = 0;
  readonly #blocks: JsonObject[] = [];

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  push(event: PartEvent): JsonObject[] {
    switch (event.kind) {
      case "open":
        return this.#openPart(event.part);
      case "delta":
        return this.#delta(event.text);
      case "signature":
        this.#signature += event.signature;
        return [];
      case "close":
        return this.#close(event.annotations);
      case "part":
        return this.#wholePart(event.part);
      default: {
        const unknown: never = event;
        throw new TypeError(`unknown event: ${JSON.stringify(unknown)}`);
      }
    }
  }

  /**
   * The first delta of a choice names the role, and holds no text when the answer begins with something else: the AI SDK
   * takes even an empty one for the beginning of a text.
   */
  role(content: "" | null = ""): JsonObject[] {
    if (this.#hasRole) return [];
    this.#hasRole = true;
    return [{ role: "assistant", content, refusal: null }];
  }

  /**
   * What comes when all parts are through: every thinking block, in one delta, since OpenAI's Node SDK keeps only the
   * last value of a field that it does not know, and Claude answers 400 when some of its blocks are missing. Each with
   * its index, by which the Python SDK adds up entries of lists.
   */
  finish(): JsonObject[] {
    return this.#blocks.length === 0 ? [] : [{ thinking_blocks: this.#blocks }];
  }

  #openPart(part: OpenPart): JsonObject[] {
    this.#open = part;
    if (part.kind === "reasoning") this.#mark = new OpenMark(this.#seal, part.origin);
    if (part.kind !== "tool-call") return this.role(part.kind === "text" ? "" : null);
    const called = { name: part.name, arguments: "" };
    return [...this.role(null), this.#call({ id: part.id, type: "function", function: called })];
  }

  #delta(text: string): JsonObject[] {
    const kind = this.#open?.kind;
    switch (kind) {
      case undefined:
        return [];
      case "text":
        return [{ content: text }];
      case "refusal":
        this.hasRefusal = true;
        return [{ refusal: text }];
      case "reasoning":
        this.#thinking += text;
        this.#mark?.add(text);
        return [{ reasoning_content: text }];
      case "tool-call":
        return [{ tool_calls: [{ index: this.#calls - 1, function: { arguments: text } }] }];
      default: {
        const unknown: never = kind;
        throw new TypeError(`unknown part: ${String(unknown)}`);
      }
    }
  }

  #close(annotations: TextPart["annotations"]): JsonObject[] {
    const [thinking, signature, mark] = [this.#thinking, this.#signature, this.#mark];
    this.#open = undefined;
    this.#mark = undefined;
    this.#thinking = "";
    this.#signature = "";
    const citations = citationsFor("openai-chat", annotations).items;
    if (citations.length > 0) return [{ annotations: [...citations] }];
    if (mark !== undefined && signature !== "")
      this.#keep({ type: "thinking", thinking, signature: mark.end({ signature }) });
    return [];
  }

  #wholePart(part: Part): JsonObject[] {
    switch (part.kind) {
      case "text":
        return [...this.role(), { content: part.text }];
      case "refusal":
        this.hasRefusal = true;
        return [...this.role(null), { refusal: part.text }];
      case "reasoning": {
        this.#keep(encodeThinkingBlock(part, this.#seal));
        return [...this.role(null), ...(part.text === "" ? [] : [{ reasoning_content: part.text }])];
      }
      case "tool-call": {
        const called = { name: part.name, arguments: part.arguments };
        return [...this.role(null), this.#call({ id: part.id, type: "function", function: called })];
      }
      case "foreign":
        if (part.dialect !== "openai-chat") return [];
        if (typeof part.value["type"] === "string") return [...this.role(null), this.#call(part.value)];
        return [...this.role(), part.value];
      case "image":
      case "document":
      case "audio":
      case "tool-result":
        return [];
      default: {
        const unknown: never = part;
        throw new TypeError(`unknown part: ${JSON.stringify(unknown)}`);
      }
    }
  }

  #call(call: JsonObject): JsonObject {
    this.hasToolCalls = true;
    return { tool_calls: [{ index: this.#calls++, ...call }] };
  }

  #keep(block: JsonObject | undefined): void {
    if (block !== undefined) this.#blocks.push({ index: this.#blocks.length, ...block });
  }
}
