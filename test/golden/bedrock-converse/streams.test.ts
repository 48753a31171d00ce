import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bedrockConverse } from "../../../src/dialects/bedrock-converse/index.ts";
import { decodeChunks, expectEveryCutEqual, expectStrictOrder, foldDeltas } from "../every-cut.ts";

const fixtures = new URL("../../fixtures/bedrock-converse/", import.meta.url);
const streams = readdirSync(fixtures).filter((name) => name.endsWith(".eventstream"));
const read = (name: string) => readFileSync(new URL(name, fixtures));

/** Recordings that end in an error. */
const failing = ["model-stream-error.eventstream"];

describe.each(streams)("%s", (name) => {
  const bytes = read(name);

  it("decodes to the same events at every cut", () => {
    const events = expectEveryCutEqual(bytes, bedrockConverse.streamDecoder);
    expectStrictOrder(events);
    expect(foldDeltas(events)).toMatchSnapshot();
    expect(events.at(-1)?.kind).toBe(failing.includes(name) ? "error" : "end");
  });

  it("is an error when it ends before messageStop, in a frame or between two", () => {
    const stop = bytes.indexOf("messageStop");
    if (stop < 0) return;
    // The frame begins before its headers: prelude, and the name of the first header.
    const boundary = stop - "\0\0\0\0\0\0\0\0\0\0\0\0\x0b:event-type\x07\0\x0b".length;
    for (const cut of [boundary, boundary + 5, stop, stop + 40]) {
      const events = decodeChunks(bedrockConverse.streamDecoder(), [bytes.subarray(0, cut)]);
      expect(events.at(-1), `cut at ${cut}`).toMatchObject({ kind: "error", error: { kind: "bad-gateway" } });
      expectStrictOrder(events);
    }
    const whole = decodeChunks(bedrockConverse.streamDecoder(), [bytes.subarray(0, boundary)]);
    expect(whole.some(({ kind }) => kind === "finish")).toBe(false);
  });

  it("is complete without the metadata behind messageStop", () => {
    const metadata = bytes.indexOf("metadata");
    if (metadata < 0) return;
    const boundary = metadata - "\0\0\0\0\0\0\0\0\0\0\0\0\x0b:event-type\x07\0\x08".length;
    const events = decodeChunks(bedrockConverse.streamDecoder(), [bytes.subarray(0, boundary)]);
    expect(events.slice(-2).map(({ kind }) => kind)).toEqual(["finish", "end"]);
  });

  it("is an error from the first wrong byte on, and never ends well", () => {
    for (let at = 0; at < bytes.length; at += 37) {
      const broken = Buffer.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 0x10;
      const events = decodeChunks(bedrockConverse.streamDecoder(), [broken]);
      expect(events.at(-1)?.kind, `byte ${at}`).toBe("error");
      expectStrictOrder(events);
    }
  });
});
