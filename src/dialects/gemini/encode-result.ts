/**
 * Tool results as `functionResponse` parts.
 *
 * Source: https://ai.google.dev/api/caching#FunctionResponse
 */
import type { Part } from "../../conversation/parts.ts";
import { parseObject } from "../../json/parse-object.ts";
import type { JsonObject } from "../../json/types.ts";
import type { PairedResult } from "./call-ledger.ts";
import { type Encoding, encodeMedia } from "./encode-media.ts";

/** @param moved collects what the response cannot hold; it goes into the user content that follows */
export function encodeResult(
  { result, call }: PairedResult,
  turnPath: string,
  moved: JsonObject[],
  encoding: Encoding,
): JsonObject {
  const at = result.at ?? turnPath;
  const texts: string[] = [];
  const media: JsonObject[] = [];
  for (const part of result.content) {
    if (part.kind === "text" || part.kind === "refusal") texts.push(part.text);
    else media.push(...encodeOther(part, part.at ?? at, encoding));
  }
  if (result.cache !== undefined)
    encoding.losses.approximated(`${at}.cache_control`, "Gemini caches by itself; markers are not sent");
  const inside = encoding.traits.mediaResults ? media.filter(isBlob) : [];
  const outside = media.filter((part) => !inside.includes(part));
  if (outside.length > 0) {
    encoding.losses.approximated(
      at,
      "this function response holds no files; they are sent in a content after it",
    );
    for (const part of outside) moved.push(part);
  }
  return {
    functionResponse: {
      ...(call.id !== "" && { id: call.id }),
      name: call.name,
      response: responseOf(texts.join("\n"), result.isError),
      ...(inside.length > 0 && { parts: inside }),
    },
  };
}

function encodeOther(part: Part, at: string, encoding: Encoding): JsonObject[] {
  if (part.kind === "image" || part.kind === "document" || part.kind === "audio") {
    const encoded = encodeMedia(part, at, encoding);
    return encoded === undefined ? [] : [encoded];
  }
  if (part.kind === "foreign" && part.dialect === "gemini") return [part.value];
  encoding.losses.droppedContent(at, `Gemini takes no ${part.kind} of this kind in function responses`);
  return [];
}

function isBlob(part: JsonObject): boolean {
  return part["inlineData"] !== undefined;
}

/** Google's names for what a function returned. An object is the output itself, and its members then stay legible. */
function responseOf(text: string, isError: boolean): JsonObject {
  if (isError) return { error: text };
  if (text === "") return {};
  return objectOf(text) ?? { output: text };
}

/** Numbers of more digits would not survive being read. */
const longNumber = /\d{16}/;

function objectOf(text: string): JsonObject | undefined {
  if (!/^\s*\{/.test(text) || longNumber.test(text)) return undefined;
  const value = parseObject(text) ?? {};
  const names = Object.keys(value);
  // Read back, it would be taken for what the name says.
  const isTaken = names.length === 1 && ("output" in value || "error" in value);
  return names.length === 0 || isTaken ? undefined : value;
}
