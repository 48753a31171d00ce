import { describe, expect, it } from "vitest";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { Tool, Turn } from "../../../../src/conversation/request.ts";
import { type CountedRequest, countConversation } from "../../../../src/tokens/counting/conversation.ts";
import type { EncodingName } from "../../../../src/tokens/counting/text/ranks.ts";
import { Tokenizer } from "../../../../src/tokens/counting/text/tokenizer.ts";

const tokenizers = { o200k_base: new Tokenizer("o200k_base"), cl100k_base: new Tokenizer("cl100k_base") };
const tokenizerOf = (name: EncodingName) => tokenizers[name];
const textTokens = (text: string) => tokenizers.o200k_base.count(text).tokens;

function request(turns: readonly Turn[], more: Partial<CountedRequest> = {}): CountedRequest {
  return { turns, tools: [], foreignTools: [], ...more };
}

function turn(role: Turn["role"], content: string | readonly Part[], name?: string): Turn {
  const parts: readonly Part[] = typeof content === "string" ? [{ kind: "text", text: content }] : content;
  return { role, parts, at: "", ...(name !== undefined && { name }) };
}

const count = (counted: CountedRequest, model = "gpt-4o") => countConversation(counted, model, tokenizerOf);
const user = (...parts: Part[]) => request([turn("user", parts)]);

/** Messages and totals, "counted by the OpenAI API", of the cookbook (MIT): sections 6 and 7 of
 * https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken */
describe("OpenAI's published examples", () => {
  const jargon = request([
    turn(
      "system",
      "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
    ),
    turn("system", "New synergies will help drive top-line growth.", "example_user"),
    turn("system", "Things working well together will increase revenue.", "example_assistant"),
    turn(
      "system",
      "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
      "example_user",
    ),
    turn("system", "Let's talk later when we're less busy about how to do better.", "example_assistant"),
    turn("user", "This late pivot means we don't have time to boil the ocean for the client deliverable."),
  ]);
  it.each([
    ["gpt-3.5-turbo", 129],
    ["gpt-4-0613", 129],
    ["gpt-4", 129],
    ["gpt-4o", 124],
    ["gpt-4o-mini", 124],
  ])("messages, to %s: %d", (model, tokens) => {
    expect(count(jargon, model)).toEqual({ tokens, exact: true });
  });

  const weather: Tool = {
    name: "get_current_weather",
    description: "Get the current weather in a given location",
    parameters: {
      type: "object",
      properties: {
        location: { type: "string", description: "The city and state, e.g. San Francisco, CA" },
        unit: {
          type: "string",
          description: "The unit of temperature to return",
          enum: ["celsius", "fahrenheit"],
        },
      },
      required: ["location"],
    },
    at: "",
  };
  const asked = request(
    [
      turn("system", "You are a helpful assistant that can answer to questions about the weather."),
      turn("user", "What's the weather like in San Francisco?"),
    ],
    { tools: [weather] },
  );
  it.each([
    ["gpt-3.5-turbo", 105],
    ["gpt-4", 105],
    ["gpt-4o", 101],
    ["gpt-4o-mini", 101],
  ])("a tool, to %s: %d", (model, tokens) => {
    expect(count(asked, model)).toEqual({ tokens, exact: false });
  });
});

