import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import { anthropic } from "../../../src/dialects/anthropic/index.ts";
import { encodeContext } from "../../encode-context.ts";
import { decodeChunks, expectEveryCutEqual, expectStrictOrder, foldDeltas } from "../every-cut.ts";
import { expectEveryFramingEqual } from "../every-framing.ts";
import { expectMeteredAlike, expectUntouched } from "../passing.ts";

const fixtures = new URL("../../fixtures/anthropic/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, fixtures));
const streams = readdirSync(fixtures).filter((name) => name.endsWith(".sse"));
const whole = streams.filter((name) => !name.startsWith("overloaded"));

function encode(events: readonly StreamEvent[]): string {
  const encoder = anthropic.streamEncoder(encodeContext);
  return events.map((event) => encoder.push(event)).join("");
}

describe.each(streams)("%s", (name) => {
  const bytes = read(name);

  it("says the same in every framing", () => expectEveryFramingEqual(anthropic, bytes));

  it("decodes to the same events at every cut", () => {
    const events = expectEveryCutEqual(bytes, anthropic.streamDecoder);
    expectStrictOrder(events);
    expect(foldDeltas(events)).toMatchSnapshot();
  });

  it("passes untouched", () => expectUntouched(anthropic, bytes, whole.includes(name)));
});

describe.each(whole)("%s", (name) => {
  const bytes = read(name);
  const events = decodeChunks(anthropic.streamDecoder(), [bytes]);

  it("ends cleanly", () => {
    expect(events.at(-1)).toEqual({ kind: "end" });
  });

  it("survives encoding and decoding again", () => {
    const again = decodeChunks(anthropic.streamDecoder(), [Buffer.from(encode(events))]);
    expectStrictOrder(again);
    // The model shown is the one asked for; usage comes complete at the end.
    const comparable = (list: readonly StreamEvent[]) =>
      foldDeltas(
        list
          .filter((event) => event.kind !== "usage" && event.kind !== "ping")
          .map((event) => (event.kind === "start" ? { ...event, model: "" } : event)),
      );
    // A refusal's explanation is text for clients; Anthropic's own field for it has a category besides.
    const asText = (list: readonly StreamEvent[]) =>
      JSON.parse(JSON.stringify(list).replaceAll('"refusal"}', '"text"}'));
    expect(asText(comparable(again))).toEqual(asText(comparable(events)));
    const lastUsage = (list: readonly StreamEvent[]) => list.findLast((event) => event.kind === "usage");
    expect(lastUsage(again)).toEqual(lastUsage(events));
  });

  it("meters what passes as it meters what is translated", () => {
    expectMeteredAlike(anthropic, bytes, events, /^claude-/);
  });

  it("is an error wherever it is cut between events", () => {
    const text = bytes.toString();
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n", end + 1)) {
      const part = text.slice(0, end + 2);
      if (part.includes('"type":"message_stop"')) break;
      const cut = decodeChunks(anthropic.streamDecoder(), [Buffer.from(part)]);
      expect(cut.at(-1)).toMatchObject({ kind: "error", error: { kind: "bad-gateway", status: 502 } });
      expectStrictOrder(cut);
    }
  });
});

describe("an error in the stream", () => {
  it("comes first: it can still become a status", () => {
    const stream = anthropic.passthrough.stream(true);
    stream.push(read("overloaded-first.sse"));
    expect(stream.firstError).toEqual({
      kind: "overloaded",
      status: 529,
      message: "Overloaded",
      requestId: "req_011CX7J5ZXp3npD8nY7VYZvm",
    });
  });

  it("comes later: it stays in the stream", () => {
    const stream = anthropic.passthrough.stream(true);
    stream.push(read("overloaded-mid-stream.sse"));
    expect(stream.firstError).toBeUndefined();
    expect(stream.complete).toBe(false);
    const events = decodeChunks(anthropic.streamDecoder(), [read("overloaded-mid-stream.sse")]);
    expect(events.at(-1)).toMatchObject({ kind: "error", error: { kind: "overloaded", status: 529 } });
    const encoded = encode(events);
    expect(encoded).toContain('event: error\ndata: {"type":"error","error":{"type":"overloaded_error"');
    expect(encoded).not.toContain("message_stop");
  });
});
