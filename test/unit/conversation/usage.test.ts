import fc from "fast-check";
import { expect, it } from "vitest";
import { noUsage, type Usage, usageSum } from "../../../src/conversation/usage.ts";

const units = fc.record({ images: fc.nat(), audioMs: fc.nat(), searches: fc.nat() }, { requiredKeys: [] });
const usage: fc.Arbitrary<Usage> = fc.record(
  {
    ...{
      input: fc.nat(),
      output: fc.nat(),
      cacheRead: fc.nat(),
      cacheWrite: fc.nat(),
      cacheWriteHour: fc.nat(),
    },
    ...{ reasoning: fc.nat(), audioInput: fc.nat(), audioOutput: fc.nat(), estimated: fc.boolean() },
    ...{ imageInput: fc.nat(), imageOutput: fc.nat(), units },
  },
  {
    requiredKeys: [
      ...(["input", "output", "cacheRead", "cacheWrite", "cacheWriteHour", "reasoning"] as const),
      ...(["audioInput", "audioOutput", "estimated"] as const),
    ],
  },
);

const counts = (of: Usage) => Object.entries({ ...of, ...of.units });

it("two usages together are the sum of every count, and estimated if one of them is", () => {
  fc.assert(
    fc.property(usage, usage, (one, other) => {
      const both = usageSum(one, other);
      expect(both.estimated).toBe(one.estimated || other.estimated);
      const expected = new Map<string, number>();
      for (const [name, count] of [...counts(one), ...counts(other)]) {
        if (typeof count === "number") expected.set(name, (expected.get(name) ?? 0) + count);
      }
      expect(new Map(counts(both).filter(([, count]) => typeof count === "number"))).toEqual(expected);
    }),
  );
});

it("nothing adds nothing", () => {
  fc.assert(
    fc.property(usage, (one) => {
      expect(usageSum(one, noUsage)).toEqual(one);
      expect(usageSum(noUsage, one)).toEqual(one);
    }),
  );
});
