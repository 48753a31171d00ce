/**
 * Calls of a turn and the results of the turn after it, paired. Gemini tells them apart by name and order, wants as
 * many responses as there were calls, and answers 400 to any other number.
 *
 * A call without result, or a result without call, is an error of the request and not filled in: an invented result
 * would let the model believe that a function has run.
 *
 * Source: https://ai.google.dev/gemini-api/docs/function-calling
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ToolCallPart, ToolResultPart } from "../../conversation/parts.ts";

interface Waiting {
  readonly call: ToolCallPart;
  /** Of the turn's calls. */
  readonly position: number;
}

/** A result with the call that it answers. */
export interface PairedResult {
  readonly result: ToolResultPart;
  readonly call: ToolCallPart;
  readonly position: number;
}

export class CallLedger {
  /** By the id that the client gave; calls with one id are answered in their order. */
  readonly #waiting = new Map<string, Waiting[]>();
  #calls = 0;

  open(call: ToolCallPart): void {
    const same = this.#waiting.get(call.id) ?? [];
    same.push({ call, position: this.#calls++ });
    this.#waiting.set(call.id, same);
  }

  /** @throws InvalidRequestError when the assistant turn before has no such call */
  pair(result: ToolResultPart, at: string): PairedResult {
    const found = this.#waiting.get(result.callId)?.shift();
    if (found !== undefined) return { result, ...found };
    throw new InvalidRequestError(
      result.at ?? at,
      `the tool result for ${JSON.stringify(result.callId)} has no matching tool call in the assistant turn before it`,
    );
  }

  /** @throws InvalidRequestError when a call has no result yet: the turn that must hold it is over */
  close(at: string): void {
    for (const [first] of this.#waiting.values()) {
      if (first === undefined) continue;
      throw new InvalidRequestError(
        first.call.at ?? at,
        `the tool call ${JSON.stringify(first.call.id)} has no tool result in the turn after it`,
      );
    }
    this.#waiting.clear();
    this.#calls = 0;
  }
}
