import { expect, it } from "vitest";
import { noUsage } from "../../../src/conversation/usage.ts";
import { outputLearning } from "../../../src/telemetry/learning.ts";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";
import { LearnedOutput } from "../../../src/tokens/learned-output.ts";
import { exchangeRecord } from "./records.ts";

const [attempt] = exchangeRecord().attemptsTried;
if (attempt === undefined) throw new Error("a record without attempts");

/** What is learned of the model from many of them. */
function learnedFrom(changes: Partial<ExchangeRecord>): number | undefined {
  const learned = new LearnedOutput();
  const recorder = outputLearning(learned);
  for (let n = 0; n < 40; n++) recorder.record(exchangeRecord(changes));
  return learned.mean("claude-sonnet-4-5");
}

it("what the answering attempt wrote is learned, by the model that its target was asked for", () => {
  expect(learnedFrom({ modelServed: "claude-sonnet-4-5-20250929" })).toBe(20);
  const timedOut = {
    ...attempt,
    result: "timeout",
    usage: { ...noUsage, output: 900, estimated: true },
  } as const;
  const both = { ...exchangeRecord().usage, output: 920, estimated: true };
  expect(learnedFrom({ usage: both, attemptsTried: [timedOut, { ...attempt, number: 2 }] })).toBe(20);
});

it.each<[string, Partial<ExchangeRecord>]>([
  ["was cut short", { outcome: "cancelled" }],
  ["is an error", { status: 502 }],
  ["is no conversation's", { operation: "image" }],
  ["was estimated", { attemptsTried: [{ ...attempt, usage: { ...attempt.usage, estimated: true } }] }],
  ["nobody counted", { attemptsTried: [{ ...attempt, usage: noUsage }] }],
  ["nobody was asked for", { attemptsTried: [] }],
])("nothing is learned from what %s", (_what, changes) => {
  expect(learnedFrom(changes)).toBeUndefined();
});
