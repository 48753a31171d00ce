/**
 * Citations of web pages in OpenAI's two APIs: the same members, in Chat Completions inside `url_citation`. Other kinds
 * of annotations (of files, of containers) exist in one of them only.
 *
 * Sources: https://platform.openai.com/docs/api-reference/chat/object (`message.annotations`),
 * https://platform.openai.com/docs/api-reference/responses/object (`output[].content[].annotations`)
 */
import type { DialectName, TextPart } from "../../conversation/parts.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";

export interface Citations {
  readonly items: readonly JsonValue[];
  /** False when some, or all, have no form here. */
  readonly isWhole: boolean;
}

/** @param home the API to write them for */
export function citationsFor(
  home: "openai-chat" | "openai-responses",
  annotations: TextPart["annotations"],
): Citations {
  if (annotations === undefined || annotations.dialect === home)
    return { items: annotations?.items ?? [], isWhole: true };
  const other: DialectName = home === "openai-chat" ? "openai-responses" : "openai-chat";
  const convert = home === "openai-chat" ? nested : flat;
  const items = annotations.dialect === other ? annotations.items.flatMap(convert) : [];
  return { items, isWhole: items.length === annotations.items.length };
}

function nested(item: JsonValue): JsonValue[] {
  if (!isObject(item) || item["type"] !== "url_citation") return [];
  return [{ type: "url_citation", url_citation: citationOf(item) }];
}

function flat(item: JsonValue): JsonValue[] {
  const citation = isObject(item) && item["type"] === "url_citation" ? item["url_citation"] : undefined;
  return isObject(citation) ? [{ type: "url_citation", ...citationOf(citation) }] : [];
}

/** Compatible vendors add to it, OpenRouter the page's text. */
function citationOf({ url, title, start_index: start, end_index: end }: JsonObject): JsonObject {
  return { url: url ?? "", title: title ?? "", start_index: start ?? 0, end_index: end ?? 0 };
}
