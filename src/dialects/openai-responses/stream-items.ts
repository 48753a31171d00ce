/**
 * The events about output items, as parts. Whatever a vendor leaves out of them (deltas, beginnings, ends) is made up
 * for by the next event that has it.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
import type { StreamEvent } from "../../conversation/events.ts";
import type { Part } from "../../conversation/parts.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import {
  annotationsOf,
  decodeOutputItem,
  decodeReasoning,
  decodeSaid,
  isCustomCall,
  listOf,
  text,
} from "./decode-output.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { PartQueue } from "./part-queue.ts";
import { sectionBreak } from "./reasoning-text.ts";

/** Of one response. Events go to the list given. */
export class StreamItems {
  hasToolCalls = false;
  hasRefusal = false;
  readonly #out: StreamEvent[];
  readonly #queue: PartQueue;
  /** Of each reasoning item, the section that its last text belonged to. */
  readonly #sections = new Map<string, string>();
  /** For events that do not say which item they are about. */
  #lastIndex = 0;

  constructor(out: StreamEvent[]) {
    this.#out = out;
    this.#queue = new PartQueue(out);
  }

  /** Nothing has come that would be part of an answer. */
  get isEmpty(): boolean {
    return this.#queue.isEmpty;
  }

  /** @param event with `item`: a call opens; what other items are shows in what follows */
  added(event: JsonObject): void {
    const item = isObject(event["item"]) ? event["item"] : {};
    const key = this.#itemKey(event);
    if (item["type"] !== "function_call") return;
    this.hasToolCalls = true;
    const id = text(item["call_id"]) || text(item["id"]);
    this.#queue.open(key, { kind: "tool-call", id, name: text(item["name"]) });
  }

  /** @param event with `part`: content of a message begins */
  partAdded(event: JsonObject): void {
    const part = isObject(event["part"]) ? event["part"] : {};
    if (part["type"] === "output_text") this.#queue.open(this.#contentKey(event), { kind: "text" });
    else if (part["type"] === "refusal") this.#queue.open(this.#contentKey(event), { kind: "refusal" });
  }

  said(kind: "text" | "refusal", event: JsonObject): void {
    const key = this.#contentKey(event);
    if (kind === "refusal") this.hasRefusal = true;
    this.#queue.open(key, { kind });
    this.#queue.text(key, text(event["delta"]));
    const value = decodeLogprobs(listOf(event["logprobs"]));
    if (value !== undefined) this.#out.push({ kind: "logprobs", candidate: 0, value });
  }

  partDone(event: JsonObject): void {
    if (!isObject(event["part"])) return;
    // Thinking in the open is no part of its own; its item's end is.
    if (event["part"]["type"] !== "reasoning_text") this.#finishSaid(this.#contentKey(event), event["part"]);
  }

  /** @param section tells the pieces of one item's thinking apart */
  thought(event: JsonObject, section: string): void {
    const key = this.#itemKey(event);
    const delta = text(event["delta"]);
    if (delta === "") return;
    this.#queue.open(key, { kind: "reasoning", origin: "openai-responses" });
    const before = this.#sections.get(key);
    if (before !== undefined && before !== section) this.#queue.text(key, sectionBreak);
    this.#sections.set(key, section);
    this.#queue.text(key, delta);
  }

  argued(event: JsonObject): void {
    this.#queue.text(this.#itemKey(event), text(event["delta"]));
  }

  done(event: JsonObject): void {
    if (isObject(event["item"])) this.#finishItem(this.#itemKey(event), event["item"]);
  }

  /** @param output of the finished response, for streams that showed nothing of it before */
  complete(output: readonly JsonObject[]): void {
    if (this.isEmpty) for (const [index, item] of output.entries()) this.#finishItem(String(index), item);
    this.#queue.flush();
  }

  #finishItem(key: string, item: JsonObject): void {
    switch (item["type"]) {
      case "message":
        listOf(item["content"]).forEach((content, index) => {
          if (isObject(content)) this.#finishSaid(`${key}.${index}`, content);
        });
        return;
      case "reasoning": {
        const part = decodeReasoning(item);
        if (!this.#queue.knows(key)) return part === undefined ? undefined : this.#whole(key, part);
        const signature = part?.signature ?? part?.redacted;
        return this.#queue.end(key, signature === undefined ? {} : { signature });
      }
      default:
        if (!this.#queue.knows(key)) for (const part of decodeOutputItem(item)) this.#whole(key, part);
        else {
          if (this.#queue.charactersOf(key) === 0) this.#queue.text(key, text(item["arguments"]));
          this.#queue.end(key);
        }
    }
  }

  #finishSaid(key: string, content: JsonObject): void {
    if (!this.#queue.knows(key)) return this.#whole(key, decodeSaid(content));
    const said = text(content["type"] === "refusal" ? content["refusal"] : content["text"]);
    if (this.#queue.charactersOf(key) === 0) this.#queue.text(key, said);
    this.#queue.end(key, annotationsOf(content["annotations"]));
  }

  /** What can be streamed is, in one piece. */
  #whole(key: string, part: Part): void {
    switch (part.kind) {
      case "text":
      case "refusal":
        if (part.kind === "refusal") this.hasRefusal = true;
        this.#queue.open(key, { kind: part.kind });
        this.#queue.text(key, part.text);
        this.#queue.end(
          key,
          part.kind === "text" && part.annotations ? { annotations: part.annotations } : {},
        );
        return;
      case "tool-call":
        this.hasToolCalls = true;
        this.#queue.open(key, { kind: part.kind, id: part.id, name: part.name });
        this.#queue.text(key, part.arguments);
        this.#queue.end(key);
        return;
      default:
        if (isCustomCall(part)) this.hasToolCalls = true;
        this.#queue.whole(part);
    }
  }

  #itemKey(event: JsonObject): string {
    const index = event["output_index"];
    if (typeof index === "number") this.#lastIndex = index;
    return String(this.#lastIndex);
  }

  #contentKey(event: JsonObject): string {
    const index = event["content_index"];
    return `${this.#itemKey(event)}.${typeof index === "number" ? index : 0}`;
  }
}
