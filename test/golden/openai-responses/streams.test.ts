import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { FinishReason } from "../../../src/conversation/answer.ts";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import type { EncodeContext } from "../../../src/dialects/dialect.ts";
import { openaiResponses } from "../../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { seal } from "../../sealing.ts";
import { decodeChunks, expectEveryCutEqual, expectStrictOrder, foldDeltas } from "../every-cut.ts";
import { expectEveryFramingEqual } from "../every-framing.ts";

const fixtures = new URL("../../fixtures/openai-responses/", import.meta.url);
const streams = readdirSync(fixtures).filter((name) => name.endsWith(".sse"));
const failing = streams.filter((name) => name.startsWith("error-"));
const finished = streams.filter((name) => !name.startsWith("error-"));
const read = (name: string) => readFileSync(new URL(name, fixtures));
const decode = (bytes: Uint8Array | string) =>
  decodeChunks(openaiResponses.streamDecoder(), [Buffer.from(bytes)]);

let ids = 0;
const context: EncodeContext = {
  model: "asked",
  includeUsage: true,
  now: 1,
  newId: () => String(++ids).padStart(24, "0"),
  seal,
};

function encode(events: readonly StreamEvent[]): string {
  const encoder = openaiResponses.streamEncoder(context);
  return events.map((event) => encoder.push(event)).join("");
}

/** How the stream of a fixture ends, told by its name. */
function reasonOf(name: string): FinishReason {
  if (name.includes("refusal")) return "refusal";
  if (name.includes("incomplete")) return "length";
  return name.includes("tool") ? "tool-calls" : "stop";
}

/** What the recording says the whole answer is. */
function finalResponse(bytes: Buffer): JsonObject {
  const last = bytes
    .toString()
    .match(/data: (\{.*"type":"response\.(?:completed|incomplete)".*)/g)
    ?.at(-1);
  return (JSON.parse(last?.slice("data: ".length) ?? "{}") as { response: JsonObject }).response;
}

describe.each(finished)("%s", (name) => {
  const bytes = read(name);

  it("says the same in every framing", () => expectEveryFramingEqual(openaiResponses, bytes));

  it("decodes to the same events at every cut", () => {
    const events = expectEveryCutEqual(bytes, openaiResponses.streamDecoder);
    expectStrictOrder(events);
    expect(foldDeltas(events)).toMatchSnapshot();
  });

  it("says what its last event says", () => {
    const streamed = partsOf(decode(bytes));
    const response = finalResponse(bytes);
    const whole = openaiResponses.decodeAnswer(response);
    // Some vendors leave the output of the last event empty.
    if ((response["output"] as unknown[]).length > 0)
      expect(readable(streamed)).toEqual(readable(whole.candidates[0]?.parts));
    expect(decode(bytes).find((event) => event.kind === "finish")).toMatchObject({ reason: reasonOf(name) });
  });

  it("survives encoding and decoding again", () => {
    const events = decode(bytes);
    const comparable = (list: readonly StreamEvent[]) =>
      foldDeltas(
        list.flatMap((event): StreamEvent[] => {
          // The model shown is the one asked for, and an id of another vendor's format is replaced.
          if (event.kind === "start") return [{ ...event, id: "", model: "" }];
          return event.kind === "ping" ? [] : [event];
        }),
      );
    expect(comparable(decode(encode(events)))).toEqual(comparable(events));
  });

  it("passes untouched", () => {
    for (const size of [1, 7, 1000, bytes.length]) {
      const stream = openaiResponses.passthrough.stream(true);
      const out: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) out.push(stream.push(bytes.subarray(at, at + size)));
      out.push(stream.end());
      expect(Buffer.concat(out).equals(bytes)).toBe(true);
      expect(stream).toMatchObject({ complete: true, started: true, firstError: undefined });
      expect(stream.usage?.output ?? 0).toBeGreaterThan(0);
      expect(stream.outputCharacters).toBeGreaterThan(0);
      expect(stream.model).toMatch(/gpt-/);
    }
  });

  it("is an error when cut before its last event", () => {
    const text = bytes.toString();
    const cut = text.slice(
      0,
      text.search(/(event: response\.\w+\n)?data: \{[^\n]*"type":"response\.(completed|incomplete)"/),
    );
    for (const end of [cut, text.slice(0, cut.length + 60)]) {
      const events = decode(end);
      expect(events.at(-1)).toMatchObject({ kind: "error", error: { status: 502, code: "stream_cut" } });
      expectStrictOrder(events);
      const stream = openaiResponses.passthrough.stream(true);
      stream.push(Buffer.from(end));
      stream.end();
      expect(stream.complete).toBe(false);
    }
  });
});

describe.each(failing)("%s", (name) => {
  it("is an error before anything else, at every cut", () => {
    const events = expectEveryCutEqual(read(name), openaiResponses.streamDecoder);
    expect(events).toMatchSnapshot();
    expect(events.map(({ kind }) => kind)).toEqual(["error"]);
    const stream = openaiResponses.passthrough.stream(true);
    stream.push(read(name));
    expect(stream).toMatchObject({ complete: false, firstError: { status: 429 } });
  });
});

/** OpenAI encrypts the same reasoning anew in every event: only whose it is can be compared. */
function readable(parts: unknown): unknown {
  return JSON.parse(JSON.stringify(parts), (key, value) =>
    key === "signature" || key === "redacted" ? String(value).replace(/:gAAA.*/, ":gAAA") : value,
  );
}

/** The parts that a stream makes up, as a whole answer has them. */
function partsOf(events: readonly StreamEvent[]): unknown[] {
  const parts: Array<Record<string, unknown>> = [];
  for (const event of events) {
    if (event.kind === "part") parts.push({ ...event.part });
    else if (event.kind === "open") {
      const content = event.part.kind === "tool-call" ? { arguments: "" } : { text: "" };
      parts.push({ ...event.part, ...content });
    } else if (event.kind === "delta" || event.kind === "signature" || event.kind === "close") {
      const part = parts[event.index] ?? {};
      const place = part["kind"] === "tool-call" ? "arguments" : "text";
      if (event.kind === "delta") part[place] = `${String(part[place])}${event.text}`;
      else if (event.kind === "signature") part["signature"] = event.signature;
      else if (event.annotations !== undefined) part["annotations"] = event.annotations;
    }
  }
  return parts;
}
