/**
 * The input as turns. What a model said is a list of items here: reasoning, messages and calls one beside the other;
 * neighbouring ones become one assistant turn, and neighbouring outputs of functions one user turn.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/create (`input`)
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Part } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import { objectItem, requiredString, stringField } from "../../json/fields.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { Leftovers } from "../leftovers.ts";
import type { Seal } from "../seal.ts";
import { decodeContent } from "./decode-content.ts";
import { decodeProof } from "./encrypted-content.ts";
import { reasoningText } from "./reasoning-text.ts";

/** Ids and statuses tell of the answer that an item is from; they come back in every history. */
const messageFields = new Set(["type", "role", "content", "id", "status"]);
const callFields = new Set(["type", "id", "status", "call_id", "name", "arguments"]);
const outputFields = new Set(["type", "id", "status", "call_id", "output"]);

/** @throws InvalidRequestError with the item's path */
export function decodeInput(input: string | readonly JsonValue[], leftovers: Leftovers, seal: Seal): Turn[] {
  if (typeof input === "string") {
    return [{ role: "user", parts: [{ kind: "text", text: input, at: "input" }], at: "input" }];
  }
  const decoder = new InputDecoder(leftovers, seal);
  input.forEach((item, index) => {
    decoder.take(objectItem(item, `input[${index}]`), `input[${index}]`);
  });
  return decoder.turns;
}

class InputDecoder {
  readonly turns: Turn[] = [];
  readonly #leftovers: Leftovers;
  readonly #seal: Seal;
  /** What the items of the turn that is still open go to. */
  #open: { readonly role: "assistant" | "results"; readonly parts: Part[] } | undefined;

  constructor(leftovers: Leftovers, seal: Seal) {
    this.#leftovers = leftovers;
    this.#seal = seal;
  }

  take(item: JsonObject, at: string): void {
    switch (stringField(item, "type", at) ?? (item["role"] === undefined ? "" : "message")) {
      case "":
        // An id alone refers to an item that is kept elsewhere.
        requiredString(item, "id", at);
        return this.#foreign(item, at);
      case "message":
        return this.#message(item, at);
      case "reasoning":
        return this.#say(decodeReasoningItem(item, at, this.#seal), at);
      case "function_call":
        this.#leftovers.collect(item, at, callFields);
        return this.#say(decodeCall(item, at), at);
      case "function_call_output": {
        this.#leftovers.collect(item, at, outputFields);
        const content = decodeContent(item["output"], `${at}.output`, this.#leftovers);
        const callId = requiredString(item, "call_id", at);
        return this.#answer({ kind: "tool-result", callId, content, isError: false, at }, at);
      }
      default:
        return this.#foreign(item, at);
    }
  }

  #message(item: JsonObject, at: string): void {
    this.#leftovers.collect(item, at, messageFields);
    const role = requiredString(item, "role", at);
    const parts = decodeContent(item["content"], `${at}.content`, this.#leftovers);
    switch (role) {
      case "assistant":
        for (const part of parts) this.#say(part, at);
        return;
      case "user":
        return this.#turn(role, parts, at);
      case "system":
      case "developer":
        return this.#turn("system", parts, at);
      default:
        throw new InvalidRequestError(`${at}.role`, `${at}.role is not a role of this API.`);
    }
  }

  #turn(role: "user" | "system", parts: Part[], at: string): void {
    this.#open = undefined;
    this.turns.push({ role, parts, at });
  }

  #say(part: Part, at: string): void {
    this.#add("assistant", part, at);
  }

  #answer(part: Part, at: string): void {
    this.#add("results", part, at);
  }

  #add(role: "assistant" | "results", part: Part, at: string): void {
    if (this.#open?.role !== role) {
      this.#open = { role, parts: [] };
      this.turns.push({ role: role === "assistant" ? role : "user", parts: this.#open.parts, at });
    }
    this.#open.parts.push(part);
  }

  /** Items of built-in and custom tools. What applications answer stands with the other results. */
  #foreign(value: JsonObject, at: string): void {
    const part: Part = { kind: "foreign", dialect: "openai-responses", value, at };
    const type = String(value["type"]);
    if (type.endsWith("_call_output") || type === "mcp_approval_response") this.#answer(part, at);
    else this.#say(part, at);
  }
}

function decodeCall(item: JsonObject, at: string): Part {
  return {
    kind: "tool-call",
    id: requiredString(item, "call_id", at),
    name: requiredString(item, "name", at),
    arguments: stringField(item, "arguments", at) ?? "",
    at,
  };
}

function decodeReasoningItem(item: JsonObject, at: string, seal: Seal): Part {
  const id = stringField(item, "id", at) ?? "";
  const encrypted = stringField(item, "encrypted_content", at) ?? "";
  const text = reasoningText(item);
  return { kind: "reasoning", text, ...decodeProof(text, { id, encrypted }, seal), at };
}
