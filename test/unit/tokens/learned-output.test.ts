import { describe, expect, it } from "vitest";
import { LearnedOutput } from "../../../src/tokens/learned-output.ts";

function taught(counts: readonly number[], name = "m"): LearnedOutput {
  const learned = new LearnedOutput();
  for (const count of counts) learned.observe(name, count);
  return learned;
}

const upTo = (end: number) => Array.from({ length: end }, (_, index) => index + 1);

describe("what models write", () => {
  it("is not guessed from fewer than twenty answers", () => {
    const learned = taught(Array<number>(19).fill(100));
    expect(learned.quantile("m", 0.95)).toBeUndefined();
    expect(learned.mean("m")).toBeUndefined();
    learned.observe("m", 100);
    expect(learned.mean("m")).toBe(100);
  });

  it.each([0.5, 0.95, 0.99])(
    "at quantile %s is not below the truth, and a quarter above it at most",
    (share) => {
      const found = taught(upTo(900)).quantile("m", share) ?? 0;
      expect(found).toBeGreaterThanOrEqual(900 * share);
      expect(found).toBeLessThanOrEqual(900 * share * 1.25 + 1);
    },
  );

  it.each([0, 1, 2, 7, 4_096, 9_000_000])("of always %s tokens is that, or a quarter more", (tokens) => {
    const found = taught(Array<number>(50).fill(tokens)).quantile("m", 0.95) ?? -1;
    expect(found).toBeGreaterThanOrEqual(tokens);
    expect(found).toBeLessThanOrEqual(Math.max(1, tokens * 1.25 + 1));
  });

  it("forgets: what models wrote long ago no longer counts", () => {
    const learned = taught(Array<number>(1_000).fill(10));
    for (let count = 0; count < 10_000; count++) learned.observe("m", 1_000);
    expect(learned.quantile("m", 0.05)).toBeGreaterThanOrEqual(1_000);
    expect(learned.mean("m")).toBeGreaterThan(990);
  });

  it("tells models apart", () => {
    const learned = taught(Array<number>(30).fill(10), "small");
    expect(learned.quantile("large", 0.95)).toBeUndefined();
    expect(learned.quantile("small", 0.95)).toBeLessThanOrEqual(13);
  });

  it("remembers a thousand models, those seen last", () => {
    const learned = taught(Array<number>(30).fill(10), "first");
    for (const index of upTo(999)) learned.observe(`other-${index}`, 1);
    expect(learned.mean("first")).toBe(10);
    learned.observe("one more", 1);
    expect(learned.mean("first")).toBeUndefined();
  });

  it("takes no notice of what is no count", () => {
    const learned = taught([...Array<number>(20).fill(10), Number.NaN, -5]);
    expect(learned.mean("m")).toBe(10);
  });
});
