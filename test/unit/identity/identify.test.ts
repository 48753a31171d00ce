import { describe, expect, it, test } from "vitest";
import type { Evidence } from "../../../src/identity/evidence.ts";
import { identify, missing } from "../../../src/identity/identify.ts";
import {
  type Identity,
  identityOf,
  type Requirement,
  usualIdentity,
} from "../../../src/identity/identity.ts";
import { evidence, virtualKey } from "./evidence.ts";

const none = { tenant: [], app: [], user: [], department: [], plan: [] };
const identity = (sources: Partial<Identity["sources"]>, required: readonly Requirement[] = []): Identity =>
  identityOf({ sources: { ...none, ...sources }, required, tags: undefined });

const everything: Evidence = evidence({
  headers: { "x-user-id": "header" },
  claims: { sub: "claim" },
  certificate: { subject: "CN=cert", san: "spiffe://acme/cert", fingerprint: "ab12" },
  key: virtualKey({ user: "key", limits: { rpm: 5 } }),
  clientIp: "192.0.2.7",
});

describe("the first source that is present counts", () => {
  const list = [
    { from: "key", member: "user" },
    { from: "jwt", claim: "sub" },
    { from: "cert", part: "san" },
    { from: "header", name: "x-user-id" },
    { from: "value", value: "nobody" },
  ] as const;

  it.each<[string, Evidence, string]>([
    ["a key", everything, "key"],
    ["a key without one", { ...everything, key: virtualKey() }, "claim"],
    ["no key", { ...everything, key: undefined }, "claim"],
    ["an empty claim", { ...everything, key: undefined, claims: { sub: "" } }, "spiffe://acme/cert"],
    ["no token", { ...everything, key: undefined, claims: undefined }, "spiffe://acme/cert"],
    ["a header alone", evidence({ headers: { "x-user-id": "header" } }), "header"],
    ["nothing at all", evidence(), "nobody"],
  ])("%s", (_, given, user) => {
    expect(identify(identity({ user: list }), given).user).toBe(user);
  });
});

test("nothing that the policy does not name counts", () => {
  expect(identify(identity({}), everything)).toEqual({
    tenant: "default",
    app: undefined,
    user: undefined,
    department: undefined,
    plan: undefined,
    ip: "192.0.2.7",
    keyId: "key_1",
    keyLimits: { rpm: 5 },
    tags: {},
  });
});

test("a policy without identity takes what Envoy and the usual headers tell", () => {
  const headers = { "x-user-id": "ada", "x-app-id": "helpdesk", "x-department": "support", "x-plan": "gold" };
  expect(identify(usualIdentity, evidence({ headers, clientIp: "192.0.2.7" }))).toMatchObject({
    tenant: "default",
    app: "helpdesk",
    user: "ada",
    department: "support",
    plan: undefined,
    ip: "192.0.2.7",
  });
  expect(usualIdentity.needs).toEqual({ key: false, jwt: false, cert: [] });
});

test("what a key is called and its id can say who calls", () => {
  const named = identity({ app: [{ from: "key", member: "name" }], user: [{ from: "key", member: "id" }] });
  expect(identify(named, everything)).toMatchObject({ app: "billing in production", user: "key_1" });
});

describe("what is required", () => {
  const user = { user: [{ from: "jwt", claim: "sub" }] } as const;
  it.each<[string, Identity, Evidence, Requirement | undefined]>([
    ["a key, there", identity({}, ["key"]), everything, undefined],
    ["a key, not there", identity({}, ["key"]), { ...everything, key: undefined }, "key"],
    ["a token, there", identity({}, ["jwt"]), everything, undefined],
    ["a token, not there", identity({}, ["jwt"]), { ...everything, claims: undefined }, "jwt"],
    ["a certificate, there", identity({}, ["cert"]), everything, undefined],
    [
      "a certificate, not there",
      identity({}, ["cert"]),
      { ...everything, certificate: { subject: undefined, san: undefined, fingerprint: undefined } },
      "cert",
    ],
    ["a user, known", identity(user, ["user"]), everything, undefined],
    [
      "a user, with a token that does not say",
      identity(user, ["user"]),
      { ...everything, claims: {} },
      "user",
    ],
    ["an address, known", identity({}, ["ip"]), everything, undefined],
    ["an address, unknown", identity({}, ["ip"]), evidence(), "ip"],
    [
      "a tenant, for which the default does not do",
      identity({ tenant: [{ from: "key", member: "tenant" }] }, ["tenant"]),
      everything,
      "tenant",
    ],
    ["several, the first that is missing", identity(user, ["key", "user", "jwt"]), evidence(), "key"],
  ])("%s", (_, policy, given, expected) => {
    expect(missing(policy, identify(policy, given), given)).toBe(expected);
  });
});

test("what has to be gathered follows from sources and requirements", () => {
  expect(identity({ user: [{ from: "cert", part: "san" }] }, ["cert"]).needs).toEqual({
    key: false,
    jwt: false,
    cert: ["san", "fingerprint"],
  });
  expect(identity({ plan: [{ from: "key", member: "plan" }] }, ["jwt"]).needs).toEqual({
    key: true,
    jwt: true,
    cert: [],
  });
});

test("the headers that say who calls are private, those of HTTP are not", () => {
  const { isPrivate } = identityOf({
    sources: {
      ...none,
      user: [{ from: "header", name: "x-user-id" }],
      tenant: [{ from: "header", name: ":authority" }],
      app: [{ from: "header", name: "host" }],
    },
    required: [],
    tags: { header: "x-tags", aliases: ["helicone", "portkey"], allow: undefined },
  });
  const asked = ["x-user-id", ":authority", "host", "x-tags", "x-portkey-metadata", "helicone-property-team"];
  expect([...asked, "cf-aig-metadata", "accept"].filter(isPrivate)).toEqual([
    "x-user-id",
    "x-tags",
    "x-portkey-metadata",
    "helicone-property-team",
  ]);
});
