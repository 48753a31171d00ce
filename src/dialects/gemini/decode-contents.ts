/**
 * `contents` and `systemInstruction`, to turns.
 *
 * Source: https://ai.google.dev/api/caching#Content
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Part } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import { listField, objectItem, stringField } from "../../json/fields.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { inventedToolCallId } from "../invented-ids.ts";
import type { Leftovers } from "../leftovers.ts";
import type { Seal } from "../seal.ts";
import { ModelParts } from "./answer-parts.ts";
import { CallMatcher } from "./call-matcher.ts";
import { decodeMedia } from "./decode-media.ts";
import { decodeResult } from "./decode-result.ts";
import { partMembers, readPart } from "./read-part.ts";
import { camelCased } from "./spelling.ts";

const contentFields = new Set(["role", "parts"]);

/** @throws InvalidRequestError with the content's path */
export function decodeContents(contents: readonly JsonValue[], leftovers: Leftovers, seal: Seal): Turn[] {
  const decoder = new ContentsDecoder(leftovers, seal);
  contents.forEach((content, index) => {
    decoder.add(content, `contents[${index}]`, index);
  });
  return decoder.turns;
}

/** Nothing when there is none. */
export function decodeSystem(instruction: JsonValue | undefined, leftovers: Leftovers): Turn[] {
  if (instruction === undefined || instruction === null) return [];
  const at = "systemInstruction";
  // The SDKs' short form, which some clients send as it is.
  if (typeof instruction === "string")
    return [{ role: "system", parts: [{ kind: "text", text: instruction, at }], at }];
  const parts = partsOf(camelCased(objectItem(instruction, at)), at).map(([part, path]) =>
    decodeUserPart(part, path, leftovers),
  );
  return parts.length === 0 ? [] : [{ role: "system", parts, at }];
}

class ContentsDecoder {
  readonly turns: Turn[] = [];
  readonly #leftovers: Leftovers;
  readonly #seal: Seal;
  readonly #matcher = new CallMatcher();
  /** The model turn under way: neighbouring contents of the model are one turn, as SDKs keep streamed answers. */
  #model: ModelParts | undefined;

  constructor(leftovers: Leftovers, seal: Seal) {
    this.#leftovers = leftovers;
    this.#seal = seal;
  }

  add(given: JsonValue, at: string, index: number): void {
    const content = camelCased(objectItem(given, at));
    this.#leftovers.collect(content, at, contentFields);
    const role = (stringField(content, "role", at) ?? "user").toLowerCase();
    if (role === "model") this.#addModel(content, at, index);
    else if (role === "user" || role === "function") this.#addUser(content, at);
    else throw new InvalidRequestError(`${at}.role`, `${at}.role must be "user" or "model".`);
  }

  #addModel(content: JsonObject, at: string, index: number): void {
    if (this.#model === undefined) {
      const newCallId = (position: number) => inventedToolCallId(`content${index}`, position);
      this.#model = new ModelParts(newCallId, this.#seal);
      this.turns.push({ role: "assistant", parts: this.#model.parts, at });
    }
    for (const [part, path] of partsOf(content, at)) {
      const kind = this.#model.add(part, path);
      if (kind !== "other") this.#leftovers.collect(camelCased(part), path, partMembers);
    }
  }

  #addUser(content: JsonObject, at: string): void {
    if (this.#model !== undefined) {
      this.#matcher.begin(this.#model.parts.filter((part) => part.kind === "tool-call"));
      this.#model = undefined;
    }
    const parts = partsOf(content, at).map(([part, path]) => this.#userPart(part, path));
    this.turns.push({ role: "user", parts, at });
  }

  #userPart(given: JsonObject, at: string): Part {
    const read = readPart(given);
    if (read.kind !== "result") return decodeUserPart(given, at, this.#leftovers);
    const path = `${at}.functionResponse`;
    const name = stringField(read.result, "name", path) ?? "";
    const callId = this.#matcher.take(stringField(read.result, "id", path), name);
    if (callId === undefined) {
      const called = JSON.stringify(name);
      throw new InvalidRequestError(path, `${path} answers ${called}, which the turn before did not call.`);
    }
    return decodeResult(read.result, callId, path, this.#leftovers);
  }
}

/** A part that the user or the system says. */
function decodeUserPart(given: JsonObject, at: string, leftovers: Leftovers): Part {
  const read = readPart(given);
  if (read.kind === "text") {
    leftovers.collect(camelCased(given), at, partMembers);
    return { kind: "text", text: read.text, at };
  }
  const media = read.kind === "inline" || read.kind === "file" ? decodeMedia(read) : undefined;
  if (media === undefined) return { kind: "foreign", dialect: "gemini", value: given, at };
  leftovers.collect(camelCased(given), at, partMembers);
  return { ...media, at };
}

/** The parts of a content with their paths. */
function partsOf(content: JsonObject, at: string): Array<[part: JsonObject, path: string]> {
  const parts = content["parts"];
  // Protocol buffers' JSON takes a lone object for a list of one here and there.
  const list = isObject(parts) ? [parts] : (listField(content, "parts", at) ?? []);
  return list.map((part, index) => {
    const path = `${at}.parts[${index}]`;
    return [typeof part === "string" ? { text: part } : objectItem(part, path), path];
  });
}
