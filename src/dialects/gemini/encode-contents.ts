/**
 * Turns, to `systemInstruction` and `contents`: system turns first, neighbouring model turns merged, the responses of
 * functions in one content directly after the calls and in their order.
 *
 * Source: https://ai.google.dev/api/caching#Content
 */
import type { Part, ToolResultPart } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { CallLedger } from "./call-ledger.ts";
import { type Encoding, encodeMedia } from "./encode-media.ts";
import { encodeModelParts } from "./encode-model-parts.ts";
import { encodeResult } from "./encode-result.ts";
import { standInSignature } from "./signatures.ts";

/** Said in a user turn that had to be inserted. */
const placeholder = "Continue.";

interface Content {
  readonly role: "user" | "model";
  readonly parts: JsonObject[];
}

export interface EncodedContents {
  readonly system: JsonObject[];
  readonly contents: Content[];
}

/** @throws InvalidRequestError when calls and results do not match, or a file cannot be fetched */
export function encodeContents(turns: readonly Turn[], encoding: Encoding): EncodedContents {
  const encoder = new ContentsEncoder(encoding);
  const firstOther = turns.findIndex((turn) => turn.role !== "system");
  turns.forEach((turn, index) => {
    const isLate = firstOther >= 0 && index > firstOther;
    encoder.add(turn, isLate);
  });
  return encoder.finish(turns[0]?.at ?? "contents");
}

class ContentsEncoder {
  readonly #encoding: Encoding;
  readonly #ledger = new CallLedger();
  readonly #system: JsonObject[] = [];
  readonly #contents: Content[] = [];

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  add(turn: Turn, isLate: boolean): void {
    const { losses } = this.#encoding;
    if (turn.name !== undefined) losses.dropped(`${turn.at}.name`, "Gemini has no names of speakers");
    for (const part of turn.parts) this.#reportUnsendable(part, turn.at);
    switch (turn.role) {
      case "system":
        if (isLate) losses.approximated(turn.at, "moved into the system instruction at the beginning");
        for (const part of this.#encodeAll(turn.parts, turn.at)) this.#system.push(part);
        return;
      case "assistant":
        return this.#addModel(turn);
      case "user":
        return this.#addUser(turn);
      default: {
        const never: never = turn.role;
        throw new TypeError(`unknown role: ${String(never)}`);
      }
    }
  }

  finish(at: string): EncodedContents {
    this.#ledger.close(at);
    const { losses, isOwn, traits } = this.#encoding;
    if (this.#contents[0]?.role !== "user") {
      losses.approximated(at, "a conversation with Gemini begins with a user turn; one was inserted");
      this.#contents.unshift({ role: "user", parts: [{ text: placeholder }] });
    }
    if (!isOwn && this.#contents.at(-1)?.role === "model")
      losses.approximated(at, "Gemini answers a last model turn instead of continuing it");
    if (traits.signedCalls) signForeignCalls(this.#contents);
    return { system: this.#system, contents: this.#contents };
  }

  #addModel(turn: Turn): void {
    // The results of the turn before must have come by now, unless that turn is still going on.
    if (this.#contents.at(-1)?.role !== "model") this.#ledger.close(turn.at);
    for (const part of turn.parts) if (part.kind === "tool-call") this.#ledger.open(part);
    const parts = encodeModelParts(turn.parts, turn.at, {
      losses: this.#encoding.losses,
      seal: undefined,
      other: (part, at) => this.#encodePart(part, at),
    });
    this.#append("model", parts);
  }

  #addUser(turn: Turn): void {
    const results: ToolResultPart[] = [];
    const others: Part[] = [];
    for (const part of turn.parts) {
      if (part.kind === "tool-result") results.push(part);
      else others.push(part);
    }
    const moved: JsonObject[] = [];
    const responses = results
      .map((result) => this.#ledger.pair(result, turn.at))
      .sort((a, b) => a.position - b.position)
      .map((paired) => encodeResult(paired, turn.at, moved, this.#encoding));
    // Not merged with what the user says: the responses must be as many as the calls, and by themselves.
    if (responses.length > 0) this.#appendResponses(responses);
    const said = [...moved, ...this.#encodeAll(others, turn.at)];
    if (said.length > 0) this.#contents.push({ role: "user", parts: said });
  }

  #appendResponses(responses: JsonObject[]): void {
    const last = this.#contents.at(-1);
    if (last?.role === "user" && last.parts[0]?.["functionResponse"] !== undefined)
      for (const response of responses) last.parts.push(response);
    else this.#contents.push({ role: "user", parts: responses });
  }

  /** An empty content is left out: Gemini refuses it, and it says nothing. */
  #append(role: Content["role"], parts: JsonObject[]): void {
    if (parts.length === 0) return;
    const last = this.#contents.at(-1);
    if (last?.role !== role) this.#contents.push({ role, parts });
    else for (const part of parts) last.parts.push(part);
  }

  #encodeAll(parts: readonly Part[], at: string): JsonObject[] {
    return parts
      .map((part) => this.#encodePart(part, part.at ?? at))
      .filter((encoded) => encoded !== undefined);
  }

  #encodePart(part: Part, at: string): JsonObject | undefined {
    const { losses } = this.#encoding;
    switch (part.kind) {
      case "text":
      case "refusal":
        return part.text === "" ? undefined : { text: part.text };
      case "image":
      case "document":
      case "audio":
        return encodeMedia(part, at, this.#encoding);
      case "foreign":
        if (part.dialect === "gemini") return { ...part.value };
        losses.droppedContent(at, `only ${part.dialect} knows this part`);
        return undefined;
      case "reasoning":
      case "tool-call":
      case "tool-result":
        losses.droppedContent(at, `Gemini takes no ${part.kind} in this turn`);
        return undefined;
      default: {
        const never: never = part;
        return never;
      }
    }
  }

  /** What stands beside a part's content; in any turn, wherever its content goes. */
  #reportUnsendable(part: Part, turnPath: string): void {
    const { losses } = this.#encoding;
    const at = part.at ?? turnPath;
    if (part.kind === "text" && part.annotations !== undefined && part.annotations.items.length > 0)
      losses.dropped(`${at}.citations`, "Gemini takes no citations in contents");
    if (part.cache !== undefined && part.kind !== "tool-result")
      losses.approximated(`${at}.cache_control`, "Gemini caches by itself; markers are not sent");
  }
}

/**
 * The first call of each step of the current turn must be signed. Calls that another provider made, before a failover
 * say, get the sign that Google documents for them.
 */
function signForeignCalls(contents: readonly Content[]): void {
  const turnStart = contents.findLastIndex(
    ({ role, parts }) => role === "user" && parts.some((part) => part["functionResponse"] === undefined),
  );
  for (const { role, parts } of contents.slice(turnStart + 1)) {
    const first = role === "model" ? parts.find((part) => part["functionCall"] !== undefined) : undefined;
    if (first !== undefined) first["thoughtSignature"] ??= standInSignature;
  }
}
