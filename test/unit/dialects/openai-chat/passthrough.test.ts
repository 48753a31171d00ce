import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import { noQuirks, type Quirks } from "../../../../src/dialects/dialect.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/index.ts";
import { parseDocument } from "../../../../src/json/document.ts";

const { passthrough } = openaiChat;

function pass(body: string, model = "gpt-4o", quirks: Quirks = noQuirks) {
  const losses = new Losses();
  const bytes = passthrough.request(parseDocument(Buffer.from(body)), { model, quirks }, losses);
  return {
    body: Buffer.from(bytes).toString(),
    losses: losses.entries.map((loss) => `${loss.how} ${loss.path}`),
  };
}

describe("requests", () => {
  it.each<[name: string, body: string, expected: string]>([
    [
      "nothing to change",
      '{ "model":"gpt-4o", "seed": 12345678901234567890 }',
      '{ "model":"gpt-4o", "seed": 12345678901234567890 }',
    ],
    ["the model", '{ "messages":[ ] , "model" : "alias" }', '{ "messages":[ ] , "model" : "gpt-4o" }'],
    ["a hidden second model", '{"model":"gpt-4o","mod\\u0065l":"x"}', '{"mod\\u0065l":"gpt-4o"}'],
    [
      "usage of streams",
      '{"model":"gpt-4o","stream":true}',
      '{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true}}',
    ],
    [
      "usage beside other options",
      '{"model":"gpt-4o","stream":true,"stream_options":{"include_obfuscation":false}}',
      '{"model":"gpt-4o","stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true}}',
    ],
    [
      "usage asked already",
      '{"model":"gpt-4o","stream":true,"stream_options":{ "include_usage": true }}',
      '{"model":"gpt-4o","stream":true,"stream_options":{ "include_usage": true }}',
    ],
    [
      "null options",
      '{"model":"gpt-4o","stream":true,"stream_options":null}',
      '{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true}}',
    ],
    ["no stream", '{"model":"gpt-4o","stream":false}', '{"model":"gpt-4o","stream":false}'],
  ])("%s", (_name, body, expected) => {
    expect(pass(body)).toEqual({ body: expected, losses: [] });
  });

  it("applies quirks", () => {
    const quirks = {
      unsupported: ["stream_options", "seed"],
      renamed: { max_completion_tokens: "max_tokens" },
    };
    const both = pass('{"model":"m","stream":true,"seed":1,"max_completion_tokens":5}', "m", quirks);
    expect(both).toEqual({ body: '{"model":"m","stream":true,"max_tokens":5}', losses: ["dropped seed"] });
    const old = pass('{"model":"m","max_tokens":3}', "m", quirks);
    expect(old).toEqual({ body: '{"model":"m","max_tokens":3}', losses: [] });
  });

  it("takes out Anthropic's thinking, which servers of this dialect refuse", () => {
    const body = {
      model: "gpt-4o",
      messages: [
        { role: "user", content: 'say "thinking_blocks"' },
        {
          role: "assistant",
          content: "x",
          reasoning_content: "hm",
          thinking_blocks: [{ type: "thinking", thinking: "hm", signature: "s" }],
        },
        { role: "user", content: "y" },
      ],
    };
    const passed = pass(JSON.stringify(body));
    expect(passed.losses).toEqual(["dropped messages[1].thinking_blocks"]);
    expect(JSON.parse(passed.body)).toEqual({
      ...body,
      messages: [body.messages[0], { role: "assistant", content: "x" }, body.messages[2]],
    });
  });
});

describe("outlines", () => {
  const outline = (body: string) => openaiChat.outline(parseDocument(Buffer.from(body)));
  it("reads what routing needs", () => {
    expect(
      outline('{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":5}'),
    ).toEqual({
      model: "m",
      stream: true,
      maxOutputTokens: 5,
      includeUsage: true,
    });
    expect(outline('{"model":"m","max_tokens":5,"max_completion_tokens":6}')).toMatchObject({
      maxOutputTokens: 6,
    });
    expect(outline('{"model":"m","stream_options":{"include_usage":true}}')).toEqual({
      model: "m",
      stream: false,
      maxOutputTokens: undefined,
      includeUsage: false,
    });
  });
  it.each(['{"messages":[]}', '{"model":1}', '{"model":""}', '{"model":null}'])("refuses %s", (body) => {
    expect(() => outline(body)).toThrow(InvalidRequestError);
    expect(() => outline(body)).toThrow(expect.objectContaining({ path: "model" }));
  });
});

describe("streams", () => {
  const frame = (data: string) => Buffer.from(`data: ${data}\n\n`);
  const content = frame('{"model":"m","choices":[{"index":0,"delta":{"content":"four"}}]}');

  it("counts characters of text, thinking and arguments", () => {
    const stream = passthrough.stream(false);
    stream.push(content);
    stream.push(frame('{"choices":[{"delta":{"reasoning_content":"hm"}}]}'));
    stream.push(
      frame('{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}}]}'),
    );
    expect(stream).toMatchObject({ outputCharacters: 9, usage: undefined, complete: false, started: true });
  });

  it("passes chunks of whole events without copying", () => {
    const stream = passthrough.stream(false);
    expect(stream.push(content)).toBe(content);
  });

  it("tells a first error, which may still become a status", () => {
    const stream = passthrough.stream(false);
    const azure = frame('{"choices":[],"prompt_filter_results":[]}');
    expect(stream.push(azure)).toEqual(azure);
    expect(stream.started).toBe(false);
    const error = frame('{"error":{"message":"slow","code":429}}');
    expect(stream.push(error)).toEqual(error);
    expect(stream.firstError).toMatchObject({ kind: "rate-limit", status: 429, message: "slow" });
    expect(stream).toMatchObject({ started: true, complete: false });
  });

  it("is not complete after an error, whatever follows", () => {
    const stream = passthrough.stream(false);
    stream.push(content);
    stream.push(frame('{"error":{"message":"boom"}}'));
    stream.push(frame("[DONE]"));
    stream.end();
    expect(stream).toMatchObject({ complete: false, firstError: undefined });
  });

  it("passes what it cannot read", () => {
    const stream = passthrough.stream(false);
    const odd = Buffer.from(": hi\n\ndata: {nope\n\nid: 1\n\ndata: 5\n\n");
    expect(Buffer.from(stream.push(odd)).toString()).toBe(odd.toString());
    expect(stream.started).toBe(true);
  });

  it("goes on blindly behind an event that is too large", () => {
    const stream = passthrough.stream(false);
    const large = Buffer.alloc(17 * 1024 * 1024, "x");
    const first = stream.push(Buffer.from("data: "));
    expect(first).toHaveLength(0);
    expect(stream.push(large)).toHaveLength(large.length + 6);
    expect(stream.push(content)).toBe(content);
    expect(stream.end()).toHaveLength(0);
    expect(stream.complete).toBe(false);
  });
});

it("lists models as the SDK expects", () => {
  expect(openaiChat.models.list(["a"])).toEqual({
    object: "list",
    data: [{ id: "a", object: "model", created: 0, owned_by: "tollgate" }],
  });
});
