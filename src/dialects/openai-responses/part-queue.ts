/**
 * Puts the pieces of a response's stream into the strict order of `conversation/events.ts`: one part open at a time.
 *
 * Every piece names its part here and every part its end, so parts may lie across each other. The first unfinished one
 * streams; what belongs to later ones is held until their turn. In the usual case (one after the other) nothing waits.
 */
import type { OpenPart, StreamEvent } from "../../conversation/events.ts";
import type { Part, TextPart } from "../../conversation/parts.ts";
import { PartSequenceError } from "../openai-chat/part-sequence.ts";

/** What is known of a part when it ends. */
export interface PartEnd {
  readonly annotations?: NonNullable<TextPart["annotations"]>;
  readonly signature?: string;
}

interface PendingPart {
  /** Undefined for a part that comes in one piece. */
  readonly open: OpenPart | undefined;
  readonly whole: Part | undefined;
  held: string[];
  /** All of its text that has come. */
  characters: number;
  index: number | undefined;
  end: PartEnd | undefined;
}

const maxParts = 4096;
const maxHeldCharacters = 16 * 1024 * 1024;

/** Of one response. Events go to the list given. */
export class PartQueue {
  readonly #out: StreamEvent[];
  /** Unfinished parts, the one that streams first. */
  readonly #queue: PendingPart[] = [];
  readonly #byKey = new Map<string, PendingPart>();
  #started = 0;
  #parts = 0;
  #heldCharacters = 0;

  constructor(out: StreamEvent[]) {
    this.#out = out;
  }

  get isEmpty(): boolean {
    return this.#parts === 0;
  }

  /** The part has been opened, and may have ended. */
  knows(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** How much of the part's text has come. */
  charactersOf(key: string): number {
    return this.#byKey.get(key)?.characters ?? 0;
  }

  open(key: string, open: OpenPart): void {
    if (this.#byKey.has(key)) return;
    this.#byKey.set(key, this.#add(open, undefined));
    this.#advance();
  }

  /** @throws PartSequenceError when the part has ended */
  text(key: string, text: string): void {
    const part = this.#byKey.get(key);
    if (part === undefined || text === "") return;
    if (part.end !== undefined) throw new PartSequenceError("text of a part came after its end");
    part.characters += text.length;
    if (part === this.#queue[0] && part.index !== undefined) {
      this.#out.push({ kind: "delta", candidate: 0, index: part.index, text });
      return;
    }
    part.held.push(text);
    this.#heldCharacters += text.length;
    if (this.#heldCharacters > maxHeldCharacters)
      throw new PartSequenceError("too much text waits for its turn");
    this.#advance();
  }

  /** Nothing when it has ended already. */
  end(key: string, end: PartEnd = {}): void {
    const part = this.#byKey.get(key);
    if (part === undefined || part.end !== undefined) return;
    part.end = end;
    this.#advance();
  }

  /** A part that did not stream. */
  whole(part: Part): void {
    this.#add(undefined, part).end = {};
    this.#advance();
  }

  /** The response has finished: everything is sent on and closed. */
  flush(): void {
    for (const part of this.#queue) part.end ??= {};
    this.#advance();
  }

  #add(open: OpenPart | undefined, whole: Part | undefined): PendingPart {
    if (++this.#parts > maxParts) throw new PartSequenceError(`an answer with more than ${maxParts} parts`);
    const part: PendingPart = { open, whole, held: [], characters: 0, index: undefined, end: undefined };
    this.#queue.push(part);
    return part;
  }

  #advance(): void {
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      this.#send(head);
      if (head.end === undefined) return;
      this.#close(head, head.end);
      this.#queue.shift();
    }
  }

  /** Opens the part if need be and sends on what it holds. */
  #send(part: PendingPart): void {
    if (part.index === undefined) {
      part.index = this.#started++;
      const place = { candidate: 0, index: part.index };
      if (part.whole !== undefined) this.#out.push({ kind: "part", ...place, part: part.whole });
      else if (part.open !== undefined) this.#out.push({ kind: "open", ...place, part: part.open });
    }
    if (part.held.length === 0) return;
    const text = part.held.join("");
    part.held = [];
    this.#heldCharacters -= text.length;
    this.#out.push({ kind: "delta", candidate: 0, index: part.index, text });
  }

  #close({ index, whole }: PendingPart, { annotations, signature }: PartEnd): void {
    if (index === undefined || whole !== undefined) return;
    const place = { candidate: 0, index };
    if (signature !== undefined) this.#out.push({ kind: "signature", ...place, signature });
    this.#out.push({ kind: "close", ...place, ...(annotations === undefined ? {} : { annotations }) });
  }
}
