import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import { gemini } from "../../../src/dialects/gemini/index.ts";
import { encodeContext } from "../../encode-context.ts";
import { decodeChunks, expectEveryCutEqual, expectStrictOrder, foldDeltas } from "../every-cut.ts";
import { expectEveryFramingEqual } from "../every-framing.ts";
import { expectMeteredAlike, expectUntouched } from "../passing.ts";

const fixtures = new URL("../../fixtures/gemini/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, fixtures));
const streams = readdirSync(fixtures).filter((name) => name.endsWith(".sse"));
const whole = streams.filter((name) => !name.startsWith("overloaded"));

function encode(events: readonly StreamEvent[]): string {
  const encoder = gemini.streamEncoder(encodeContext);
  return events.map((event) => encoder.push(event)).join("");
}

describe.each(streams)("%s", (name) => {
  const bytes = read(name);

  it("says the same in every framing", () => expectEveryFramingEqual(gemini, bytes));

  it("decodes to the same events at every cut", () => {
    const events = expectEveryCutEqual(bytes, gemini.streamDecoder);
    expectStrictOrder(events);
    expect(foldDeltas(events)).toMatchSnapshot();
  });

  it("passes untouched", () => expectUntouched(gemini, bytes, whole.includes(name)));
});

describe.each(whole)("%s", (name) => {
  const bytes = read(name);
  const events = decodeChunks(gemini.streamDecoder(), [bytes]);

  it("ends cleanly", () => {
    expect(events.at(-1)).toEqual({ kind: "end" });
  });

  it("survives encoding and decoding again", () => {
    const again = decodeChunks(gemini.streamDecoder(), [Buffer.from(encode(events))]);
    expectStrictOrder(again);
    // The model shown is the one asked for; usage comes complete at the end.
    const comparable = (list: readonly StreamEvent[]) =>
      foldDeltas(
        list
          .filter((event) => event.kind !== "usage" && event.kind !== "ping")
          .map((event) => (event.kind === "start" ? { ...event, model: "" } : event)),
      );
    // A refusal's explanation is text for clients, and a signed text is signed behind its end.
    const spoken = (list: readonly StreamEvent[]) =>
      list.map((event) => {
        if (event.kind !== "part") return event;
        const { part } = event;
        if (part.kind === "refusal") return { kind: "text", text: part.text };
        return part.kind === "reasoning"
          ? { kind: "signature", of: part.signature?.split(":").at(-1) }
          : event;
      });
    if (name !== "blocked-prompt.sse") expect(spoken(comparable(again))).toEqual(spoken(comparable(events)));
    const lastUsage = (list: readonly StreamEvent[]) => list.findLast((event) => event.kind === "usage");
    expect(lastUsage(again)).toEqual(lastUsage(events));
    expect(again.find((event) => event.kind === "finish")).toEqual(
      events.find((event) => event.kind === "finish"),
    );
  });

  it("meters what passes as it meters what is translated", () => {
    expectMeteredAlike(gemini, bytes, events, /^gemini-/);
  });

  it("is an error wherever it is cut between events", () => {
    const text = bytes.toString();
    for (let end = text.indexOf("\r\n\r\n"); end >= 0; end = text.indexOf("\r\n\r\n", end + 1)) {
      const part = text.slice(0, end + 4);
      if (/"(finishReason|blockReason)"/.test(part)) break;
      const cut = decodeChunks(gemini.streamDecoder(), [Buffer.from(part)]);
      expect(cut.at(-1)).toMatchObject({ kind: "error", error: { kind: "bad-gateway", status: 502 } });
      expectStrictOrder(cut);
    }
  });
});

describe("an error in the stream", () => {
  it("comes first: it can still become a status", () => {
    const stream = gemini.passthrough.stream(true);
    stream.push(read("overloaded-first.sse"));
    expect(stream.firstError).toEqual({
      kind: "unavailable",
      status: 503,
      message: "The model is overloaded. Please try again later.",
      code: "UNAVAILABLE",
    });
  });

  it("comes later: it stays in the stream", () => {
    const stream = gemini.passthrough.stream(true);
    stream.push(read("overloaded-mid-stream.sse"));
    expect(stream.firstError).toBeUndefined();
    expect(stream.complete).toBe(false);
    const events = decodeChunks(gemini.streamDecoder(), [read("overloaded-mid-stream.sse")]);
    expect(events.at(-1)).toMatchObject({ kind: "error", error: { kind: "unavailable", status: 503 } });
    const encoded = encode(events);
    expect(encoded).toContain('data: {"error":{"code":503,');
    expect(encoded).not.toContain("finishReason");
  });
});
