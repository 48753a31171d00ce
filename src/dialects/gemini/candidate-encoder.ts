/** One candidate's events as the parts of a Gemini stream. */
import type { FinishReason } from "../../conversation/answer.ts";
import type { OpenPart, StreamEvent } from "../../conversation/events.ts";
import { Losses } from "../../conversation/losses.ts";
import type { Part } from "../../conversation/parts.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { Seal } from "../seal.ts";
import { OpenMark } from "../signatures.ts";
import { encodeAnswerPart, ownCitations } from "./encode-answer.ts";
import { encodeModelParts } from "./encode-model-parts.ts";
import { encodeFinishReason } from "./finish-reason.ts";
import { encodeLogprobs } from "./logprobs.ts";
import { markForeignCalls, readPlace, wrapMark } from "./signatures.ts";

type PartEvent = Extract<StreamEvent, { kind: "open" | "delta" | "signature" | "close" | "part" }>;

/** What it returns are parts, in the order to send them. */
export class CandidateEncoder {
  readonly #seal: Seal;
  #open: OpenPart | undefined;
  /** Of the open part, where it cannot be sent on as it comes: arguments, and the proof of a thought. */
  #arguments: string[] = [];
  #signature = "";
  /** The last of an open thought so far: the AI SDK overlooks a proof that comes with no text. */
  #thought = "";
  /** Of the open thought, when it is another provider's. */
  #mark: OpenMark | undefined;
  #hasRefusal = false;
  #hasCalls = false;
  #finish: FinishReason = "stop";
  #logprobs: JsonValue | undefined;
  #citations: JsonObject = {};
  /** The signature of the call that comes next. */
  #callSignature: Part | undefined;

  constructor(seal: Seal) {
    this.#seal = seal;
  }

  push(event: PartEvent): JsonObject[] {
    switch (event.kind) {
      case "open":
        this.#open = event.part;
        if (event.part.kind === "reasoning" && event.part.origin !== "gemini")
          this.#mark = new OpenMark(this.#seal, event.part.origin);
        this.#hasRefusal ||= event.part.kind === "refusal";
        return [];
      case "delta":
        return this.#delta(event.text);
      case "signature":
        this.#signature += event.signature;
        return [];
      case "close":
        return this.#close(event.annotations);
      case "part":
        return this.#whole(event.part);
      default: {
        const never: never = event;
        return never;
      }
    }
  }

  logprobs(value: JsonValue): void {
    this.#logprobs = value;
  }

  /** Goes out with the next piece; undefined when there is none. */
  takeLogprobs(): JsonObject | undefined {
    const encoded = encodeLogprobs(this.#logprobs);
    this.#logprobs = undefined;
    return encoded;
  }

  finish(reason: FinishReason): void {
    this.#finish = reason;
  }

  /** What was held back of a part that will not be closed any more. */
  rest(): JsonObject[] {
    const text = this.#thought;
    this.#thought = "";
    return text === "" ? [] : [{ text, thought: true }];
  }

  /** What stands beside the content in the last piece. */
  get ending(): JsonObject {
    // A refusal with another finish (OpenAI ends it with `stop`) is one all the same.
    const reason = this.#finish === "stop" && this.#hasRefusal ? "refusal" : this.#finish;
    return { finishReason: encodeFinishReason(reason), ...this.#citations };
  }

  #delta(text: string): JsonObject[] {
    const kind = this.#open?.kind;
    switch (kind) {
      case undefined:
        return [];
      case "text":
      case "refusal":
        return [{ text }];
      case "reasoning": {
        this.#mark?.add(text);
        const before = this.rest();
        this.#thought = text;
        return before;
      }
      case "tool-call":
        this.#arguments.push(text);
        return [];
      default: {
        const never: never = kind;
        return never;
      }
    }
  }

  #close(annotations: Extract<PartEvent, { kind: "close" }>["annotations"]): JsonObject[] {
    const part = this.#open;
    this.#open = undefined;
    const signature = this.#signature;
    this.#signature = "";
    if (annotations !== undefined) Object.assign(this.#citations, ownCitations(annotations));
    if (part?.kind === "tool-call") {
      const text = this.#arguments.join("");
      this.#arguments = [];
      return this.#call({ ...part, arguments: text });
    }
    if (part?.kind !== "reasoning") return [];
    // Reasoning of another provider is marked as such even where it has no signature.
    const mark = this.#mark?.end(signature === "" ? {} : { signature });
    this.#mark = undefined;
    const proof = mark === undefined ? signature : wrapMark(mark);
    const [last] = this.rest();
    if (proof === "") return last === undefined ? [] : [last];
    return [{ text: "", thought: true, ...last, thoughtSignature: proof }];
  }

  #whole(part: Part): JsonObject[] {
    if (part.kind === "refusal") this.#hasRefusal = true;
    if (part.kind === "text" && part.annotations !== undefined)
      Object.assign(this.#citations, ownCitations(part.annotations));
    if (part.kind === "tool-call") return this.#call(part);
    const place =
      part.kind === "reasoning" && part.origin === "gemini" ? readPlace(part.signature ?? "") : undefined;
    if (place?.place.kind === "call") {
      this.#callSignature = part;
      return [];
    }
    // The text itself has gone out already.
    if (place !== undefined) return [{ text: "", thoughtSignature: place.signature }];
    return this.#encode([part]);
  }

  #call(call: Omit<Extract<Part, { kind: "tool-call" }>, "kind">): JsonObject[] {
    const [encoded] = this.#encode([{ ...call, kind: "tool-call" }]);
    const signed = this.#callSignature;
    this.#callSignature = undefined;
    if (encoded === undefined) return [];
    const place = signed?.kind === "reasoning" ? readPlace(signed.signature ?? "") : undefined;
    if (place !== undefined) encoded["thoughtSignature"] = place.signature;
    if (!this.#hasCalls) markForeignCalls([encoded]);
    this.#hasCalls = true;
    return [encoded];
  }

  #encode(parts: readonly Part[]): JsonObject[] {
    // A stream has no place for a loss report; what has no part is left out.
    const losses = new Losses();
    return encodeModelParts(parts, "content", {
      losses,
      seal: this.#seal,
      other: (part, at) => encodeAnswerPart(part, at, losses),
    });
  }
}
