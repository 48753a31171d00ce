/**
 * A stream that goes to the client as it came. Reads usage and completeness from it, and takes out the usage
 * event that we asked for and the client did not.
 */
import { parseObject } from "../../json/parse-object.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { SseEvent } from "../../sse/decoder.ts";
import { PassingReader } from "../passing-reader.ts";
import { decodeStreamError, isErrorValue } from "./errors.ts";
import { partsText, reasoningText } from "./thinking-blocks.ts";
import { decodeUsage } from "./usage.ts";

export class OpenAiPassthroughStream extends PassingReader {
  readonly #showsUsage: boolean;
  #hasFinishReason = false;
  #hasError = false;

  constructor(includeUsage: boolean) {
    super();
    this.#showsUsage = includeUsage;
  }

  override end(): Uint8Array {
    const rest = super.end();
    if (this.#hasFinishReason && !this.#hasError && !this.isBlind) this.complete = true;
    return rest;
  }

  protected override read(event: SseEvent): boolean {
    if (event.data === "") return true;
    if (event.data === "[DONE]") {
      this.started = true;
      this.complete = !this.#hasError;
      return true;
    }
    const chunk = parseObject(event.data) ?? {};
    const choices = Array.isArray(chunk["choices"]) ? chunk["choices"] : [];
    const isError = event.event === "error" || isErrorValue(chunk["error"]);
    if (isError) {
      this.#hasError = true;
      if (!this.started) this.firstError = decodeStreamError(chunk);
    }
    // Azure's first chunk has an empty list of choices: an error may still come first of the answer itself.
    const isBeforeAnswer = Array.isArray(chunk["choices"]) && choices.length === 0 && !isError;
    if (!isBeforeAnswer) this.started = true;
    if (typeof chunk["model"] === "string" && chunk["model"] !== "") this.model ??= chunk["model"];
    for (const choice of choices) this.#readChoice(choice);
    if (!isObject(chunk["usage"])) return true;
    this.usage = decodeUsage(chunk["usage"]) ?? this.usage;
    return this.#showsUsage || choices.length > 0;
  }

  #readChoice(choice: JsonValue): void {
    if (!isObject(choice)) return;
    if (typeof choice["finish_reason"] === "string") this.#hasFinishReason = true;
    if (isObject(choice["delta"])) this.outputCharacters += charactersOf(choice["delta"]);
    // Legacy completions have no delta around their text.
    else if (typeof choice["text"] === "string") this.outputCharacters += choice["text"].length;
  }
}

function charactersOf(delta: JsonObject): number {
  const { content, refusal, tool_calls: calls } = delta;
  let characters = reasoningText(delta).length + partsText(content).length;
  if (typeof refusal === "string") characters += refusal.length;
  for (const call of Array.isArray(calls) ? calls : []) {
    const called = isObject(call) ? call["function"] : undefined;
    if (!isObject(called)) continue;
    if (typeof called["arguments"] === "string") characters += called["arguments"].length;
    if (typeof called["name"] === "string") characters += called["name"].length;
  }
  return characters;
}
