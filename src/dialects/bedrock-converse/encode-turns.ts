/**
 * Turns, to `system` and `messages`: all system turns first, roles that strictly alternate, tool results at the head
 * of the message after their calls, and what a vendor's models do not take together kept apart.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html
 */
import type { Part, ToolResultPart } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { ToolIds } from "../anthropic/tool-ids.ts";
import { shortToolCallId } from "../openai-chat/tool-call-ids.ts";
import { decodeArguments } from "../tool-input.ts";
import { type Encoding, encodePart, withCachePoint } from "./encode-content.ts";

/** Of 64 characters, so that ids which are not unique can be numbered. */
const maxIdLength = 60;

/** Said in turns that had to be inserted. */
const continuing = "Continue.";
const acknowledged = ".";
/** Said beside a document that came without text. */
const attached = "The document is attached.";
/** Said where a tool returned nothing: a result must not be empty. */
const nothing = "(no output)";

export interface Message {
  readonly role: "user" | "assistant";
  readonly content: readonly JsonObject[];
  readonly at: string;
}

/** A message under way: the results of tools come first in it, whatever the order they came in. */
interface OpenMessage {
  readonly role: Message["role"];
  readonly at: string;
  readonly results: JsonObject[];
  readonly content: JsonObject[];
}

export interface EncodedTurns {
  readonly system: JsonObject[];
  readonly messages: Message[];
}

/** @throws InvalidRequestError when tool calls and results do not match */
export function encodeTurns(turns: readonly Turn[], encoding: Encoding): EncodedTurns {
  const encoder = new TurnEncoder(encoding);
  for (const turn of turns) encoder.add(turn);
  return encoder.finish(turns[0]?.at ?? "messages");
}

class TurnEncoder {
  readonly #encoding: Encoding;
  readonly #ids = new ToolIds((id) => shortToolCallId(id, maxIdLength));
  readonly #system: JsonObject[] = [];
  readonly #messages: OpenMessage[] = [];

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  add(turn: Turn): void {
    const { losses } = this.#encoding;
    if (turn.name !== undefined) losses.dropped(`${turn.at}.name`, "Bedrock has no names of speakers");
    switch (turn.role) {
      case "system":
        if (this.#messages.length > 0)
          losses.approximated(turn.at, "moved into the system prompt at the beginning");
        for (const part of turn.parts) this.#system.push(...encodePart(part, "system", this.#encoding));
        return;
      case "assistant":
        // The results of the turn before must have come by now, unless that turn is still going on.
        if (this.#messages.at(-1)?.role !== "assistant") this.#ids.close(turn.at);
        this.#append(turn, [], this.#blocks(turn.parts, "assistant"));
        return;
      case "user": {
        const results = turn.parts.filter((part) => part.kind === "tool-result");
        const others = turn.parts.filter((part) => part.kind !== "tool-result");
        const encoded = results.flatMap((result) => this.#result(result, turn.at));
        this.#append(turn, encoded, this.#blocks(others, "user"));
        return;
      }
      default: {
        const never: never = turn.role;
        throw new TypeError(`unknown role: ${String(never)}`);
      }
    }
  }

  finish(firstAt: string): EncodedTurns {
    this.#ids.close(firstAt);
    const messages = this.#messages.flatMap((message) => this.#finished(message));
    const { traits, losses } = this.#encoding;
    const first = messages[0];
    if (first === undefined || (first.role === "assistant" && !traits.leadingAssistant)) {
      losses.approximated(
        first?.at ?? firstAt,
        "the conversation must begin with a user turn; one was inserted",
      );
      messages.unshift({ role: "user", content: [{ text: continuing }], at: firstAt });
    }
    const last = messages.at(-1);
    if (last?.role === "assistant") this.#finishPrefill(last, messages);
    return { system: this.#system, messages };
  }

  /** An empty turn is left out: Bedrock refuses it, and it says nothing. */
  #append({ role, at }: Turn, results: readonly JsonObject[], content: readonly JsonObject[]): void {
    if (role === "system" || (content.length === 0 && results.length === 0)) return;
    let open = this.#messages.at(-1);
    if (open?.role !== role) {
      open = { role, at, results: [], content: [] };
      this.#messages.push(open);
    }
    for (const block of results) open.results.push(block);
    for (const block of content) open.content.push(block);
  }

  #blocks(parts: readonly Part[], place: "user" | "assistant"): JsonObject[] {
    return parts.flatMap((part) => {
      if (part.kind !== "tool-call" || place === "user") return encodePart(part, place, this.#encoding);
      const { input, valid } = decodeArguments(part.arguments);
      if (!valid)
        this.#encoding.losses.approximated(
          part.at ?? "messages",
          "the arguments are no JSON object; their text is kept as _raw",
        );
      const block = { toolUse: { toolUseId: this.#ids.encodeCall(part), name: part.name, input } };
      return withCachePoint(block, part, place, this.#encoding);
    });
  }

  #result(result: ToolResultPart, at: string): JsonObject[] {
    const { traits, losses } = this.#encoding;
    const content = result.content.flatMap((part) => encodePart(part, "tool-result", this.#encoding));
    if (result.isError && !traits.resultStatus)
      losses.approximated(result.at ?? at, "this model is not told that the tool failed");
    const block: JsonObject = {
      toolResult: {
        toolUseId: this.#ids.encodeResult(result, at),
        content: content.length > 0 ? content : [{ text: nothing }],
        ...(result.isError && traits.resultStatus && { status: "error" }),
      },
    };
    return withCachePoint(block, result, "user", this.#encoding);
  }

  /** A document must have text beside it, and some models take little beside tool results. */
  #finished({ role, at, results, content }: OpenMessage): Message[] {
    const { losses } = this.#encoding;
    const hasDocument = content.some((block) => block["document"] !== undefined);
    if (hasDocument && !content.some((block) => block["text"] !== undefined)) {
      losses.approximated(at, "a document must have text beside it; a sentence was added");
      content.unshift({ text: attached });
    }
    if (results.length === 0 || content.every((block) => this.#maySitBesideResults(block)))
      return [{ role, at, content: [...results, ...content] }];
    losses.approximated(at, "this model takes tool results alone; an assistant turn was put behind them");
    return [
      { role, at, content: results },
      { role: "assistant", at, content: [{ text: acknowledged }] },
      { role, at, content },
    ];
  }

  #maySitBesideResults(block: JsonObject): boolean {
    switch (this.#encoding.traits.besideResults) {
      case "anything":
        return true;
      case "text-and-images":
        return block["document"] === undefined;
      case "nothing":
        return false;
      default:
        return this.#encoding.traits.besideResults satisfies never;
    }
  }

  /** A conversation that ends with the assistant is one to be continued, where the model can. */
  #finishPrefill(last: Message, messages: Message[]): void {
    const { traits, losses } = this.#encoding;
    const index = last.content.length - 1;
    const text = last.content[index]?.["text"];
    if (typeof text !== "string" || !traits.prefill) {
      losses.approximated(last.at, "this model cannot continue an assistant turn; a user turn was added");
      messages.push({ role: "user", content: [{ text: continuing }], at: last.at });
      return;
    }
    // Claude refuses white space at the end of what it shall continue.
    messages[messages.length - 1] = {
      ...last,
      content: [...last.content.slice(0, index), { text: text.trimEnd() }],
    };
  }
}
