/**
 * Turns as items: what the model said is taken apart into reasoning, messages and calls, and every result of a function
 * is an item of its own. Nothing is named by an id that OpenAI would have to know.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/create (`input`)
 */
import type { Part, ReasoningPart, RefusalPart, TextPart, ToolResultPart } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { foreignType } from "../openai-chat/encode-content.ts";
import { shortToolCallId } from "../openai-chat/tool-call-ids.ts";
import { encodeInputPart, type ItemContext, reportMarker } from "./encode-content.ts";
import { encodeOwnProof } from "./encrypted-content.ts";

/** All turns in order; a turn of which nothing is left has no item. */
export function encodeInput(turns: readonly Turn[], context: ItemContext): JsonObject[] {
  const last = turns.at(-1);
  if (last?.role === "assistant" && !context.isOwnDialect)
    context.losses.approximated(last.at, "OpenAI answers a last assistant message instead of continuing it.");
  return turns.flatMap((turn, index) => {
    if (turn.name !== undefined) context.losses.dropped(`${turn.at}.name`, "Messages have no names here.");
    switch (turn.role) {
      case "system":
      case "user":
        return encodeGiven(turn, context);
      case "assistant":
        return new AssistantItems(turn, index, context).encode();
      default: {
        const unknown: never = turn.role;
        throw new TypeError(`unknown role: ${String(unknown)}`);
      }
    }
  });
}

/** What the model is given. Results come first: they answer the calls directly before them. */
function encodeGiven(turn: Turn, context: ItemContext): JsonObject[] {
  const items: JsonObject[] = [];
  const content: JsonObject[] = [];
  for (const part of turn.parts) {
    if (part.kind === "tool-result") items.push(encodeResult(part, turn.at, context));
    else if (isItem(part)) items.push(part.value);
    else {
      const encoded = encodeInputPart(part, turn.at, context);
      if (encoded !== undefined) content.push(encoded);
    }
  }
  // No message at all when everything in it was lost: an empty one would be a different question.
  if (content.length > 0 || turn.parts.length === 0)
    items.push({ role: turn.role, content: shortest(content, "input_text") });
  return items;
}

/** An item of this dialect, beside messages and not inside one. */
function isItem(part: Part): part is Extract<Part, { kind: "foreign" }> {
  return part.kind === "foreign" && part.dialect === "openai-responses" && !isContent(part.value);
}

function isContent({ type }: JsonObject): boolean {
  return typeof type === "string" && type.startsWith("input_");
}

function encodeResult(result: ToolResultPart, turnPath: string, context: ItemContext): JsonObject {
  const at = result.at ?? turnPath;
  if (result.cache !== undefined) reportMarker(at, context.losses);
  if (result.isError)
    context.losses.approximated(`${at}.is_error`, "OpenAI marks no tool result as an error.");
  const content = result.content
    .map((part) => encodeInputPart(part, at, context))
    .filter((part) => part !== undefined);
  return {
    type: "function_call_output",
    call_id: shortToolCallId(result.callId),
    output: shortest(content, "input_text"),
  };
}

/** One plain text as a string, which every compatible server takes; anything else as a list. */
function shortest(content: readonly JsonObject[], type: string): JsonValue {
  const [first] = content;
  if (first === undefined) return "";
  const isPlain = content.length === 1 && first["type"] === type && Object.keys(first).length === 2;
  return isPlain ? (first["text"] ?? "") : [...content];
}

/** The items of one assistant turn. */
class AssistantItems {
  readonly #turn: Turn;
  readonly #turnIndex: number;
  readonly #context: ItemContext;
  readonly #items: JsonObject[] = [];
  /** Of the message under way. */
  #content: JsonObject[] = [];

  constructor(turn: Turn, turnIndex: number, context: ItemContext) {
    this.#turn = turn;
    this.#turnIndex = turnIndex;
    this.#context = context;
  }

  encode(): JsonObject[] {
    for (const part of this.#turn.parts) this.#take(part);
    this.#endMessage();
    if (this.#turn.parts.length === 0) this.#items.push({ role: "assistant", content: "" });
    return this.#items;
  }

  #take(part: Part): void {
    const at = part.at ?? this.#turn.at;
    const { losses } = this.#context;
    if (part.cache !== undefined) reportMarker(at, losses);
    switch (part.kind) {
      case "text":
      case "refusal":
        this.#content.push(this.#said(part, at));
        return;
      case "reasoning":
        return this.#reasoning(part, at);
      case "tool-call":
        return this.#item({
          type: "function_call",
          call_id: shortToolCallId(part.id),
          name: part.name,
          arguments: part.arguments === "" ? "{}" : part.arguments,
        });
      case "foreign":
        if (part.dialect === "openai-responses") return this.#item(part.value);
        losses.droppedContent(at, `OpenAI has no ${foreignType(part.value)} content.`);
        return;
      case "image":
      case "document":
      case "audio":
      case "tool-result":
        losses.droppedContent(at, `OpenAI takes no ${part.kind} in what the model said.`);
        return;
      default: {
        const unknown: never = part;
        throw new TypeError(`unknown part: ${JSON.stringify(unknown)}`);
      }
    }
  }

  #said(part: TextPart | RefusalPart, at: string): JsonObject {
    if (part.kind === "refusal") return { type: "refusal", refusal: part.text };
    const { annotations } = part;
    const isOwn = annotations?.dialect === "openai-responses";
    if (annotations !== undefined && !isOwn && annotations.items.length > 0)
      this.#context.losses.dropped(`${at}.citations`, "The citations are in another provider's form.");
    return { type: "output_text", text: part.text, annotations: isOwn ? [...annotations.items] : [] };
  }

  /** Only what OpenAI encrypted goes back to it: it refuses other providers', and has its own kept nowhere. */
  #reasoning(part: ReasoningPart, at: string): void {
    const { id, encrypted } =
      part.origin === "openai-responses" ? encodeOwnProof(part) : { id: "", encrypted: "" };
    if (encrypted === "")
      return this.#context.losses.dropped(at, "OpenAI takes back only what it encrypted itself.");
    this.#item({
      type: "reasoning",
      ...(id === "" ? {} : { id }),
      summary: part.text === "" ? [] : [{ type: "summary_text", text: part.text }],
      encrypted_content: encrypted,
    });
  }

  #item(item: JsonObject): void {
    this.#endMessage();
    this.#items.push(item);
  }

  /** Only the long form, with an id, holds more than one text. The ids need not be known, only begin like this. */
  #endMessage(): void {
    const content = this.#content;
    const [first] = content;
    if (first === undefined) return;
    this.#content = [];
    const annotations = first["annotations"];
    const isPlain = content.length === 1 && Array.isArray(annotations) && annotations.length === 0;
    if (isPlain) this.#items.push({ role: "assistant", content: first["text"] ?? "" });
    else {
      const id = `msg_${this.#turnIndex}_${this.#items.length}`;
      this.#items.push({ type: "message", id, status: "completed", role: "assistant", content });
    }
  }
}
