import { describe, expect, it } from "vitest";
import { Losses } from "../../../../src/conversation/losses.ts";
import { noQuirks, type Quirks } from "../../../../src/dialects/dialect.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { lossList } from "./requests.ts";

function pass(text: string, quirks: Quirks = noQuirks) {
  const losses = new Losses();
  const document = parseDocument(Buffer.from(text));
  const bytes = openaiResponses.passthrough.request(document, { model: "target", quirks }, losses);
  return { text: Buffer.from(bytes).toString(), losses: lossList(losses.entries) };
}

describe("a request", () => {
  it("passes byte for byte but for the model", () => {
    const text =
      '{ "model" :"asked",  "input": "hi", "previous_response_id":"resp_1", "store": true, "n":1.0 }';
    expect(pass(text)).toEqual({ text: text.replace('"asked"', '"target"'), losses: [] });
  });

  it("is asked for its model alone", () => {
    const outline = openaiResponses.outline(
      parseDocument(Buffer.from('{"model":"m","stream":true,"max_output_tokens":9}')),
    );
    expect(outline).toEqual({ model: "m", stream: true, maxOutputTokens: 9, includeUsage: true });
    expect(() => openaiResponses.outline(parseDocument(Buffer.from("{}")))).toThrow("model");
  });

  it("goes without other providers' reasoning, and keeps OpenAI's", () => {
    const own = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" };
    const foreign = {
      type: "reasoning",
      id: "rs_2",
      summary: [],
      encrypted_content: "tollgate:anthropic:s.x",
    };
    const question = { role: "user", content: "tollgate: what?" };
    const passed = pass(JSON.stringify({ model: "m", input: [own, foreign, question] }));
    expect(JSON.parse(passed.text)).toEqual({ model: "target", input: [own, question] });
    expect(passed.losses).toEqual(["dropped input[1]"]);
    expect(pass(JSON.stringify({ model: "m", input: [question] })).losses).toEqual([]);
  });

  it("takes the vendor's names", () => {
    const quirks = { unsupported: ["store"], renamed: { max_output_tokens: "max_tokens" } };
    const passed = pass('{"model":"m","input":"hi","store":true,"max_output_tokens":9}', quirks);
    expect(JSON.parse(passed.text)).toEqual({ model: "target", input: "hi", max_tokens: 9 });
    expect(passed.losses).toEqual(["dropped store"]);
  });
});

const event = (type: string, members: JsonObject = {}) =>
  Buffer.from(`data: ${JSON.stringify({ type, ...members })}\n\n`);

describe("a stream", () => {
  it("can still fail with a status until the answer begins", () => {
    const stream = openaiResponses.passthrough.stream(true);
    stream.push(event("response.created", { response: { model: "m" } }));
    stream.push(event("response.in_progress", { response: {} }));
    expect(stream).toMatchObject({ started: false, model: "m", firstError: undefined });
    stream.push(event("error", { code: "rate_limit_exceeded", message: "slow" }));
    expect(stream).toMatchObject({ started: true, firstError: { status: 429, message: "slow" } });
  });

  it("fails in the stream afterwards", () => {
    const stream = openaiResponses.passthrough.stream(true);
    stream.push(event("response.output_text.delta", { delta: "abc" }));
    stream.push(
      event("response.failed", { response: { error: { message: "x" }, usage: { input_tokens: 1 } } }),
    );
    expect(stream).toMatchObject({ firstError: undefined, complete: false, outputCharacters: 3 });
    expect(stream.usage?.input).toBe(1);
  });

  it("is complete when the answer is not", () => {
    const stream = openaiResponses.passthrough.stream(true);
    stream.push(event("response.incomplete", { response: { usage: { input_tokens: 1, output_tokens: 2 } } }));
    expect(stream).toMatchObject({ complete: true, usage: { input: 1, output: 2 } });
  });

  it("passes what nobody can read", () => {
    const stream = openaiResponses.passthrough.stream(true);
    const odd = Buffer.from("data: {oops\n\n: x\n\ndata: [DONE]\n\ndata: half");
    expect(Buffer.concat([stream.push(odd), stream.end()]).equals(odd)).toBe(true);
    expect(stream.complete).toBe(false);
  });
});
