import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import { seal } from "../../../sealing.ts";

const place = (index: number) => ({ candidate: 0, index });
const start: StreamEvent = { kind: "start", id: "chatcmpl-1", model: "gpt" };
const usage: StreamEvent = {
  kind: "usage",
  usage: { ...noUsage, input: 12, cacheRead: 5, output: 7, reasoning: 3 },
};

/** As OpenAI streams: usage comes after the finish. */
const events: StreamEvent[] = [
  start,
  { kind: "ping" },
  { kind: "open", ...place(0), part: { kind: "reasoning", origin: "openai-chat" } },
  { kind: "delta", ...place(0), text: "hm" },
  { kind: "close", ...place(0) },
  { kind: "open", ...place(1), part: { kind: "text" } },
  { kind: "delta", ...place(1), text: "Let me " },
  { kind: "logprobs", candidate: 0, value: {} },
  { kind: "delta", ...place(1), text: "look." },
  { kind: "open", candidate: 1, index: 0, part: { kind: "text" } },
  { kind: "delta", candidate: 1, index: 0, text: "another answer" },
  { kind: "close", candidate: 1, index: 0 },
  { kind: "close", ...place(1) },
  { kind: "part", ...place(2), part: { kind: "foreign", dialect: "openai-chat", value: {} } },
  { kind: "open", ...place(3), part: { kind: "tool-call", id: "call.a", name: "f" } },
  { kind: "delta", ...place(3), text: '{"x":' },
  { kind: "delta", ...place(3), text: "1}" },
  { kind: "close", ...place(3) },
  { kind: "open", ...place(4), part: { kind: "tool-call", id: "b", name: "g" } },
  { kind: "delta", ...place(4), text: "{}" },
  { kind: "close", ...place(4) },
  { kind: "finish", candidate: 0, reason: "tool-calls" },
  { kind: "finish", candidate: 1, reason: "length" },
  usage,
  { kind: "end" },
];

function encode(list: readonly StreamEvent[]): string {
  const encoder = anthropic.streamEncoder({
    model: "asked",
    includeUsage: true,
    now: 1,
    newId: () => "i".repeat(24),
    seal,
  });
  return list.map((event) => encoder.push(event)).join("");
}

let server: Server | undefined;
afterEach(() => server?.close());

/** A client of the official SDK whose provider answers with this stream. */
async function clientOf(stream: string): Promise<Anthropic> {
  server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).end(stream);
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return new Anthropic({ apiKey: "none", baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 });
}

const params = { model: "asked", max_tokens: 9, messages: [{ role: "user" as const, content: "Hi" }] };

describe("the official SDK", () => {
  it("gathers the message", async () => {
    const client = await clientOf(encode(events));
    const message = await client.messages.stream(params).finalMessage();
    expect(message).toMatchObject({
      id: `msg_${"i".repeat(24)}`,
      model: "asked",
      content: [
        { type: "thinking", thinking: "hm", signature: "tollgate:openai-chat:" },
        { type: "text", text: "Let me look." },
        { type: "tool_use", id: "call_a", name: "f", input: { x: 1 } },
        { type: "tool_use", id: "b", name: "g", input: {} },
      ],
      stop_reason: "tool_use",
      usage: { input_tokens: 7, cache_read_input_tokens: 5, output_tokens: 7 },
    });
  });

  it("raises an error in the stream", async () => {
    const broken = [
      ...events.slice(0, 4),
      { kind: "error", error: { kind: "overloaded", status: 529, message: "Busy" } },
    ];
    const client = await clientOf(encode(broken as StreamEvent[]));
    await expect(client.messages.stream(params).finalMessage()).rejects.toMatchObject({
      type: "overloaded_error",
    });
  });
});

describe("the wire", () => {
  it("numbers blocks without gaps", () => {
    const indices = Array.from(
      encode(events).matchAll(/"content_block_start","index":(\d)/g),
      (match) => match[1],
    );
    expect(indices).toEqual(["0", "1", "2", "3"]);
  });

  it("names every event as its type", () => {
    const blocks = encode(events).trimEnd().split("\n\n");
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      expect(JSON.parse(data ?? "{}").type).toBe(name);
    }
    expect(blocks[0]).toMatch(/^event: message_start/);
    expect(blocks.slice(-2).map((block) => block.split("\n")[0])).toEqual([
      "event: message_delta",
      "event: message_stop",
    ]);
  });

  it("ends a refusal as one", () => {
    const refused: StreamEvent[] = [
      start,
      { kind: "open", ...place(0), part: { kind: "refusal" } },
      { kind: "delta", ...place(0), text: "No." },
      { kind: "close", ...place(0) },
      { kind: "finish", candidate: 0, reason: "stop" },
      { kind: "end" },
    ];
    expect(encode(refused)).toContain('"stop_reason":"refusal"');
  });

  it("streams parts that come in one piece", () => {
    const parts: StreamEvent[] = [
      {
        kind: "part",
        ...place(0),
        part: { kind: "reasoning", text: "a", signature: "s", origin: "anthropic" },
      },
      {
        kind: "part",
        ...place(1),
        part: { kind: "reasoning", text: "", redacted: "r", origin: "anthropic" },
      },
      { kind: "part", ...place(2), part: { kind: "text", text: "b" } },
      { kind: "part", ...place(3), part: { kind: "tool-call", id: "c", name: "f", arguments: "{}" } },
      { kind: "part", ...place(4), part: { kind: "refusal", text: "d" } },
    ];
    const text = encode([start, ...parts, { kind: "finish", candidate: 0, reason: "stop" }, { kind: "end" }]);
    const types = Array.from(text.matchAll(/"content_block":\{"type":"(\w+)"/g), (match) => match[1]);
    expect(types).toEqual(["thinking", "redacted_thinking", "text", "tool_use", "text"]);
    expect(text).toContain('{"type":"signature_delta","signature":"s"}');
    expect(text).toContain('{"type":"redacted_thinking","data":"r"}');
  });
});
