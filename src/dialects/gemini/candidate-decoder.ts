/** One candidate of a stream: its pieces become the parts of one neutral candidate, one open at a time. */
import type { StreamEvent } from "../../conversation/events.ts";
import type { Part } from "../../conversation/parts.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { inventedToolCallId } from "../invented-ids.ts";
import { citationsOf, refusalOf } from "./decode-answer.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { decodeLogprobs } from "./logprobs.ts";
import { type ReadPart, readPart } from "./read-part.ts";
import { placedSignature, signaturePart } from "./signatures.ts";

/** A piece that cannot be read; the stream cannot go on. */
export class BrokenStreamError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BrokenStreamError";
  }
}

const maxParts = 4096;

/** Feed it the pieces of one candidate in order, then `complete` it once. */
export class CandidateDecoder {
  readonly #candidate: number;
  readonly #out: StreamEvent[];
  #open: "text" | "thought" | undefined;
  #parts = 0;
  #texts = 0;
  #calls = 0;
  #reason: string | undefined;
  #refusal: Part | undefined;
  /** The last that came; later ones hold what the earlier ones did. */
  #citations: JsonObject | undefined;

  /** @param out receives the events */
  constructor(candidate: number, out: StreamEvent[]) {
    this.#candidate = candidate;
    this.#out = out;
  }

  /** The provider has said why it stopped. */
  get isFinished(): boolean {
    return this.#reason !== undefined;
  }

  /** @param scope the answer's id */
  push(piece: JsonObject, scope: string): void {
    const content = isObject(piece["content"]) ? piece["content"] : {};
    for (const part of Array.isArray(content["parts"]) ? content["parts"] : []) {
      if (isObject(part)) this.#part(part, scope);
    }
    this.#citations = citationsOf(piece) ?? this.#citations;
    const logprobs = decodeLogprobs(piece["logprobsResult"]);
    if (logprobs !== undefined)
      this.#out.push({ kind: "logprobs", candidate: this.#candidate, value: logprobs });
    const reason = piece["finishReason"];
    if (typeof reason !== "string" || reason === "" || reason === "FINISH_REASON_UNSPECIFIED") return;
    this.#reason = reason;
    this.#refusal = refusalOf(piece);
  }

  complete(): void {
    this.#close();
    const reason = decodeFinishReason(this.#reason ?? "STOP", this.#calls > 0);
    if (reason === "refusal" && this.#refusal !== undefined) this.#whole(this.#refusal);
    this.#out.push({ kind: "finish", candidate: this.#candidate, reason });
  }

  #part(given: JsonObject, scope: string): void {
    const read = readPart(given);
    switch (read.kind) {
      case "text":
        return this.#text(read);
      case "call":
        return this.#call(read, given, scope);
      case "inline": {
        const { mediaType, data, signature } = read;
        this.#whole({ kind: "image", source: { kind: "base64", mediaType, data } });
        if (signature !== undefined) this.#whole(signaturePart(signature));
        return;
      }
      case "file":
      case "result":
      case "other":
        return this.#whole({ kind: "foreign", dialect: "gemini", value: given });
      default: {
        const never: never = read;
        return never;
      }
    }
  }

  #text({ text, thought, signature }: Extract<ReadPart, { kind: "text" }>): void {
    const kind = thought ? "thought" : "text";
    if (text !== "") {
      if (this.#open !== kind) this.#begin(kind);
      this.#out.push({ kind: "delta", ...this.#place, text });
    }
    if (signature === undefined) return;
    if (thought && this.#open === "thought") {
      this.#out.push({ kind: "signature", ...this.#place, signature });
      this.#close();
    } else if (text === "") this.#whole(signaturePart(signature));
    else this.#whole(placedSignature({ kind: "text", index: this.#texts - 1 }, signature));
  }

  /** Calls come whole. */
  #call(read: Extract<ReadPart, { kind: "call" }>, given: JsonObject, scope: string): void {
    const { name, signature } = read;
    if (name === "" || isPartial(given)) {
      // Vertex AI streams arguments in pieces when asked to (`streamFunctionCallArguments`), which we never do.
      throw new BrokenStreamError("a function call came in pieces");
    }
    const index = this.#calls++;
    if (signature !== undefined) this.#whole(placedSignature({ kind: "call", index }, signature));
    this.#close();
    const ownScope = this.#candidate === 0 ? scope : `${scope}${this.#candidate}`;
    const id = read.id === "" ? inventedToolCallId(ownScope, index) : read.id;
    this.#next();
    const place = this.#place;
    this.#out.push({ kind: "open", ...place, part: { kind: "tool-call", id, name } });
    this.#out.push({ kind: "delta", ...place, text: read.arguments });
    this.#out.push({ kind: "close", ...place });
  }

  #begin(kind: "text" | "thought"): void {
    this.#close();
    this.#next();
    this.#open = kind;
    if (kind === "text") this.#texts++;
    const part = kind === "text" ? ({ kind } as const) : ({ kind: "reasoning", origin: "gemini" } as const);
    this.#out.push({ kind: "open", ...this.#place, part });
  }

  #whole(part: Part): void {
    this.#close();
    this.#next();
    this.#out.push({ kind: "part", ...this.#place, part });
  }

  #close(): void {
    if (this.#open === undefined) return;
    const cites = this.#open === "text" ? this.#citations : undefined;
    this.#open = undefined;
    const annotations = cites && { annotations: { dialect: "gemini" as const, items: [cites] } };
    this.#out.push({ kind: "close", ...this.#place, ...annotations });
  }

  #next(): void {
    if (++this.#parts > maxParts) throw new BrokenStreamError(`the answer has more than ${maxParts} parts`);
  }

  /** Of the part that began last. */
  get #place(): { readonly candidate: number; readonly index: number } {
    return { candidate: this.#candidate, index: this.#parts - 1 };
  }
}

function isPartial(given: JsonObject): boolean {
  const call = given["functionCall"];
  return isObject(call) && (call["willContinue"] === true || Array.isArray(call["partialArgs"]));
}
