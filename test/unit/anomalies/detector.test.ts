import { describe, expect, it } from "vitest";
import { dayMs, hourMs, minuteMs, monday, officeHours, prices, Simulation, type Traffic } from "./traffic.ts";

/** Least amounts so small that only what is usual decides. */
const sensitive = { at_least: { tokens: 1, usd: 0.000001, requests: 1, errors: 1, retries: 1 } };
/** An application of some size, known for a day. */
const usual: Traffic = { perMinute: 20 };

function known(policy: object = {}, traffic: Traffic = usual): Simulation {
  const simulation = new Simulation(policy);
  simulation.run(dayMs + hourMs, traffic);
  expect(simulation.told()).toEqual([]);
  return simulation;
}

describe("ordinary traffic raises nothing", () => {
  it.each<[string, (atMs: number) => Traffic, number]>([
    ["days, nights and weekends", officeHours(1, 20), 15],
    ["a busy application that nobody uses at night", officeHours(0, 30), 8],
    [
      "a batch in the first five minutes of each hour",
      (atMs) => ({ perMinute: atMs % hourMs < 5 * minuteMs ? 40 : 0.5 }),
      4,
    ],
    ["one busy minute an hour", (atMs) => ({ perMinute: atMs % hourMs < minuteMs ? 100 : 1 }), 4],
    [
      "a batch at night",
      (atMs) => ({ perMinute: Math.floor((atMs % dayMs) / hourMs) === 2 ? 60 : 2, tokens: 2_000 }),
      5,
    ],
    ["a call now and then", () => ({ perMinute: 0.1, tokens: 3_000 }), 10],
    ["some that fail, some that are tried again", () => ({ perMinute: 10, failing: 3, retried: 5 }), 4],
    [
      "growth of a half in a day, for a week",
      (atMs) => ({ perMinute: 1 * 1.5 ** ((atMs - monday) / dayMs) }),
      8,
    ],
    [
      "one call in twenty at a dear model",
      (atMs) => ({ perMinute: 5, price: (atMs / minuteMs) % 20 < 1 ? prices.dear : prices.cheap }),
      5,
    ],
  ])("%s", (_, traffic, days) => {
    const simulation = new Simulation(sensitive);
    simulation.run(days * dayMs, traffic);
    expect(simulation.told()).toEqual([]);
  });
});

describe("what is out of the ordinary is told once, in time, and when it is over", () => {
  const cases: readonly (readonly [string, Traffic, string, number])[] = [
    ["tokens", { perMinute: 20, tokens: 40_000, price: 1_000 }, "tokens", 2],
    ["cost", { perMinute: 20, tokens: 9_000, price: 120 * prices.cheap }, "cost", 2],
    ["rate", { perMinute: 400, tokens: 10 }, "rate", 1],
    ["errors", { perMinute: 40, failing: 90 }, "errors", 2],
    ["retries", { perMinute: 40, retried: 90 }, "retries", 2],
    ["expensive_model", { perMinute: 20, price: prices.dear }, "expensive_model", 60],
  ];
  it.each(cases)("%s", (kind, traffic, told, withinMinutes) => {
    const simulation = known({ kinds: [kind] });
    const beganMs = simulation.nowMs;
    simulation.run(2 * hourMs, traffic);
    expect(simulation.told()).toEqual([`begin ${told}`]);
    const [begun] = simulation.events;
    expect((begun?.atMs ?? 0) - beganMs).toBeLessThan(withinMinutes * minuteMs);
    expect(begun?.subject).toEqual({ kind: "app", tenant: "acme", name: "crm" });
    const { observed = 0, expected = 0, factor = 0 } = begun?.incident ?? {};
    expect(observed).toBeGreaterThan(factor * expected * 0.999);
    simulation.run(3 * hourMs, usual);
    expect(simulation.told()).toEqual([`begin ${told}`, `end ${told}`]);
    expect(simulation.events[1]?.incident.id).toBe(begun?.incident.id);
    expect(simulation.detector.incidents).toBe(0);
  });

  it("several at once are one of each kind", () => {
    const simulation = known();
    simulation.run(hourMs, { perMinute: 1_500, price: prices.dear, failing: 20, retried: 20 });
    simulation.run(3 * hourMs, usual);
    const kinds = ["cost", "errors", "expensive_model", "rate", "retries", "tokens"];
    expect(simulation.told().sort()).toEqual([
      ...kinds.map((kind) => `begin ${kind}`),
      ...kinds.map((kind) => `end ${kind}`),
    ]);
  });

  it("an end comes without another call", () => {
    const simulation = known({ kinds: ["rate"] });
    simulation.run(minuteMs, { perMinute: 400 });
    simulation.run(6 * minuteMs, { perMinute: 0 });
    expect(simulation.told()).toEqual(["begin rate", "end rate"]);
  });

  it("a minute is enough, and within it the moment in which the limit is passed", () => {
    const simulation = known({ kinds: ["rate"] });
    const beganMs = simulation.nowMs;
    for (let n = 0; n < 1_000; n++) {
      simulation.nowMs = beganMs + n;
      simulation.exchange();
    }
    expect(simulation.told()).toEqual(["begin rate"]);
    expect((simulation.events[0]?.atMs ?? 0) - beganMs).toBeLessThan(260);
  });

  it("who is busy for a minute an hour, and then all the time, does ten times as much in an hour", () => {
    const simulation = new Simulation({ kinds: ["tokens"], at_least: { tokens: 1_000 } });
    const seldom = (atMs: number) => ({ perMinute: atMs % hourMs < minuteMs ? 20 : 0 });
    simulation.run(2 * dayMs, seldom);
    expect(simulation.told()).toEqual([]);
    simulation.run(hourMs, { perMinute: 20 });
    expect(simulation.events.map(({ incident }) => incident.interval)).toEqual(["hour"]);
  });

  it("apps and users are told apart, users by a pseudonym", () => {
    const simulation = new Simulation({ kinds: ["rate"] });
    const both = { app: "crm", user: "ada@acme.test" };
    simulation.run(dayMs + hourMs, { perMinute: 5 }, both);
    simulation.run(minuteMs, { perMinute: 400 }, both);
    expect(simulation.events.map(({ subject }) => subject)).toEqual([
      { kind: "app", tenant: "acme", name: "crm" },
      { kind: "user", tenant: "acme", name: "3ba15ffe92f6" },
    ]);
    expect(JSON.stringify(simulation.events)).not.toContain("ada@");
  });
});

