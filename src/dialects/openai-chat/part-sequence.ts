/**
 * Puts the pieces of one candidate into the strict order of `conversation/events.ts`: one part open at a time.
 *
 * OpenAI's format lets pieces of several tool calls come mixed. Only the first unfinished part streams; what
 * belongs to later ones is held until it is whole. In the usual case (calls one after the other) nothing waits.
 */
import type { OpenPart, StreamEvent } from "../../conversation/events.ts";
import type { ForeignPart, ReasoningPart } from "../../conversation/parts.ts";
import type { JsonValue } from "../../json/types.ts";
import { ArgumentText } from "./argument-text.ts";

/** A piece that breaks the rules or the limits; the stream cannot go on. */
export class PartSequenceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PartSequenceError";
  }
}

interface PendingPart {
  /** Undefined for a tool call whose name has not come yet, and for parts that come in one piece. */
  open: OpenPart | undefined;
  readonly whole: ForeignPart | ReasoningPart | undefined;
  /** Present for tool calls. */
  readonly call: { id: string; name: string; readonly text: ArgumentText } | undefined;
  /** Of a text part. */
  readonly annotations: JsonValue[];
  /** Not yet sent on. */
  held: string[];
  index: number | undefined;
  isClosed: boolean;
}

/** Of one candidate; each may wait while its predecessors are open. */
const maxParts = 4096;
const maxHeldCharacters = 16 * 1024 * 1024;

/** Events go to the list given; `flush` closes what is open when the candidate has finished. */
export class PartSequence {
  readonly #candidate: number;
  readonly #out: StreamEvent[];
  /** Unfinished parts, the one that streams first. */
  readonly #queue: PendingPart[] = [];
  readonly #calls = new Map<string, PendingPart>();
  #started = 0;
  #parts = 0;
  #heldCharacters = 0;

  /** @param out receives the events */
  constructor(candidate: number, out: StreamEvent[]) {
    this.#candidate = candidate;
    this.#out = out;
  }

  /** Text of a kind continues the last part when that is of the same kind. */
  text(kind: "text" | "refusal" | "reasoning", text: string): void {
    const last = this.#queue.at(-1);
    if (last !== undefined && last.open?.kind === kind) {
      this.#push(last, text);
      return;
    }
    const open: OpenPart = kind === "reasoning" ? { kind, origin: "openai-chat" } : { kind };
    const part = this.#add({ open, whole: undefined, call: undefined });
    this.#push(part, text);
  }

  whole(part: ForeignPart | ReasoningPart): void {
    this.#add({ open: undefined, whole: part, call: undefined });
    this.#advance();
  }

  /** @param key tells the calls of this candidate apart */
  call(key: string, id: string, name: string, text: string): void {
    let part = this.#calls.get(key);
    if (part === undefined) {
      part = this.#add({
        open: undefined,
        whole: undefined,
        call: { id, name: "", text: new ArgumentText() },
      });
      this.#calls.set(key, part);
    }
    const { call } = part;
    if (call === undefined) return;
    if (part.open === undefined && name !== "") {
      call.name = name;
      part.open = { kind: "tool-call", id: call.id, name };
    }
    call.text.push(text);
    if (part.isClosed) {
      if (text.trim() !== "") throw new PartSequenceError("arguments of a tool call came after its end");
      return;
    }
    this.#push(part, text);
  }

  /** Signs the reasoning part that is open; nothing when none is. */
  sign(signature: string): boolean {
    const head = this.#queue[0];
    if (head?.open?.kind !== "reasoning" || head.index === undefined) return false;
    this.#out.push({ kind: "signature", candidate: this.#candidate, index: head.index, signature });
    this.#finish(head);
    return true;
  }

  /** Adds citations to the last part, when it is a text that is still open. */
  annotate(items: readonly JsonValue[]): boolean {
    const last = this.#queue.at(-1);
    if (last?.open?.kind !== "text") return false;
    if (last.annotations.length + items.length > maxParts)
      throw new PartSequenceError("too many annotations");
    last.annotations.push(...items);
    return true;
  }

  /** The candidate has finished: everything is sent on and closed. */
  flush(): void {
    for (const part of this.#queue.slice()) this.#finish(part);
  }

  #add(content: Pick<PendingPart, "open" | "whole" | "call">): PendingPart {
    if (++this.#parts > maxParts) throw new PartSequenceError(`an answer with more than ${maxParts} parts`);
    const part: PendingPart = { ...content, annotations: [], held: [], index: undefined, isClosed: false };
    this.#queue.push(part);
    return part;
  }

  #push(part: PendingPart, text: string): void {
    if (text !== "") {
      part.held.push(text);
      this.#heldCharacters += text.length;
      if (this.#heldCharacters > maxHeldCharacters)
        throw new PartSequenceError("too much text waits for its turn");
    }
    this.#advance();
  }

  #advance(): void {
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      if (head.open !== undefined) this.#send(head);
      const isDone = head.call === undefined || (head.open !== undefined && head.call.text.isWhole);
      if (this.#queue.length === 1 && head.whole === undefined) return;
      if (!isDone) return;
      this.#finish(head);
    }
  }

  /** Opens the part if need be and sends on what it holds. */
  #send(part: PendingPart): void {
    const candidate = this.#candidate;
    if (part.open === undefined) throw new PartSequenceError("a tool call without a name");
    if (part.index === undefined) {
      part.index = this.#started++;
      this.#out.push({ kind: "open", candidate, index: part.index, part: part.open });
    }
    if (part.held.length === 0) return;
    const text = part.held.join("");
    part.held = [];
    this.#heldCharacters -= text.length;
    this.#out.push({ kind: "delta", candidate, index: part.index, text });
  }

  /** @param part the first of the queue */
  #finish(part: PendingPart): void {
    const candidate = this.#candidate;
    if (part.whole !== undefined) {
      part.index = this.#started++;
      this.#out.push({ kind: "part", candidate, index: part.index, part: part.whole });
    } else {
      this.#send(part);
      if (part.index !== undefined) this.#close(part.index, part.annotations);
    }
    part.isClosed = true;
    this.#queue.shift();
  }

  #close(index: number, items: readonly JsonValue[]): void {
    const event = { kind: "close", candidate: this.#candidate, index } as const;
    this.#out.push(items.length === 0 ? event : { ...event, annotations: { dialect: "openai-chat", items } });
  }
}
