import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BaselineFile } from "../../../src/anomalies/baseline-file.ts";
import { lineOf } from "../../../src/anomalies/kept-subject.ts";
import { dayMs, hourMs, minuteMs, Simulation } from "./traffic.ts";

const folder = mkdtempSync(join(tmpdir(), "tollgate-anomalies-"));
let folders = 0;
const place = () => join(folder, String(folders++));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A day of two callers, one of them in the middle of something. */
function disturbed(): Simulation {
  const simulation = new Simulation({ mode: "enforce", kinds: ["rate"], brake: { for: "10m" } });
  simulation.run(dayMs + hourMs, { perMinute: 3, failing: 2 }, { app: "crm", user: "ada@acme.test" });
  simulation.run(minuteMs, { perMinute: 300 }, { app: "crm" });
  expect(simulation.told()).toEqual(["begin rate"]);
  return simulation;
}

it("what was known is known again, what is under way included", async () => {
  const before = disturbed();
  const file = new BaselineFile(place(), 0);
  await file.write(before.detector.subjects());
  const after = new Simulation();
  for (const subject of await file.read()) after.detector.remember(subject);
  expect(after.detector.subjects().map(lineOf)).toEqual(before.detector.subjects().map(lineOf));

  // And goes on as if nothing had been.
  after.settings = before.settings;
  after.nowMs = before.nowMs;
  for (const one of [before, after]) {
    const caller = { tenant: "acme", app: "crm", user: undefined };
    expect(one.detector.brakedUntil(caller as never, one.nowMs)).toBeDefined();
    one.run(hourMs, { perMinute: 0 });
    expect(one.events.at(-1)).toMatchObject({ phase: "end", incident: { kind: "rate" } });
    one.exchange();
    one.nowMs += minuteMs;
    for (let n = 0; n < 300; n++) one.exchange();
    expect(one.detector.incidents).toBe(1);
  }
  expect(after.events.at(-1)?.incident.expected).toBe(before.events.at(-1)?.incident.expected);
});

it("users are in it by their pseudonyms, and only its owner reads it", async () => {
  const file = new BaselineFile(place(), 3);
  await file.write(disturbed().detector.subjects());
  expect(file.path.endsWith("anomalies/3.jsonl")).toBe(true);
  const text = readFileSync(file.path, "utf8");
  expect(text).toContain("3ba15ffe92f6");
  expect(text).not.toContain("ada@");
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(file.path))).toEqual(["3.jsonl"]);
});

it("no file is nobody known", async () => {
  expect(await new BaselineFile(place(), 0).read()).toEqual([]);
});

describe("a file that is none of ours is not read", () => {
  const lines = disturbed().detector.subjects().map(lineOf);
  const head = (changes: object = {}) =>
    JSON.stringify({ format: "tollgate-anomaly-baselines", version: 1, subjects: lines.length, ...changes });
  it.each<[string, string, string]>([
    ["nothing but noise", "\u0000\u0001 secret", "its first line is none of this version's"],
    [
      "of another version",
      [head({ version: 2 }), ...lines].join("\n"),
      "its first line is none of this version's",
    ],
    ["cut off between lines", head(), `it has 0 callers instead of ${lines.length}`],
    [
      "cut off within one",
      [head(), ...lines].join("\n").slice(0, -10),
      `line ${lines.length + 1} cannot be read`,
    ],
    [
      "with numbers that are none",
      [head(), ...lines].join("\n").replace(/"sums":\[\d+/, '"sums":[null'),
      "line 2 cannot be read",
    ],
  ])("%s", async (_, text, why) => {
    const file = new BaselineFile(place(), 0);
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, text);
    await expect(file.read()).rejects.toThrow(why);
    file.setAside();
    expect(existsSync(file.path)).toBe(false);
    expect(readFileSync(`${file.path}.unreadable`, "utf8")).toBe(text);
  });
});

it("a write that fails leaves the earlier file and nothing else", async () => {
  const file = new BaselineFile(place(), 0);
  const [first, ...others] = disturbed().detector.subjects();
  await file.write(first === undefined ? [] : [first]);
  const before = readFileSync(file.path, "utf8");
  // A number that JSON cannot hold makes a line fail.
  Object.defineProperty(others[0], "name", { get: () => BigInt(1) });
  await expect(file.write(others)).rejects.toThrow();
  expect(readFileSync(file.path, "utf8")).toBe(before);
  expect(readdirSync(dirname(file.path))).toEqual(["0.jsonl"]);
});
