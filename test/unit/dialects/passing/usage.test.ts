/** What whole answers of formats that only pass say of what they took. */
import { describe, expect, it } from "vitest";
import type { AnyDialectName } from "../../../../src/conversation/parts.ts";
import { noUsage, type Usage } from "../../../../src/conversation/usage.ts";
import { clientDialectNamed } from "../../../../src/dialects/registry.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject } from "../../../../src/json/types.ts";

/** Both ways an answer is read: parsed whole, or too large for that. */
function usages(name: AnyDialectName, body: JsonObject) {
  const { passthrough } = clientDialectNamed(name);
  const document = parseDocument(Buffer.from(JSON.stringify(body)));
  const counted = (member: string) => document.items(member);
  const short = Object.fromEntries(Object.entries(body).filter(([member]) => member !== "data"));
  return [passthrough.usage(body, counted), passthrough.usage(short, counted)];
}

const b64 = { b64_json: "AAAA" };
const cases: ReadonlyArray<
  readonly [name: AnyDialectName, what: string, body: JsonObject, usage: Partial<Usage> | undefined]
> = [
  [
    "openai-images",
    "tokens, text and images apart",
    {
      created: 1,
      data: [b64],
      usage: {
        input_tokens: 50,
        input_tokens_details: { image_tokens: 40, text_tokens: 10 },
        output_tokens: 4160,
        total_tokens: 4210,
      },
    },
    { input: 50, imageInput: 40, output: 4160, imageOutput: 4160, units: { images: 1 } },
  ],
  [
    "openai-images",
    "a model that thinks before it draws",
    {
      data: [b64, b64],
      usage: {
        input_tokens: 20,
        input_tokens_details: { image_tokens: 0, text_tokens: 20, cached_tokens: 8 },
        output_tokens: 300,
        output_tokens_details: { image_tokens: 272, text_tokens: 28 },
        total_tokens: 320,
      },
    },
    { input: 20, cacheRead: 8, imageInput: 0, output: 300, imageOutput: 272, units: { images: 2 } },
  ],
  [
    "openai-images",
    "a model that is paid by the image",
    { created: 1, data: [{ url: "https://…" }, { url: "https://…" }] },
    { units: { images: 2 } },
  ],
  ["openai-images", "nothing of the kind", { created: 1 }, undefined],
  ["openai-images", "a list that is none", { data: "x", usage: null }, undefined],
  [
    "openai-transcriptions",
    "tokens",
    {
      text: "Hi",
      usage: {
        type: "tokens",
        input_tokens: 14,
        input_token_details: { text_tokens: 0, audio_tokens: 14 },
        output_tokens: 45,
        total_tokens: 59,
      },
    },
    { input: 14, audioInput: 14, output: 45 },
  ],
  [
    "openai-transcriptions",
    "seconds as billed, not as they are",
    { text: "Hi", duration: 3.2, usage: { type: "duration", seconds: 4 } },
    { units: { audioMs: 4_000 } },
  ],
  [
    "openai-transcriptions",
    "a verbose answer without usage",
    { task: "transcribe", language: "english", duration: 8.470000267028809, text: "Hi", segments: [] },
    { units: { audioMs: 8_470 } },
  ],
  [
    "openai-transcriptions",
    "Mistral's: seconds and tokens",
    {
      model: "voxtral-mini-2507",
      text: "Hi",
      usage: { prompt_audio_seconds: 203, prompt_tokens: 4, completion_tokens: 635, total_tokens: 3264 },
    },
    { input: 4, output: 635, units: { audioMs: 203_000 } },
  ],
  ["openai-transcriptions", "a plain answer", { text: "Hi" }, undefined],
  ["openai-transcriptions", "nonsense", { text: "Hi", duration: -1, usage: { seconds: "4" } }, undefined],
  [
    "openai-speech",
    "tokens, all that is spoken sound",
    { usage: { input_tokens: 14, output_tokens: 101, total_tokens: 115 } },
    { input: 14, output: 101, audioOutput: 101 },
  ],
  [
    "openai-moderations",
    "nothing",
    { id: "modr-1", model: "omni-moderation-2024-09-26", results: [] },
    undefined,
  ],
  [
    "openai-moderations",
    "Mistral's tokens",
    { id: "1", model: "m", results: [], usage: { prompt_tokens: 9, completion_tokens: 0, total_tokens: 9 } },
    { input: 9 },
  ],
  [
    "rerank",
    "Cohere's searches",
    { id: "1", results: [], meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } } },
    { units: { searches: 1 } },
  ],
  [
    "rerank",
    "Cohere's searches and tokens",
    {
      results: [],
      meta: { billed_units: { search_units: 2 }, tokens: { input_tokens: 210, output_tokens: 0 } },
    },
    { input: 210, units: { searches: 2 } },
  ],
  [
    "rerank",
    "Jina's tokens",
    { model: "jina-reranker-v2-base-multilingual", usage: { total_tokens: 815 }, results: [] },
    { input: 815 },
  ],
  [
    "rerank",
    "Voyage's tokens",
    { object: "list", data: [], model: "rerank-2", usage: { total_tokens: 26 } },
    { input: 26 },
  ],
  [
    "rerank",
    "Together's tokens",
    {
      object: "rerank",
      usage: { prompt_tokens: 1837, completion_tokens: 0, total_tokens: 1837 },
      results: [],
    },
    { input: 1837 },
  ],
  [
    "rerank",
    "OpenRouter's searches and tokens",
    { model: "cohere/rerank-v3.5", usage: { search_units: 1, total_tokens: 150, cost: 0.002 }, results: [] },
    { input: 150, units: { searches: 1 } },
  ],
  ["rerank", "nothing", { results: [] }, undefined],
];

describe("the usage of a whole answer", () => {
  it.each(cases)("%s: %s", (name, _, body, usage) => {
    const expected = usage === undefined ? undefined : { ...noUsage, ...usage };
    for (const found of usages(name, body)) expect(found).toEqual(expected);
  });
});
