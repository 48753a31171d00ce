import { describe, expect, it } from "vitest";
import type { Period } from "../../../../src/policy/quotas.ts";
import { calendarWindow } from "../../../../src/rules/quota/calendar.ts";

const windowAt = (period: Period, zone: string, moment: string) =>
  calendarWindow(period, zone, Date.parse(moment));

/** Period, zone, a moment in it; its name, and when it ends. */
type Row = [period: Period, zone: string, moment: string, name: string, end: string];

it.each<Row>([
  ["day", "UTC", "2026-11-25T00:00:00Z", "day:2026-11-25:UTC", "2026-11-26T00:00:00Z"],
  ["day", "UTC", "2026-11-25T23:59:59.999Z", "day:2026-11-25:UTC", "2026-11-26T00:00:00Z"],
  ["day", "Europe/Berlin", "2026-11-25T23:00:00Z", "day:2026-11-26:Europe/Berlin", "2026-11-26T23:00:00Z"],
  [
    "day",
    "America/Los_Angeles",
    "2026-11-26T07:59:59Z",
    "day:2026-11-25:America/Los_Angeles",
    "2026-11-26T08:00:00Z",
  ],
  ["day", "Asia/Kathmandu", "2026-11-25T18:15:00Z", "day:2026-11-26:Asia/Kathmandu", "2026-11-26T18:15:00Z"],
  [
    "day",
    "Pacific/Kiritimati",
    "2026-12-31T10:00:00Z",
    "day:2027-01-01:Pacific/Kiritimati",
    "2027-01-01T10:00:00Z",
  ],
  ["day", "UTC", "2028-02-29T12:00:00Z", "day:2028-02-29:UTC", "2028-03-01T00:00:00Z"],
  // Weeks begin on Monday, and go over the end of months and years.
  ["week", "UTC", "2026-11-23T00:00:00Z", "week:2026-11-23:UTC", "2026-11-30T00:00:00Z"],
  ["week", "UTC", "2026-11-29T23:59:59Z", "week:2026-11-23:UTC", "2026-11-30T00:00:00Z"],
  ["week", "UTC", "2027-01-03T12:00:00Z", "week:2026-12-28:UTC", "2027-01-04T00:00:00Z"],
  ["week", "Asia/Tokyo", "2026-11-29T15:00:00Z", "week:2026-11-30:Asia/Tokyo", "2026-12-06T15:00:00Z"],
  ["month", "UTC", "2026-11-30T23:59:59Z", "month:2026-11-01:UTC", "2026-12-01T00:00:00Z"],
  ["month", "UTC", "2026-12-31T23:59:59Z", "month:2026-12-01:UTC", "2027-01-01T00:00:00Z"],
  ["month", "UTC", "2028-02-01T00:00:00Z", "month:2028-02-01:UTC", "2028-03-01T00:00:00Z"],
  [
    "month",
    "America/New_York",
    "2026-12-01T04:59:59Z",
    "month:2026-11-01:America/New_York",
    "2026-12-01T05:00:00Z",
  ],
])("the %s in %s of %s", (period, zone, moment, name, end) => {
  const window = windowAt(period, zone, moment);
  expect(window).toMatchObject({ kind: "calendar", period: name });
  expect(new Date(window.endsMs)).toEqual(new Date(end));
});

describe("where clocks are put forward or back", () => {
  it.each<Row>([
    // 23 hours.
    ["day", "Europe/Berlin", "2026-03-28T23:30:00Z", "day:2026-03-29:Europe/Berlin", "2026-03-29T22:00:00Z"],
    // 25 hours, from either half of the hour that comes twice.
    ["day", "Europe/Berlin", "2026-10-25T00:30:00Z", "day:2026-10-25:Europe/Berlin", "2026-10-25T23:00:00Z"],
    ["day", "Europe/Berlin", "2026-10-25T01:30:00Z", "day:2026-10-25:Europe/Berlin", "2026-10-25T23:00:00Z"],
    // A month that begins in summer time and ends in winter time.
    [
      "month",
      "Europe/Berlin",
      "2026-10-10T00:00:00Z",
      "month:2026-10-01:Europe/Berlin",
      "2026-10-31T23:00:00Z",
    ],
    [
      "week",
      "Europe/Berlin",
      "2026-10-24T12:00:00Z",
      "week:2026-10-19:Europe/Berlin",
      "2026-10-25T23:00:00Z",
    ],
    // There is no midnight: the day before ends where the next begins, at one o'clock.
    [
      "day",
      "America/Sao_Paulo",
      "2018-11-03T12:00:00Z",
      "day:2018-11-03:America/Sao_Paulo",
      "2018-11-04T03:00:00Z",
    ],
    [
      "day",
      "America/Sao_Paulo",
      "2018-11-04T12:00:00Z",
      "day:2018-11-04:America/Sao_Paulo",
      "2018-11-05T02:00:00Z",
    ],
    // Midnight comes twice: the day has begun with the first, and the day before has ended.
    [
      "day",
      "America/Havana",
      "2026-10-31T12:00:00Z",
      "day:2026-10-31:America/Havana",
      "2026-11-01T04:00:00Z",
    ],
    [
      "day",
      "America/Havana",
      "2026-11-01T04:30:00Z",
      "day:2026-11-01:America/Havana",
      "2026-11-02T05:00:00Z",
    ],
    [
      "day",
      "America/Havana",
      "2026-11-01T05:30:00Z",
      "day:2026-11-01:America/Havana",
      "2026-11-02T05:00:00Z",
    ],
  ])("the %s in %s of %s", (period, zone, moment, name, end) => {
    const window = windowAt(period, zone, moment);
    expect(window.period).toBe(name);
    expect(new Date(window.endsMs)).toEqual(new Date(end));
  });
});

describe("what is remembered", () => {
  it("is the period that is on, the very same while it lasts", () => {
    const one = windowAt("week", "Europe/Rome", "2026-11-24T12:00:00Z");
    expect(windowAt("week", "Europe/Rome", "2026-11-29T22:59:59.999Z")).toBe(one);
    expect(windowAt("week", "Europe/Rome", "2026-11-29T23:00:00Z").period).toBe(
      "week:2026-11-30:Europe/Rome",
    );
  });

  it("is not what comes out when the clock goes back", () => {
    windowAt("day", "Europe/Oslo", "2026-11-25T12:00:00Z");
    expect(windowAt("day", "Europe/Oslo", "2026-11-24T12:00:00Z").period).toBe("day:2026-11-24:Europe/Oslo");
  });

  it("is told apart by period and zone", () => {
    const at = "2026-11-25T12:00:00Z";
    const names = [
      windowAt("day", "UTC", at),
      windowAt("week", "UTC", at),
      windowAt("month", "UTC", at),
      windowAt("day", "Asia/Tokyo", at),
    ].map(({ period }) => period);
    expect(new Set(names).size).toBe(4);
  });
});
