import { describe, expect, it } from "vitest";
import type { Log } from "../../../src/telemetry/log.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { createNotices } from "../../../src/telemetry/notices.ts";

function heard() {
  const lines: object[] = [];
  const write = (fields: object) => void lines.push(fields);
  const log: Log = { debug: write, info: write, warn: write, error: write, fatal: write };
  const metrics = createMetrics({ inFlight: () => 0, processMetrics: false });
  const clock = { now: 0 };
  return { lines, metrics, clock, notices: createNotices(log, metrics, () => clock.now) };
}

describe("createNotices", () => {
  it("tells the same thing once per interval, says how often it happened, and counts all", async () => {
    const { lines, metrics, clock, notices } = heard();
    for (let index = 0; index < 50; index++) notices.misconfigured("chat", "no policy");
    clock.now = 10_000;
    notices.misconfigured("chat", "no policy");
    expect(lines).toEqual([
      { route: "chat", problem: "no policy", held_back: 0 },
      { route: "chat", problem: "no policy", held_back: 49 },
    ]);
    expect(await metrics.text()).toContain("tollgate_misconfigurations_total 51");
  });

  it("tells different things apart", () => {
    const { lines, notices } = heard();
    notices.misconfigured("chat", "no policy");
    notices.misconfigured("images", "no policy");
    notices.defect("exchange", new Error("no policy"));
    notices.defect("attempt", "thrown text");
    expect(lines).toHaveLength(4);
  });

  it("is bounded when every notice is another, and recovers", () => {
    const { lines, clock, notices } = heard();
    for (let index = 0; index < 10_000; index++) notices.defect("exchange", new Error(`number ${index}`));
    expect(lines.length).toBeLessThanOrEqual(256);
    clock.now = 20_000;
    notices.defect("exchange", new Error("later"));
    expect(lines.at(-1)).toMatchObject({ err: { message: "later" } });
  });
});
