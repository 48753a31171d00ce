/**
 * Recorded traffic of each dialect, translated into the other: case × pair. The golden files are reviewed, not just
 * recorded; a change in one is a change in what applications and providers see.
 */
import { describe, expect, it } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { clientCall } from "../../sealing.ts";
import { jsonOf, legible, recorded, sides } from "./recordings.ts";
import { expectAnswerTranslated, expectStreamTranslated } from "./translations.ts";

describe.each(sides)("$dialect.name → $other.name", (side) => {
  const { dialect, other, otherModel, path, otherPath } = side;
  const golden = (kind: string, name: string) =>
    `__golden__/${dialect.name}-to-${other.name}/${kind}/${name.replace(/\.(json|sse)$/, "")}.txt`;

  it.each(recorded(dialect, "request"))("request %s", async (name) => {
    const losses = new Losses();
    const request = dialect.decodeRequest(jsonOf(dialect, name), clientCall(path));
    const encoded = other.encodeRequest(request, { model: otherModel, quirks: noQuirks }, losses);
    await expect(legible({ encoded, losses: losses.entries })).toMatchFileSnapshot(golden("requests", name));
    // What was encoded is a request of the other dialect, and says the same when read back.
    expect(other.decodeRequest(encoded, clientCall(otherPath)).turns.length).toBeGreaterThan(0);
  });

  it.each(recorded(dialect, "answer"))("answer %s", (name) =>
    expectAnswerTranslated(dialect, name, other, golden("answers", name)),
  );

  it.each(recorded(dialect, "stream"))("stream %s", (name) =>
    expectStreamTranslated(dialect, name, other, golden("streams", name)),
  );
});
