/**
 * Tool call ids in Anthropic's alphabet, and the pairing of results with calls.
 *
 * Ids must match `[a-zA-Z0-9_-]+` and be unique in the request, while other providers repeat theirs (`call_0` in
 * every turn). A rewritten id depends only on the ids before it, so the same history always encodes alike and the
 * provider's prompt cache keeps working.
 *
 * A call without result, or a result without call, is an error of the request and not filled in: both OpenAI and
 * Anthropic answer 400 to it, and an invented result would let the model believe that a tool has run.
 *
 * Source: https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ToolCallPart, ToolResultPart } from "../../conversation/parts.ts";

/** The id in Anthropic's alphabet; empty when nothing is left of it. */
export function validToolId(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, "_");
}

interface Waiting {
  readonly call: ToolCallPart;
  readonly encoded: string;
}

export class ToolIds {
  readonly #shortened: (id: string) => string;
  /** Ids given out, with the number that the next one of the same name gets. */
  readonly #used = new Map<string, number>();
  /**
   * Calls of the latest assistant turn, by the id that the client gave them, and how many of each have their
   * results. Calls with one id are answered in their order.
   */
  readonly #open = new Map<string, { readonly calls: Waiting[]; answered: number }>();

  /** @param shortened for providers that limit the length of ids; leaves room for a number of a few digits */
  constructor(shortened = (id: string) => id) {
    this.#shortened = shortened;
  }

  /** @returns the id to send for a call of the assistant turn under way */
  encodeCall(call: ToolCallPart): string {
    const encoded = this.#unused(this.#shortened(validToolId(call.id) || "call"));
    const same = this.#open.get(call.id) ?? { calls: [], answered: 0 };
    same.calls.push({ call, encoded });
    this.#open.set(call.id, same);
    return encoded;
  }

  /**
   * @returns the id to send for a result
   * @throws InvalidRequestError when the assistant turn before has no such call
   */
  encodeResult(result: ToolResultPart, at: string): string {
    const same = this.#open.get(result.callId);
    const found = same?.calls[same.answered];
    if (same === undefined || found === undefined)
      throw new InvalidRequestError(
        result.at ?? at,
        `the tool result for ${JSON.stringify(result.callId)} has no matching tool call in the assistant turn before it`,
      );
    same.answered++;
    return found.encoded;
  }

  /** @throws InvalidRequestError when a call has no result yet: the turn that must hold it is over */
  close(at: string): void {
    for (const { calls, answered } of this.#open.values()) {
      const waiting = calls[answered];
      if (waiting === undefined) continue;
      throw new InvalidRequestError(
        waiting.call.at ?? at,
        `the tool call ${JSON.stringify(waiting.call.id)} has no tool result in the turn after it`,
      );
    }
    this.#open.clear();
  }

  #unused(base: string): string {
    let number = this.#used.get(base) ?? 1;
    let id = number === 1 ? base : `${base}_${number}`;
    // A name with a number may be another call's own.
    while (id !== base && this.#used.has(id)) id = `${base}_${++number}`;
    this.#used.set(base, number + 1);
    if (id !== base) this.#used.set(id, 2);
    return id;
  }
}