describe("exactness", () => {
  const hello = request([turn("user", "hello")]);

  it.each([
    ["gpt-4o", true],
    ["gpt-4.1", false],
    ["gpt-5", false],
    ["claude-sonnet-5", false],
    ["llama-3.3-70b", false],
  ])("of a plain message to %s: %s", (model, exact) => {
    expect(count(hello, model).exact).toBe(exact);
  });

  const png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const image = (
    source: { kind: "url"; url: string } | { kind: "base64"; mediaType: string; data: string },
  ) => ({ kind: "image", source }) as const;
  const text: Part = { kind: "text", text: "hello" };

  it.each<[name: string, exact: boolean, parts: Part[]]>([
    [
      "an image whose size is seen",
      true,
      [text, image({ kind: "base64", mediaType: "image/png", data: png })],
    ],
    ["an image elsewhere", false, [text, image({ kind: "url", url: "https://example.com/a.png" })]],
    [
      "an image elsewhere at low detail",
      true,
      [{ ...image({ kind: "url", url: "https://example.com/a.png" }), detail: "low" }],
    ],
    ["two texts", false, [text, text]],
    ["a refusal", false, [{ kind: "refusal", text: "no" }]],
    ["thinking", false, [{ kind: "reasoning", text: "hm", origin: "anthropic" }]],
    ["a call", false, [{ kind: "tool-call", id: "1", name: "f", arguments: "{}" }]],
    ["a result", false, [{ kind: "tool-result", callId: "1", content: [text], isError: false }]],
    ["what only its dialect knows", false, [{ kind: "foreign", dialect: "gemini", value: {} }]],
    ["sound", false, [{ kind: "audio", source: { kind: "base64", data: "", format: "mp3" } }]],
    ["a file of text", false, [{ kind: "document", source: { kind: "text", text: "x" } }]],
  ])("with %s: %s", (_name, exact, parts) => {
    expect(count(user(...parts)).exact).toBe(exact);
  });

  it("is lost with a schema, and with what the provider keeps", () => {
    const turns = [turn("user", "hello")];
    expect(count(request(turns, { output: { kind: "text" } })).exact).toBe(true);
    expect(count(request(turns, { output: { kind: "json-schema", schema: {} } })).exact).toBe(false);
    expect(count(request(turns, { kept: { at: "previous_response_id", code: "x" } })).exact).toBe(false);
  });
});

