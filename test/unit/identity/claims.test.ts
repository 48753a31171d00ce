import { expect, test } from "vitest";
import { claimText } from "../../../src/identity/claims.ts";

const claims = {
  sub: "ada",
  employee: 4711,
  vast: 2 ** 53,
  share: 0.5,
  admin: true,
  nothing: null,
  empty: "",
  groups: ["blue"],
  several: ["blue", "red"],
  nested: [["blue"]],
  realm_access: { team: "blue", "a.b": "dotted", deeper: { still: "down" } },
  "https://acme.test/team": "claims with a namespace",
  "both.ways": "by name",
  both: { ways: "by path" },
};

test.each<[string, string | undefined]>([
  ["sub", "ada"],
  ["employee", "4711"],
  // Doubles: two people could share one.
  ["vast", undefined],
  ["share", undefined],
  ["admin", "true"],
  ["nothing", undefined],
  ["empty", ""],
  ["groups", "blue"],
  ["several", undefined],
  ["nested", undefined],
  ["realm_access", undefined],
  ["realm_access.team", "blue"],
  ["realm_access.a.b", "dotted"],
  ["realm_access.deeper.still", "down"],
  ["realm_access.none", undefined],
  ["https://acme.test/team", "claims with a namespace"],
  ["both.ways", "by name"],
  ["sub.team", undefined],
  ["groups.0", undefined],
  ["absent", undefined],
  ["constructor", undefined],
  ["__proto__.toString", undefined],
])("%s", (name, expected) => {
  expect(claimText(claims, name)).toBe(expected);
});
