import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import { type EncodeTarget, noQuirks } from "../../../../src/dialects/dialect.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import { lossList } from "./requests.ts";

const document = (text: string) => parseDocument(new TextEncoder().encode(text));

function pass(text: string, target: Partial<EncodeTarget> = {}): { text: string; losses: string[] } {
  const losses = new Losses();
  const bytes = anthropic.passthrough.request(
    document(text),
    { model: "m", quirks: noQuirks, ...target },
    losses,
  );
  return { text: new TextDecoder().decode(bytes), losses: lossList(losses.entries) };
}

describe("requests", () => {
  const odd = '{ "model":"m", "max_tokens":1.50e1,"x":12345678901234567890 , "messages":[ ] }';

  it("pass byte by byte when the model is the one asked for", () => {
    const body = document(odd);
    const bytes = anthropic.passthrough.request(body, { model: "m", quirks: noQuirks }, new Losses());
    expect(bytes).toBe(body.bytes);
  });

  it("get the target's model and stay as they are otherwise", () => {
    expect(pass(odd, { model: "other" }).text).toBe(odd.replace('"m"', '"other"'));
  });

  it("leave out what the server has elsewhere, and add what it demands, without loss", () => {
    const quirks = { ...noQuirks, elsewhere: ["model"], added: { anthropic_version: "vertex-2023-10-16" } };
    for (const model of ["m", "other"]) {
      const { text, losses } = pass(`{"model":"${model}","max_tokens":5}`, { quirks });
      expect(JSON.parse(text)).toEqual({ max_tokens: 5, anthropic_version: "vertex-2023-10-16" });
      expect(losses).toEqual([]);
    }
  });

  it("lose and rename what the provider's quirks say", () => {
    const quirks = { unsupported: ["metadata"], renamed: { max_tokens: "max_output" } };
    const { text, losses } = pass('{"model":"m","metadata":{},"max_tokens":5}', { quirks });
    expect(JSON.parse(text)).toEqual({ model: "m", max_output: 5 });
    expect(losses).toEqual(["dropped metadata"]);
  });

  it("leave another provider's thinking out, and turns that were nothing else", () => {
    const foreign = { type: "thinking", thinking: "hm", signature: "tollgate:openai-chat:" };
    const own = { type: "thinking", thinking: "hm", signature: "sig" };
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [foreign, own, { type: "text", text: "a" }] },
      { role: "user", content: "what is tollgate:x?" },
      { role: "assistant", content: [{ type: "redacted_thinking", data: "tollgate:openai-chat:z" }] },
    ];
    const { text, losses } = pass(JSON.stringify({ model: "m", messages }));
    expect(JSON.parse(text).messages).toEqual([
      messages[0],
      { role: "assistant", content: [own, { type: "text", text: "a" }] },
      messages[2],
    ]);
    expect(losses).toEqual(["dropped messages[1].content[0]", "dropped messages[3].content[0]"]);
  });

  it("do not think on after calls whose thinking had to be left out", () => {
    const messages = [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "tollgate:openai-chat:" },
          { type: "tool_use", id: "t", name: "f", input: {} },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t" }] },
    ];
    const thinking = { type: "enabled", budget_tokens: 2000 };
    const { text, losses } = pass(JSON.stringify({ model: "m", messages, thinking }));
    expect(JSON.parse(text).thinking).toEqual({ type: "disabled" });
    expect(losses).toEqual(["dropped messages[1].content[0]", "dropped thinking"]);
  });

  it("that only speak of it pass byte by byte", () => {
    const text = '{"model":"m", "messages":[{"role":"user","content":"what is tollgate:x?"}]}';
    expect(pass(text)).toEqual({ text, losses: [] });
  });
});

describe("outline", () => {
  it("reads what routing needs", () => {
    expect(anthropic.outline(document('{"model":"m","stream":true,"max_tokens":7}'))).toEqual({
      model: "m",
      stream: true,
      maxOutputTokens: 7,
      includeUsage: true,
    });
    expect(anthropic.outline(document('{"model":"m"}'))).toEqual({
      model: "m",
      stream: false,
      maxOutputTokens: undefined,
      includeUsage: false,
    });
  });

  it.each(["{}", '{"model":3}', '{"model":""}'])("refuses %s", (text) => {
    expect(() => anthropic.outline(document(text))).toThrow(InvalidRequestError);
  });
});

describe("streams", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const delta = (kind: string, field: string) =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"${kind}","${field}":"1234"}}\n\n`;

  it("are not begun by pings and comments", () => {
    const stream = anthropic.passthrough.stream(true);
    stream.push(bytes(': hello\n\nevent: ping\ndata: {"type":"ping"}\n\n'));
    expect(stream.started).toBe(false);
    stream.push(
      bytes('event: message_start\ndata: {"type":"message_start","message":{"model":"claude"}}\n\n'),
    );
    expect(stream).toMatchObject({ started: true, model: "claude", usage: undefined });
  });

  it("count what the model writes", () => {
    const stream = anthropic.passthrough.stream(true);
    stream.push(bytes(delta("text_delta", "text") + delta("thinking_delta", "thinking")));
    stream.push(bytes(delta("input_json_delta", "partial_json") + delta("signature_delta", "signature")));
    expect(stream.outputCharacters).toBe(12);
  });

  it("hold an incomplete event back until it is whole", () => {
    const stream = anthropic.passthrough.stream(true);
    const text = delta("text_delta", "text");
    expect(stream.push(bytes(text.slice(0, 30)))).toHaveLength(0);
    expect(new TextDecoder().decode(stream.push(bytes(`${text.slice(30)}event: x`)))).toBe(text);
    expect(new TextDecoder().decode(stream.end())).toBe("event: x");
  });

  it("pass on what cannot be read", () => {
    const stream = anthropic.passthrough.stream(true);
    expect(new TextDecoder().decode(stream.push(bytes("data: {oops\n\n")))).toBe("data: {oops\n\n");
  });

  it("go on, unread, after an event that is too large", () => {
    const stream = anthropic.passthrough.stream(true);
    const chunk = new Uint8Array(6 * 1024 * 1024).fill(97);
    const lengths = [chunk, chunk, chunk, chunk].map((piece) => stream.push(piece).length);
    expect(lengths.reduce((sum, length) => sum + length, 0) + stream.end().length).toBe(4 * chunk.length);
    expect(stream.complete).toBe(false);
  });
});
