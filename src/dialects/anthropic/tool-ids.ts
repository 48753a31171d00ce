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

export class ToolIds {
  readonly #used = new Set<string>();
  /** Calls of the latest assistant turn that wait for their results. */
  #open: { readonly call: ToolCallPart; readonly encoded: string }[] = [];

  /** @returns the id to send for a call of the assistant turn under way */
  encodeCall(call: ToolCallPart): string {
    const base = validToolId(call.id) || "call";
    let encoded = base;
    for (let n = 2; this.#used.has(encoded); n++) encoded = `${base}_${n}`;
    this.#used.add(encoded);
    this.#open.push({ call, encoded });
    return encoded;
  }

  /**
   * @returns the id to send for a result
   * @throws InvalidRequestError when the assistant turn before has no such call
   */
  encodeResult(result: ToolResultPart, at: string): string {
    const index = this.#open.findIndex(({ call }) => call.id === result.callId);
    const found = this.#open[index];
    if (found === undefined)
      throw new InvalidRequestError(
        result.at ?? at,
        `the tool result for ${JSON.stringify(result.callId)} has no matching tool call in the assistant turn before it`,
      );
    this.#open.splice(index, 1);
    return found.encoded;
  }

  /** @throws InvalidRequestError when a call has no result yet: the turn that must hold it is over */
  close(at: string): void {
    const waiting = this.#open[0];
    if (waiting === undefined) return;
    throw new InvalidRequestError(
      waiting.call.at ?? at,
      `the tool call ${JSON.stringify(waiting.call.id)} has no tool result in the turn after it`,
    );
  }
}
