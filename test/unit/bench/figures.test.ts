import { expect, it } from "vitest";
import { cpuMs } from "../../../bench/cpu.ts";
import { Ending } from "../../../bench/ending.ts";
import { quantile } from "../../../bench/latency.ts";
import { firstRow } from "../../../bench/rows.ts";
import { summarise } from "../../../bench/summary.ts";
import { table } from "../../../bench/table.ts";
import type { Variant, VariantName } from "../../../bench/variant.ts";

it.runIf(process.platform === "linux")("CPU time is what the process itself is told", () => {
  const before = { kernel: cpuMs(process.pid), own: process.cpuUsage() };
  const until = performance.now() + 150;
  while (performance.now() < until);
  const { user, system } = process.cpuUsage(before.own);
  // The kernel's files count in ticks of 10 ms, user and system apart.
  expect(Math.abs(cpuMs(process.pid) - before.kernel - (user + system) / 1_000)).toBeLessThanOrEqual(25);
});

it("CPU time of a process that is gone is an error, not zero", () => {
  expect(() => cpuMs(2 ** 30)).toThrow(/is gone/);
});

it("figures are medians of each column, ratios are of the sums", () => {
  const variant = (name: VariantName): Variant => ({
    name,
    envoyPid: 0,
    tollgatePid: undefined,
    callOf: (row) => row.direct,
    wire: () => {
      throw new Error("nothing is sent here");
    },
  });
  const round = (envoyMs: number, tollgateMs: number, errors = 0) => {
    return { requests: 10, errors, firstError: errors > 0 ? "status 500" : undefined, envoyMs, tollgateMs };
  };
  const { figures } = summarise(
    firstRow,
    new Map([
      [variant("plain Envoy"), [round(0.3, 0), round(0.1, 0), round(0.2, 0)]],
      [variant("Tollgate"), [round(0.4, 0.4), round(0.2, 0.8, 1), round(0.3, 0.1)]],
    ]),
  );
  expect(figures[0]).toMatchObject({
    sumMs: 0.2,
    toPlain: 1,
    toBaseline: undefined,
    requests: 30,
    errors: 0,
  });
  expect(figures[1]).toMatchObject({ envoyMs: 0.3, tollgateMs: 0.4, sumMs: 0.8, toPlain: 4, errors: 1 });
  expect(figures[1]?.firstError).toBe("status 500");
});

it("quantiles are values that occurred", () => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([51, 100, 100]);
  expect(quantile([], 0.5)).toBeNaN();
});

it("columns stand in line", () => {
  expect(
    table([
      ["name", "ms"],
      ["a", "10"],
      ["longer", "2"],
    ]),
  ).toBe("name    ms\na       10\nlonger   2");
});

it("all is undone once, in reverse order, whatever fails", async () => {
  const taken: string[] = [];
  const ending = new Ending();
  ending.add(async () => taken.push("first"));
  ending.add(() => Promise.reject(new Error("a step that fails, as it should in this test")));
  ending.add(async () => taken.push("last"));
  await Promise.all([ending.run(), ending.run()]);
  expect(taken).toEqual(["last", "first"]);
});
