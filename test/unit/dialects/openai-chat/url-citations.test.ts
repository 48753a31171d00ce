import { expect, it } from "vitest";
import { citationsFor } from "../../../../src/dialects/openai-chat/url-citations.ts";
import type { JsonObject } from "../../../../src/json/types.ts";

const page = { url: "https://e.x", title: "E", start_index: 1, end_index: 3 };
const flat: JsonObject = { type: "url_citation", ...page };
const nested: JsonObject = { type: "url_citation", url_citation: page };
/** OpenRouter's. */
const withText: JsonObject = { type: "url_citation", url_citation: { ...page, content: "All of it." } };
const file: JsonObject = { type: "file_citation", file_id: "f" };

it.each([
  ["openai-chat", { dialect: "openai-responses", items: [flat] }, [nested], true],
  ["openai-responses", { dialect: "openai-chat", items: [nested] }, [flat], true],
  ["openai-responses", { dialect: "openai-chat", items: [withText] }, [flat], true],
  ["openai-chat", { dialect: "openai-chat", items: [nested, file] }, [nested, file], true],
  ["openai-chat", { dialect: "openai-responses", items: [flat, file] }, [nested], false],
  ["openai-responses", { dialect: "anthropic", items: [{ type: "char_location" }] }, [], false],
  ["openai-responses", undefined, [], true],
] as const)("for %s of %j", (home, annotations, items, isWhole) => {
  expect(citationsFor(home, annotations)).toEqual({ items, isWhole });
});