describe("nothing is said", () => {
  it("of those who are not known for long enough", () => {
    const simulation = new Simulation({ warm_up: "2h" });
    simulation.run(2 * hourMs - minuteMs, usual);
    simulation.run(minuteMs, { perMinute: 2_000, failing: 50, retried: 50 });
    expect(simulation.told()).toEqual([]);
  });

  it("of those who have hardly been seen, however long ago they came", () => {
    const simulation = new Simulation({ warm_up: "1m" });
    simulation.run(20 * minuteMs, usual);
    simulation.run(minuteMs, { perMinute: 2_000 });
    expect(simulation.told()).toEqual([]);
  });

  it("of small amounts, whatever is usual", () => {
    const simulation = known({}, { perMinute: 0.3, tokens: 100 });
    simulation.run(3 * minuteMs, { perMinute: 25, tokens: 300, failing: 20, retried: 20 });
    expect(simulation.told()).toEqual([]);
  });

  it("of kinds that are not watched", () => {
    const simulation = known({ kinds: ["errors"] });
    simulation.run(hourMs, { perMinute: 1_000 });
    expect(simulation.told()).toEqual([]);
  });

  it("of what the brake refused, of strangers, and of calls that pass", () => {
    const simulation = known({ kinds: ["rate", "errors"] });
    for (let n = 0; n < 2_000; n++) {
      simulation.exchange({ outcome: "refused", status: 429, reason: "anomaly_brake" });
      simulation.exchange({ outcome: "refused", status: 401, reason: "unknown_caller" });
      simulation.exchange({ outcome: "passed-through", status: 0 });
      simulation.exchange({}, { app: undefined });
    }
    expect(simulation.told()).toEqual([]);
  });

  it("of clients that hang up", () => {
    const simulation = known({ kinds: ["errors"] });
    for (let n = 0; n < 2_000; n++) simulation.exchange({ outcome: "cancelled", status: 0 });
    expect(simulation.told()).toEqual([]);
  });
});

describe("an anomaly does not become what is usual", () => {
  it("in an hour: the next one is told of as well", () => {
    const simulation = known({ kinds: ["tokens"] });
    for (let n = 0; n < 3; n++) {
      simulation.run(hourMs, { perMinute: 300 });
      simulation.run(3 * hourMs, usual);
    }
    expect(simulation.told()).toEqual([
      "begin tokens",
      "end tokens",
      "begin tokens",
      "end tokens",
      "begin tokens",
      "end tokens",
    ]);
    const expected = simulation.events.map(({ incident }) => incident.expected);
    expect(expected[4]).toBeLessThan(1.3 * (expected[0] ?? 0));
  });

  it("but does when it goes on for days", () => {
    const simulation = known({ kinds: ["rate"], at_least: { requests: 5 } }, { perMinute: 1.5 });
    simulation.run(4 * dayMs, { perMinute: 18 });
    expect(simulation.told()).toEqual(["begin rate", "end rate"]);
  });

  it("counts that are none change nothing", () => {
    const simulation = known();
    const usage = { input: Number.POSITIVE_INFINITY, output: Number.NaN };
    simulation.exchange({ usage: usage as never, chargedNanoUsd: Number.NaN, attempts: -3 });
    simulation.run(hourMs, usual);
    expect(simulation.told()).toEqual([]);
  });
});

