/**
 * A function's response, to a tool result: an object with Gemini, content with everybody else.
 *
 * Source: https://ai.google.dev/api/caching#FunctionResponse
 */
import type { Part, ToolResultPart } from "../../conversation/parts.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { Leftovers } from "../leftovers.ts";
import { decodeMedia } from "./decode-media.ts";
import { readPart } from "./read-part.ts";

const resultFields = new Set(["id", "name", "response", "parts"]);

/** @param result in camelCase */
export function decodeResult(
  result: JsonObject,
  callId: string,
  at: string,
  leftovers: Leftovers,
): ToolResultPart {
  leftovers.collect(result, at, resultFields);
  const { text, isError } = textOf(result["response"]);
  const content: Part[] = text === undefined ? [] : [{ kind: "text", text, at: `${at}.response` }];
  const media = Array.isArray(result["parts"]) ? result["parts"] : [];
  media.forEach((given, index) => {
    if (isObject(given)) content.push(decodeMediaPart(given, `${at}.parts[${index}]`));
  });
  return { kind: "tool-result", callId, content, isError, at };
}

/** `output` and `error` are Google's names for what a function returned; any other object is the output itself. */
function textOf(response: JsonValue | undefined): { text: string | undefined; isError: boolean } {
  if (!isObject(response)) return { text: undefined, isError: false };
  const names = Object.keys(response);
  if (names.length === 0) return { text: undefined, isError: false };
  const [only] = names;
  if (names.length === 1 && (only === "output" || only === "error")) {
    const value = response[only] ?? null;
    return { text: typeof value === "string" ? value : JSON.stringify(value), isError: only === "error" };
  }
  return { text: JSON.stringify(response), isError: false };
}

function decodeMediaPart(given: JsonObject, at: string): Part {
  const read = readPart(given);
  const media = read.kind === "inline" || read.kind === "file" ? decodeMedia(read) : undefined;
  return media === undefined ? { kind: "foreign", dialect: "gemini", value: given, at } : { ...media, at };
}