describe("the cost of", () => {
  const empty = count(request([turn("user", [])])).tokens;
  const beside = (parts: Part[], model?: string) =>
    count(user(...parts), model).tokens - count(request([turn("user", [])]), model).tokens;

  it("a message without content: its role and its frame, and the answer's beginning", () => {
    expect(empty).toBe(3 + 1 + 3);
  });

  it("a call and its result", () => {
    const call: Part = {
      kind: "tool-call",
      id: "call_1",
      name: "get_weather",
      arguments: '{"city":"Paris"}',
    };
    expect(beside([call])).toBe(3 + textTokens("get_weather") + textTokens('{"city":"Paris"}'));
    const result: Part = {
      kind: "tool-result",
      callId: "call_1",
      content: [{ kind: "text", text: "rain" }],
      isError: false,
    };
    // In place of the user's message, or before it.
    expect(beside([result])).toBe(textTokens("rain"));
    expect(beside([result, { kind: "text", text: "so" }])).toBe(
      3 + 1 + textTokens("rain") + textTokens("so"),
    );
  });

  it("encrypted thinking by its size, and of what cannot be read nothing", () => {
    const redacted: Part = { kind: "reasoning", text: "", redacted: "A".repeat(1_600), origin: "anthropic" };
    expect(beside([redacted])).toBe(300);
    const video = { fileData: { mimeType: "video/mp4", data: "A".repeat(100_000) }, note: "a film" };
    const foreign: Part = { kind: "foreign", dialect: "gemini", value: video };
    expect(beside([foreign])).toBe(
      textTokens(JSON.stringify({ ...video, fileData: { mimeType: "video/mp4", data: "" } })),
    );
  });

  it("a PDF by its pages, or by its size when they are hidden", () => {
    const pdf = (content: Buffer): Part => ({
      kind: "document",
      source: { kind: "base64", mediaType: "application/pdf", data: content.toString("base64") },
    });
    const page = "<< /Type /Page /Parent 1 0 R >>\n";
    const plain = Buffer.from(`%PDF-1.7\n<< /Type /Pages /Count 3 >>\n${page.repeat(3)}`);
    expect(beside([pdf(plain)], "gemini-3-pro")).toBe(3 * 560);
    expect(beside([pdf(Buffer.alloc(500_000, 1))], "gemini-3-pro")).toBe(10 * 560);
    expect(beside([pdf(plain)], "claude-opus-4-8")).toBe(3 * (1_500 + 30 * 38));
    const elsewhere: Part = { kind: "document", source: { kind: "file", id: "file_1" } };
    expect(beside([elsewhere], "gemini-2.5-pro")).toBe(258);
  });

  it("a file of text by its text", () => {
    const data = Buffer.from("hello world").toString("base64");
    const file: Part = { kind: "document", source: { kind: "base64", mediaType: "text/plain", data } };
    expect(beside([file])).toBe(2);
  });

  it("sound by its length: that of a WAVE file from its head", () => {
    const head = Buffer.alloc(44);
    head.write("RIFF....WAVEfmt ", "latin1");
    head.writeUInt32LE(32_000, 28);
    const wave = Buffer.concat([head, Buffer.alloc(64_000 - 44)]).toString("base64");
    const mp3 = Buffer.alloc(160_000).toString("base64");
    expect(
      beside([{ kind: "audio", source: { kind: "base64", data: wave, format: "wav" } }], "gemini-3-flash"),
    ).toBeCloseTo(50, -1);
    expect(
      beside([{ kind: "audio", source: { kind: "base64", data: mp3, format: "mp3" } }], "gpt-audio"),
    ).toBeCloseTo(100, -1);
    expect(beside([{ kind: "audio", source: { kind: "base64", data: "", format: "wav" } }])).toBe(0);
  });

  it("tools without a system message: that of the message that they make", () => {
    const tools: Tool[] = [{ name: "now", at: "" }];
    const with_ = count(request([turn("system", ""), turn("user", "x")], { tools })).tokens;
    const without = count(request([turn("user", "x")], { tools })).tokens;
    expect(with_).toBe(without);
  });

  it("tools that only their dialect knows, and a schema, by their text", () => {
    const turns = [turn("system", "x")];
    const plain = count(request(turns)).tokens;
    const search = { type: "web_search", filters: { allowed_domains: ["example.com"] } };
    const foreignTools = [{ dialect: "openai-responses", value: search, at: "" } as const];
    expect(count(request(turns, { foreignTools })).tokens - plain).toBe(textTokens(JSON.stringify(search)));
    const schema = { type: "object", properties: { items: { type: "array" } } };
    const output = { kind: "json-schema", name: "list", description: "A list", schema } as const;
    const shown = `# Response Formats\n\n## list\n\n// A list\n${JSON.stringify(schema)}`;
    expect(count(request(turns, { output })).tokens - plain).toBe(textTokens(shown));
  });

  it("Claude's own prompt for tools, and its smaller tokens", () => {
    const tools: Tool[] = [{ name: "now", at: "" }];
    const text = "The quick brown fox jumps over the lazy dog. ".repeat(100);
    const [openai, claude] = ["gpt-4o", "claude-opus-4-8"].map((model) =>
      count(user({ kind: "text", text }), model),
    );
    expect((claude?.tokens ?? 0) / (openai?.tokens ?? 1)).toBeCloseTo((4 / 3.5) * 1.3, 1);
    const withTools = count(request([turn("user", text)], { tools }), "claude-opus-4-8").tokens;
    expect(withTools - (claude?.tokens ?? 0)).toBeGreaterThan(354);
  });
});

it("schemas nested without end are counted, or left out, but never fail", () => {
  let deep: Record<string, never> | { items: unknown } = {};
  for (let depth = 0; depth < 100_000; depth++) deep = { items: deep };
  const parameters = {
    type: "object",
    properties: { a: { type: "array", ...deep } },
  } as unknown as Tool["parameters"];
  const tools = [{ name: "f", parameters, at: "" } as Tool];
  expect(count(request([turn("user", "x")], { tools })).exact).toBe(false);
});
