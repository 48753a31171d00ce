import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import { openaiChat } from "../../../src/dialects/openai-chat/index.ts";
import { encodeContext } from "../../encode-context.ts";
import { decodeChunks, expectEveryCutEqual, expectStrictOrder, foldDeltas } from "../every-cut.ts";
import { expectEveryFramingEqual } from "../every-framing.ts";

const fixtures = new URL("../../fixtures/openai-chat/", import.meta.url);
const streams = readdirSync(fixtures).filter((name) => name.endsWith(".sse"));
const read = (name: string) => readFileSync(new URL(name, fixtures));

function encode(events: readonly StreamEvent[], includeUsage = true): string {
  const encoder = openaiChat.streamEncoder({ ...encodeContext, includeUsage });
  return events.map((event) => encoder.push(event)).join("");
}

describe.each(streams)("%s", (name) => {
  const bytes = read(name);

  it("says the same in every framing", () => expectEveryFramingEqual(openaiChat, bytes));

  it("decodes to the same events at every cut", () => {
    const events = expectEveryCutEqual(bytes, openaiChat.streamDecoder);
    expectStrictOrder(events);
    expect(foldDeltas(events)).toMatchSnapshot();
  });

  it("survives encoding and decoding again", () => {
    const events = decodeChunks(openaiChat.streamDecoder(), [bytes]);
    const again = decodeChunks(openaiChat.streamDecoder(), [Buffer.from(encode(events))]);
    // The model shown is the one asked for; usage comes once, at the end.
    const comparable = (list: readonly StreamEvent[]) =>
      foldDeltas(list.map((event) => (event.kind === "start" ? { ...event, model: "" } : event)));
    expect(comparable(again)).toEqual(comparable(events));
  });

  it.each([true, false])("passes untouched; usage shown: %s", (includeUsage) => {
    const expected = includeUsage ? bytes.toString() : withoutUsageEvent(bytes.toString());
    for (const size of [1, 7, 1000, bytes.length]) {
      const stream = openaiChat.passthrough.stream(includeUsage);
      const out: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) out.push(stream.push(bytes.subarray(at, at + size)));
      out.push(stream.end());
      expect(Buffer.concat(out).toString()).toBe(expected);
      expect(stream).toMatchObject({ complete: true, started: true, firstError: undefined });
      expect(stream.usage?.output).toBeGreaterThan(0);
      expect(stream.outputCharacters).toBeGreaterThan(0);
      expect(stream.model).toMatch(/^gpt-/);
    }
  });

  it("is an error when cut before the finish reason", () => {
    const text = bytes.toString();
    const cut = text.slice(0, text.lastIndexOf("data: ", text.search(/"finish_reason":"/)));
    const events = decodeChunks(openaiChat.streamDecoder(), [Buffer.from(cut)]);
    expect(events.at(-1)).toMatchObject({ kind: "error", error: { kind: "bad-gateway", status: 502 } });
    expectStrictOrder(events);
  });

  it("is complete without [DONE]", () => {
    const text = bytes.toString().replace("data: [DONE]\n\n", "");
    expect(decodeChunks(openaiChat.streamDecoder(), [Buffer.from(text)]).at(-1)).toEqual({ kind: "end" });
    const stream = openaiChat.passthrough.stream(true);
    stream.push(Buffer.from(text));
    stream.end();
    expect(stream.complete).toBe(true);
  });
});

function withoutUsageEvent(text: string): string {
  return text
    .split(/(?<=\n\n)/)
    .filter((event) => !(event.includes('"choices":[]') && event.includes('"usage":{')))
    .join("");
}
