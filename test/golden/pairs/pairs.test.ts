/**
 * Recorded traffic of each dialect, translated into the other: case × pair. The golden files are reviewed, not just
 * recorded; a change in one is a change in what applications and providers see.
 */
import { describe, expect, it } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { decodeChunks } from "../every-cut.ts";
import { bytesOf, context, jsonOf, legible, recorded, sides } from "./recordings.ts";

describe.each(sides)("$dialect.name → $other.name", (side) => {
  const { dialect, other, otherModel, path, otherPath } = side;
  const golden = (kind: string, name: string) =>
    `__golden__/${dialect.name}-to-${other.name}/${kind}/${name.replace(/\.(json|sse)$/, "")}.txt`;

  it.each(recorded(dialect, "request"))("request %s", async (name) => {
    const losses = new Losses();
    const request = dialect.decodeRequest(jsonOf(dialect, name), path);
    const encoded = other.encodeRequest(request, { model: otherModel, quirks: noQuirks }, losses);
    await expect(legible({ encoded, losses: losses.entries })).toMatchFileSnapshot(golden("requests", name));
    // What was encoded is a request of the other dialect, and says the same when read back.
    expect(other.decodeRequest(encoded, otherPath).turns.length).toBeGreaterThan(0);
  });

  it.each(recorded(dialect, "answer"))("answer %s", async (name) => {
    const losses = new Losses();
    const answer = dialect.decodeAnswer(jsonOf(dialect, name));
    const encoded = other.encodeAnswer(answer, context, losses);
    await expect(legible({ encoded, losses: losses.entries })).toMatchFileSnapshot(golden("answers", name));
    const again = other.decodeAnswer(encoded);
    expect(again.usage.input).toBe(answer.usage.input);
    expect(again.usage.output).toBe(answer.usage.output);
    expect(again.candidates[0]?.finish).toBe(answer.candidates[0]?.finish);
  });

  it.each(recorded(dialect, "stream"))("stream %s", async (name) => {
    const bytes = bytesOf(dialect, name);
    const translate = (size: number) => {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      const encoder = other.streamEncoder(context);
      return decodeChunks(dialect.streamDecoder(), chunks)
        .map((event) => encoder.push(event))
        .join("");
    };
    const whole = translate(bytes.length);
    const shown = whole.replace(
      /"([^"\\]{300,})"/g,
      (_, long: string) => `"${long.slice(0, 60)}… (${long.length})"`,
    );
    await expect(shown).toMatchFileSnapshot(golden("streams", name));
    // What the client is shown does not depend on where the provider's bytes were cut.
    for (const size of [1, 7, 61, 1021]) expect(translate(size)).toBe(whole);
  });
});
