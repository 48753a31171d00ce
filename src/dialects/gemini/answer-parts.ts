/** The parts of a model's turn, of an answer or of a history, to neutral parts. */
import type { Part, ReasoningPart } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import type { Seal } from "../seal.ts";
import { type ReadPart, readPart } from "./read-part.ts";
import { ownThought, placedSignature, readThought, signaturePart } from "./signatures.ts";

/**
 * Gathers the parts of one turn. Neighbouring texts become one, and neighbouring thoughts: SDKs keep a streamed answer
 * in the history as the pieces that it came in.
 */
export class ModelParts {
  readonly parts: Part[] = [];
  readonly #newCallId: (position: number) => string;
  readonly #seal: Seal | undefined;
  #calls = 0;
  #texts = 0;
  /** The thought whose end has not come: a signature ends one. */
  #thinking: ReasoningPart | undefined;

  /**
   * @param newCallId an id for the call of that position in the turn, which came without one
   * @param seal in histories, which hold the reasoning of other providers as well
   */
  constructor(newCallId: (position: number) => string, seal?: Seal) {
    this.#newCallId = newCallId;
    this.#seal = seal;
  }

  /**
   * @param at its path, in requests
   * @returns what it was
   */
  add(given: JsonObject, at?: string): ReadPart["kind"] {
    const read = readPart(given);
    this.#take(read, given, at);
    return read.kind;
  }

  #take(read: ReadPart, given: JsonObject, at: string | undefined): void {
    switch (read.kind) {
      case "text":
        return read.thought ? this.#thought(read, at) : this.#text(read, at);
      case "call":
        return this.#call(read, at);
      case "inline": {
        const { mediaType, data, signature } = read;
        this.#push({ kind: "image", source: { kind: "base64", mediaType, data } }, at);
        if (signature !== undefined) this.parts.push(signaturePart(signature, at));
        return;
      }
      case "file":
      case "result":
      case "other":
        return this.#push({ kind: "foreign", dialect: "gemini", value: given }, at);
      default: {
        const never: never = read;
        return never;
      }
    }
  }

  #text({ text, signature }: Extract<ReadPart, { kind: "text" }>, at: string | undefined): void {
    if (text === "") {
      if (signature !== undefined) this.parts.push(signaturePart(signature, at));
      return;
    }
    const last = this.parts.at(-1);
    if (last?.kind === "text") this.parts[this.parts.length - 1] = { ...last, text: last.text + text };
    else {
      this.#push({ kind: "text", text }, at);
      this.#texts++;
    }
    if (signature === undefined) return;
    this.parts.push(placedSignature({ kind: "text", index: this.#texts - 1 }, signature, at));
  }

  #thought({ text, signature }: Extract<ReadPart, { kind: "text" }>, at: string | undefined): void {
    const last = this.parts.at(-1);
    const begun = last !== undefined && last === this.#thinking ? this.#thinking : undefined;
    const whole = `${begun?.text ?? ""}${text}`;
    // The signature that ends the pieces says whose thought it is, and is about all of it.
    const proof =
      this.#seal === undefined ? ownThought(signature) : readThought(this.#seal, signature, whole);
    const path = begun?.at ?? at;
    const thought: ReasoningPart = {
      kind: "reasoning",
      text: whole,
      ...proof,
      ...(path !== undefined && { at: path }),
    };
    if (begun === undefined) this.parts.push(thought);
    else this.parts[this.parts.length - 1] = thought;
    this.#thinking = signature === undefined ? thought : undefined;
  }

  #call(read: Extract<ReadPart, { kind: "call" }>, at: string | undefined): void {
    const index = this.#calls++;
    const { name, signature } = read;
    if (signature !== undefined) this.parts.push(placedSignature({ kind: "call", index }, signature, at));
    const id = read.id === "" ? this.#newCallId(index) : read.id;
    this.#push({ kind: "tool-call", id, name, arguments: read.arguments }, at);
  }

  #push(part: Part, at: string | undefined): void {
    this.parts.push(at === undefined ? part : { ...part, at });
  }
}
