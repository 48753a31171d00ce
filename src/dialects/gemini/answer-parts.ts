/** The parts of a model's turn, of an answer or of a history, to neutral parts. */
import type { Part, ReasoningPart } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import { type ReadPart, readPart } from "./read-part.ts";
import { placedSignature, signaturePart, unwrapSignature } from "./signatures.ts";

/**
 * Gathers the parts of one turn. Neighbouring texts become one, and neighbouring thoughts: SDKs keep a streamed answer
 * in the history as the pieces that it came in.
 */
export class ModelParts {
  readonly parts: Part[] = [];
  readonly #newCallId: (position: number) => string;
  #calls = 0;
  #texts = 0;

  /** @param newCallId an id for the call of that position in the turn, which came without one */
  constructor(newCallId: (position: number) => string) {
    this.#newCallId = newCallId;
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
    const thought: ReasoningPart = { kind: "reasoning", text, ...unwrapSignature(signature) };
    const last = this.parts.at(-1);
    if (last?.kind !== "reasoning" || last.text === "" || last.signature !== undefined)
      return this.#push(thought, at);
    // The signature that ends the pieces says whose thought it is.
    this.parts[this.parts.length - 1] = { ...last, ...thought, text: last.text + text };
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
