/** One choice of a Chat Completions stream: its deltas become the parts of one candidate. */
import type { StreamEvent } from "../../conversation/events.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { decodeFinishReason } from "./finish-reason.ts";
import { PartSequence, PartSequenceError } from "./part-sequence.ts";
import { decodeThinkingBlock, partsText, reasoningText } from "./thinking-blocks.ts";
import { ToolCallTracker } from "./tool-call-tracker.ts";

/** The legacy call has no index; no other piece uses this one. */
const legacyIndex = -1;

/** Feed it the choices of one index in order, then `complete` it once. */
export class ChoiceDecoder {
  readonly #candidate: number;
  readonly #out: StreamEvent[];
  readonly #sequence: PartSequence;
  readonly #calls: ToolCallTracker;
  #hasRefusal = false;
  #reason: string | undefined;

  /** @param out receives the events */
  constructor(candidate: number, out: StreamEvent[]) {
    this.#candidate = candidate;
    this.#out = out;
    this.#sequence = new PartSequence(candidate, out);
    this.#calls = new ToolCallTracker(this.#sequence);
  }

  /** The provider has said why it stopped. */
  get isFinished(): boolean {
    return this.#reason !== undefined;
  }

  /** @param scope the stream's id */
  push(choice: JsonObject, scope: string): void {
    if (isObject(choice["delta"])) this.#delta(choice["delta"], scope);
    // Legacy completions have no delta around their text.
    else if (typeof choice["text"] === "string" && choice["text"] !== "")
      this.#sequence.text("text", choice["text"]);
    const { logprobs, finish_reason: reason } = choice;
    if (isObject(logprobs) && hasTokens(logprobs)) {
      this.#out.push({ kind: "logprobs", candidate: this.#candidate, value: logprobs });
    }
    if (typeof reason !== "string" || reason === "") return;
    // OpenRouter's word for an upstream that failed: https://openrouter.ai/docs/api-reference/overview
    if (reason === "error") throw new PartSequenceError("the answer finished with an error");
    this.#reason ??= reason;
    this.#calls.flush();
    this.#sequence.flush();
  }

  /** Nothing more will come. Content behind the finish reason, which some vendors send, is in by now. */
  complete(): void {
    this.#calls.flush();
    this.#sequence.flush();
    const context = { hasToolCalls: this.#calls.hasCalls, hasRefusal: this.#hasRefusal };
    const reason = decodeFinishReason(this.#reason ?? "stop", context);
    this.#out.push({ kind: "finish", candidate: this.#candidate, reason });
  }

  #delta(delta: JsonObject, scope: string): void {
    const { refusal, tool_calls: calls, function_call: legacy, audio, annotations } = delta;
    const content = partsText(delta["content"]);
    const reasoning = reasoningText(delta);
    if (reasoning !== "") this.#sequence.text("reasoning", reasoning);
    if (Array.isArray(delta["thinking_blocks"])) this.#thinking(delta["thinking_blocks"]);
    if (content !== "") this.#sequence.text("text", content);
    if (typeof refusal === "string" && refusal !== "") {
      this.#hasRefusal = true;
      this.#sequence.text("refusal", refusal);
    }
    if (isObject(audio)) this.#own({ audio });
    if (Array.isArray(annotations) && annotations.length > 0) this.#annotate(annotations);
    for (const call of Array.isArray(calls) ? calls : []) {
      if (isObject(call)) this.#calls.push(call, scope);
    }
    if (isObject(legacy)) this.#calls.push({ index: legacyIndex, function: legacy }, scope);
  }

  /** The text of a block has come as `reasoning_content` already; what is new is its signature. */
  #thinking(blocks: readonly JsonValue[]): void {
    for (const block of blocks) {
      const part = decodeThinkingBlock(block);
      if (part?.redacted !== undefined) this.#sequence.whole(part);
      else if (part?.signature !== undefined && !this.#sequence.sign(part.signature))
        this.#sequence.whole(part);
    }
  }

  /** Citations come behind the text they are about; without an open text they stay OpenAI's own. */
  #annotate(annotations: readonly JsonValue[]): void {
    if (!this.#sequence.annotate(annotations)) this.#own({ annotations: [...annotations] });
  }

  #own(value: JsonObject): void {
    this.#sequence.whole({ kind: "foreign", dialect: "openai-chat", value });
  }
}

/** The chunk with the role has lists without tokens. */
function hasTokens(logprobs: JsonObject): boolean {
  return Object.values(logprobs).some((list) => Array.isArray(list) && list.length > 0);
}
