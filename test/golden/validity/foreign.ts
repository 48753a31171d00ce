/** What only one dialect knows, as its provider's types have it. */
import type { ForeignPart } from "../../../src/conversation/parts.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { Judged } from "./judged.ts";

type ByDialect = Readonly<Record<Judged, readonly JsonObject[]>>;

/** Of what the model said. */
const said: ByDialect = {
  "openai-chat": [{ id: "call_c", type: "custom", custom: { name: "sql", input: "select 1" } }],
  "openai-responses": [
    {
      type: "web_search_call",
      id: "ws_1",
      status: "completed",
      action: { type: "search", query: "a", queries: ["a"] },
    },
  ],
  anthropic: [
    {
      type: "server_tool_use",
      id: "srvtoolu_1",
      name: "web_search",
      input: { query: "a" },
      caller: { type: "direct" },
    },
  ],
  gemini: [{ executableCode: { language: "PYTHON", code: "1 + 1" } }],
  "bedrock-converse": [],
};

/** Of what the model is asked. */
const asked: ByDialect = {
  "openai-chat": [],
  "openai-responses": [],
  anthropic: [
    {
      type: "search_result",
      source: "https://example.com",
      title: "A",
      content: [{ type: "text", text: "a" }],
    },
  ],
  gemini: [{ fileData: { mimeType: "video/mp4", fileUri: "https://youtu.be/a" } }],
  "bedrock-converse": [],
};

export function foreignParts(dialect: Judged, by: "user" | "assistant"): ForeignPart[] {
  const values = by === "user" ? asked : said;
  return values[dialect].map((value) => ({ kind: "foreign", dialect, value }));
}

export const foreignTools: ByDialect = {
  "openai-chat": [{ type: "custom", custom: { name: "sql" } }],
  "openai-responses": [{ type: "web_search" }, { type: "file_search", vector_store_ids: ["vs_1"] }],
  anthropic: [{ type: "web_search_20250305", name: "web_search" }],
  gemini: [{ googleSearch: {} }],
  "bedrock-converse": [],
};

const charLocation = {
  ...{ type: "char_location", cited_text: "a", document_index: 0, document_title: null },
  ...{ start_char_index: 0, end_char_index: 1 },
};
const cited = { url: "https://example.com", title: "A", start_index: 0, end_index: 5 };

/** Citations of a text, as a history has them. */
export const annotations: Readonly<Record<Judged, JsonObject[]>> = {
  "openai-chat": [{ type: "url_citation", url_citation: cited }],
  "openai-responses": [{ type: "url_citation", ...cited }],
  anthropic: [charLocation],
  gemini: [{ citationMetadata: { citations: [{ startIndex: 0, endIndex: 5, uri: "https://example.com" }] } }],
  "bedrock-converse": [],
};

/** The same in answers. */
export const answeredAnnotations: Readonly<Record<Judged, JsonObject[]>> = {
  ...annotations,
  anthropic: [{ ...charLocation, file_id: null }],
};
