/** What holds of every recorded answer and stream that is translated for a client. */
import { expect } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import type { Dialect, TargetDialect } from "../../../src/dialects/dialect.ts";
import { decodeChunks } from "../every-cut.ts";
import { bytesOf, context, jsonOf, legible } from "./recordings.ts";

type Recorded = Parameters<typeof bytesOf>[0] & TargetDialect;

/** @param golden the file that the client's answer is held to */
export async function expectAnswerTranslated(from: Recorded, name: string, client: Dialect, golden: string) {
  const losses = new Losses();
  const answer = from.decodeAnswer(jsonOf(from, name));
  const encoded = client.encodeAnswer(answer, context, losses);
  await expect(legible({ encoded, losses: losses.entries })).toMatchFileSnapshot(golden);
  const again = client.decodeAnswer(encoded);
  expect(again.usage.input).toBe(answer.usage.input);
  expect(again.usage.output).toBe(answer.usage.output);
  expect(again.candidates[0]?.finish).toBe(answer.candidates[0]?.finish);
}

/** @param golden the file that the client's stream is held to */
export async function expectStreamTranslated(from: Recorded, name: string, client: Dialect, golden: string) {
  const bytes = bytesOf(from, name);
  const translate = (size: number) => {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const encoder = client.streamEncoder(context);
    return decodeChunks(from.streamDecoder(), chunks)
      .map((event) => encoder.push(event))
      .join("");
  };
  const whole = translate(bytes.length);
  const shown = whole.replace(
    /"([^"\\]{300,})"/g,
    (_, long: string) => `"${long.slice(0, 60)}… (${long.length})"`,
  );
  await expect(shown).toMatchFileSnapshot(golden);
  // What the client is shown does not depend on where the provider's bytes were cut.
  for (const size of [1, 7, 61, 1021]) expect(translate(size)).toBe(whole);
}
