/**
 * Turns, to `system` and `messages`: system turns first, neighbours of one role merged, tool results at the head
 * of the turn after their calls, a user turn at the beginning.
 *
 * Sources: https://docs.anthropic.com/en/api/messages,
 * https://docs.anthropic.com/en/docs/build-with-claude/mid-conversation-system-messages
 */
import type { Part, ToolResultPart } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { decodeArguments } from "../tool-input.ts";
import { type Encoding, encodePart } from "./encode-content.ts";
import type { ModelTraits } from "./model-traits.ts";
import { ToolIds } from "./tool-ids.ts";

/** Said in a user turn that had to be inserted. */
const placeholder = "Continue.";

export interface Message {
  readonly role: Turn["role"];
  readonly content: JsonObject[];
  readonly at: string;
}

/** A message under way: the results of tools come first in it, whatever the order they came in. */
interface OpenMessage extends Message {
  readonly results: JsonObject[];
}

export interface EncodedTurns {
  readonly system: JsonObject[];
  readonly messages: Message[];
}

export function encodeTurns(turns: readonly Turn[], traits: ModelTraits, encoding: Encoding): EncodedTurns {
  const { leading, rest } = splitLeadingSystem(turns);
  const encoder = new TurnEncoder(traits, encoding);
  for (const turn of leading) encoder.addSystem(turn);
  for (const turn of rest) encoder.add(turn);
  return encoder.finish(turns[0]?.at ?? "messages");
}

function splitLeadingSystem(turns: readonly Turn[]): { leading: readonly Turn[]; rest: readonly Turn[] } {
  const first = turns.findIndex((turn) => turn.role !== "system");
  const end = first < 0 ? turns.length : first;
  return { leading: turns.slice(0, end), rest: turns.slice(end) };
}

class TurnEncoder {
  readonly #traits: ModelTraits;
  readonly #encoding: Encoding;
  readonly #ids = new ToolIds();
  readonly #system: JsonObject[] = [];
  readonly #messages: OpenMessage[] = [];
  /** System turns inside the conversation, until their place is known: just before the next assistant turn. */
  #waiting: Turn[] = [];

  constructor(traits: ModelTraits, encoding: Encoding) {
    this.#traits = traits;
    this.#encoding = encoding;
  }

  addSystem(turn: Turn): void {
    for (const block of this.#encodeAll(turn, "system")) this.#system.push(block);
  }

  add(turn: Turn): void {
    switch (turn.role) {
      case "system":
        this.#waiting.push(turn);
        return;
      case "assistant":
        this.#placeWaiting();
        // The results of the turn before must have come by now, unless that turn is still going on.
        if (this.#messages.at(-1)?.role !== "assistant") this.#ids.close(turn.at);
        this.#append("assistant", this.#encodeAll(turn, "assistant"), turn.at);
        return;
      case "user":
        this.#addUser(turn);
        return;
      default: {
        const never: never = turn.role;
        throw new TypeError(`unknown role: ${String(never)}`);
      }
    }
  }

  finish(firstAt: string): EncodedTurns {
    this.#placeWaiting();
    this.#ids.close(firstAt);
    const first = this.#messages[0];
    if (first?.role !== "user") {
      this.#encoding.losses.approximated(
        first?.at ?? firstAt,
        "a conversation with Claude begins with a user turn; one was inserted",
      );
      this.#messages.unshift(placeholderTurn(firstAt));
    }
    this.#finishLast();
    const messages = this.#messages.map(({ role, at, content, results }) => ({
      role,
      at,
      content: results.length > 0 ? [...results, ...content] : content,
    }));
    return { system: this.#system, messages };
  }

  #addUser(turn: Turn): void {
    const results = turn.parts.filter((part) => part.kind === "tool-result");
    const others = turn.parts.filter((part) => part.kind !== "tool-result");
    const encoded = results.map((result) => this.#encodeResult(result, turn.at));
    this.#append("user", this.#encodeAll({ ...turn, parts: others }, "user"), turn.at, encoded);
  }

  /** An empty turn is left out: Anthropic refuses it, and it says nothing. */
  #append(role: Turn["role"], content: JsonObject[], at: string, results: JsonObject[] = []): void {
    if (content.length === 0 && results.length === 0) return;
    const last = this.#messages.at(-1);
    if (last?.role !== role) {
      this.#messages.push({ role, content, at, results });
      return;
    }
    for (const block of results) last.results.push(block);
    for (const block of content) last.content.push(block);
  }

  #placeWaiting(): void {
    const turns = this.#waiting;
    this.#waiting = [];
    const previous = this.#messages.at(-1)?.role;
    const canStand = this.#traits.systemTurns && (previous === "user" || previous === "system");
    for (const turn of turns) {
      if (canStand) this.#append("system", this.#encodeAll(turn, "system"), turn.at);
      else {
        this.#encoding.losses.approximated(turn.at, "moved into the system prompt at the beginning");
        this.addSystem(turn);
      }
    }
  }

  /** A conversation that ends with the assistant is one to be continued (prefill), where the model can. */
  #finishLast(): void {
    const last = this.#messages.at(-1);
    if (last?.role !== "assistant") return;
    const block = last.content.at(-1);
    // A paused turn ends in the block of a server tool and may always be continued.
    if (block?.["type"] !== "text") return;
    if (!this.#traits.prefill) {
      this.#encoding.losses.approximated(
        last.at,
        "this model cannot continue an assistant turn; a user turn was added",
      );
      this.#messages.push(placeholderTurn(last.at));
      return;
    }
    // Anthropic refuses white space at the end of what the model shall continue.
    block["text"] = String(block["text"]).trimEnd();
  }

  #encodeAll(turn: Turn, place: "system" | "user" | "assistant"): JsonObject[] {
    if (turn.name !== undefined)
      this.#encoding.losses.dropped(`${turn.at}.name`, "Anthropic has no names of speakers");
    return turn.parts.map((part) => this.#encode(part, place)).filter((block) => block !== undefined);
  }

  #encode(part: Part, place: "system" | "user" | "assistant"): JsonObject | undefined {
    if (part.kind !== "tool-call" || place !== "assistant") return encodePart(part, place, this.#encoding);
    const { losses, markers, restorer } = this.#encoding;
    const { input, valid } = decodeArguments(part.arguments);
    if (!valid)
      losses.approximated(
        part.at ?? "messages",
        "the arguments are no JSON object; their text is kept as _raw",
      );
    const block: JsonObject = { type: "tool_use", id: this.#ids.encodeCall(part), name: part.name, input };
    restorer.restore(block, part.at);
    markers.mark(block, part.cache, part.at, losses);
    return block;
  }

  #encodeResult(result: ToolResultPart, at: string): JsonObject {
    const content = result.content
      .map((part) => encodePart(part, "tool-result", this.#encoding))
      .filter((block) => block !== undefined);
    const only = content.length === 1 ? content[0] : undefined;
    const isPlain = only !== undefined && Object.keys(only).length === 2 && only["type"] === "text";
    const block: JsonObject = {
      type: "tool_result",
      tool_use_id: this.#ids.encodeResult(result, at),
      ...(content.length > 0 && { content: isPlain ? (only["text"] ?? "") : content }),
      ...(result.isError && { is_error: true }),
    };
    this.#encoding.restorer.restore(block, result.at);
    this.#encoding.markers.mark(block, result.cache, result.at, this.#encoding.losses);
    return block;
  }
}

function placeholderTurn(at: string): OpenMessage {
  return { role: "user", content: [{ type: "text", text: placeholder }], at, results: [] };
}