describe("the brake", () => {
  const policy = { mode: "enforce", kinds: ["rate", "errors"], brake: { for: "5m", kinds: ["rate"] } };
  const caller = (changes: object) =>
    ({ tenant: "acme", app: undefined, user: undefined, ...changes }) as Parameters<
      Simulation["detector"]["brakedUntil"]
    >[0];

  it("holds for its time, for that caller alone, and is put on again when it goes on", () => {
    const simulation = known(policy);
    const { detector } = simulation;
    simulation.run(minuteMs, { perMinute: 600 });
    const [begun] = simulation.events;
    const untilMs = (begun?.atMs ?? 0) + 5 * minuteMs;
    expect(begun?.incident.brakeUntilMs).toBe(untilMs);
    expect(detector.brakedUntil(caller({ app: "crm" }), untilMs - 1)).toBe(untilMs);
    expect(detector.brakedUntil(caller({ app: "crm", user: "ada" }), untilMs - 1)).toBe(untilMs);
    expect(detector.brakedUntil(caller({ app: "crm", tenant: "other" }), untilMs - 1)).toBeUndefined();
    expect(detector.brakedUntil(caller({ app: "erp" }), untilMs - 1)).toBeUndefined();
    expect(detector.brakedUntil(caller({ app: "crm" }), untilMs)).toBeUndefined();
    // What was in flight does not count against it when the brake is off.
    simulation.nowMs = untilMs + 1;
    simulation.exchange();
    expect(simulation.told()).toEqual(["begin rate", "end rate"]);
    simulation.run(minuteMs, { perMinute: 600 });
    expect(simulation.told()).toEqual(["begin rate", "end rate", "begin rate"]);
    expect(detector.brakedUntil(caller({ app: "crm" }), simulation.nowMs)).toBeDefined();
  });

  it.each([
    ["of another kind", policy, { perMinute: 40, failing: 90 }, "errors"],
    ["while it is only observed", { ...policy, mode: "observe" }, { perMinute: 600 }, "rate"],
  ])("is not put on for an anomaly %s", (_, asked, traffic, kind) => {
    const simulation = known(asked);
    simulation.run(minuteMs, traffic);
    expect(simulation.told()).toEqual([`begin ${kind}`]);
    expect(simulation.events[0]?.incident.brakeUntilMs).toBeUndefined();
    expect(simulation.detector.brakedUntil(caller({ app: "crm" }), simulation.nowMs)).toBeUndefined();
  });
});

it("the brake is put on when the policy asks for it in the middle of an anomaly", () => {
  const simulation = known({ kinds: ["rate"] });
  simulation.run(minuteMs, { perMinute: 600 });
  simulation.settings = {
    ...simulation.settings,
    mode: "enforce",
    brake: { forMs: 60_000, kinds: ["rate"] },
  };
  simulation.run(minuteMs, { perMinute: 600 });
  expect(simulation.told()).toEqual(["begin rate", "end rate", "begin rate"]);
  expect(simulation.events.map(({ incident }) => incident.brakeUntilMs !== undefined)).toEqual([
    ...[false, false, true],
  ]);
});

describe("memory has an end", () => {
  it("the caller unseen for longest is forgotten, and users do not crowd out apps", () => {
    const simulation = new Simulation({}, { mostApps: 3, mostUsers: 10 });
    for (let n = 0; n < 500; n++) {
      simulation.nowMs += minuteMs;
      simulation.exchange({}, { app: "crm", user: `user-${n}` });
      if (n < 5) simulation.exchange({}, { app: `app-${n}` });
    }
    const names = simulation.detector.subjects().map(({ name }) => name);
    expect(names.filter(({ kind }) => kind === "app").map(({ name }) => name)).toEqual([
      "app-3",
      "app-4",
      "crm",
    ]);
    expect(simulation.detector.size).toBe(13);
  });

  it("what is forgotten has ended", () => {
    const simulation = new Simulation({ kinds: ["rate"] }, { mostApps: 2 });
    simulation.run(dayMs + hourMs, usual);
    simulation.run(minuteMs, { perMinute: 400 });
    for (const app of ["a", "b", "c"]) simulation.exchange({}, { app });
    expect(simulation.told()).toEqual(["begin rate", "end rate"]);
    expect(simulation.detector.incidents).toBe(0);
  });

  it("so many are under way at once, and more are only counted", () => {
    const simulation = new Simulation({ kinds: ["rate"] }, { mostIncidents: 1 });
    for (const app of ["a", "b"]) {
      simulation.nowMs = monday;
      simulation.run(dayMs + hourMs, usual, { app });
    }
    simulation.run(minuteMs, { perMinute: 400 }, { app: "a" });
    simulation.run(minuteMs, { perMinute: 400 }, { app: "b" });
    expect(simulation.told()).toEqual(["begin rate"]);
    expect(simulation.crowded).toBeGreaterThan(0);
  });
});
