import { describe, expect, it, test } from "vitest";
import { usualIdentity } from "../../../src/identity/identity.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";

const targets = { openai: { provider: "openai" } };
const parse = (identity: unknown, more: object = {}) =>
  parsePolicy(JSON.stringify({ targets, identity, ...more }), undefined);

function issues(identity: unknown, more: object = {}): string[] {
  try {
    parse(identity, more);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
}

test("a policy without it has the usual one", () => {
  expect(parsePolicy(JSON.stringify({ targets }), undefined).identity).toBe(usualIdentity);
});

test("every source is compiled, in its order", () => {
  const { identity } = parse({
    tenant: [{ value: "default" }],
    app: [{ key: "app" }, { header: "X-App-Id" }],
    user: [{ jwt: "realm_access.team" }, { cert: "subject" }],
    department: [{ cert: "san" }],
    plan: [{ key: "plan" }, { value: "free" }],
    require: "key",
    tags: { aliases: ["portkey", "helicone"], allow: ["team"] },
  });
  expect(identity).toMatchObject({
    sources: {
      tenant: [{ from: "value", value: "default" }],
      app: [
        { from: "key", member: "app" },
        { from: "header", name: "x-app-id" },
      ],
      user: [
        { from: "jwt", claim: "realm_access.team" },
        { from: "cert", part: "subject" },
      ],
      department: [{ from: "cert", part: "san" }],
      plan: [
        { from: "key", member: "plan" },
        { from: "value", value: "free" },
      ],
    },
    required: ["key"],
    tags: { header: "x-tollgate-metadata", aliases: ["portkey", "helicone"], allow: new Set(["team"]) },
    needs: { key: true, jwt: true, cert: ["subject", "san"] },
  });
});

test("what is not named has no source", () => {
  const { identity } = parse({ user: [{ jwt: "sub" }], require: ["user", "ip"] });
  expect(identity.sources).toEqual({
    tenant: [],
    app: [],
    user: [{ from: "jwt", claim: "sub" }],
    department: [],
    plan: [],
  });
  expect(identity.required).toEqual(["user", "ip"]);
  expect(identity.tags).toBeUndefined();
});

test("tags may have a header of their own", () => {
  expect(parse({ tags: { header: "X-Labels" } }).identity.tags).toEqual({
    header: "x-labels",
    aliases: [],
    allow: undefined,
  });
});

describe("a mistake is said with its place", () => {
  const sticky = (field: string) => ({
    models: { m: { strategy: "split", targets: [{ cluster: "openai" }], sticky: [field] } },
  });
  it.each<[string, unknown, string[], object?]>([
    ["no mapping", [], ["route:identity: expected a mapping, got a list"]],
    [
      "an unknown field",
      { usr: [{ jwt: "sub" }] },
      ['route:identity: unknown key "usr" (did you mean "user"?)'],
    ],
    ["no list", { user: { jwt: "sub" } }, ["route:identity.user: expected a list, got a mapping"]],
    ["an empty list", { user: [] }, ["route:identity.user: needs at least one source"]],
    [
      "two in one",
      { user: [{ jwt: "sub", header: "x-user" }] },
      ["route:identity.user[0]: expected one of value, header, key, jwt, cert"],
    ],
    [
      "none in one",
      { user: [{}] },
      ["route:identity.user[0]: expected one of value, header, key, jwt, cert"],
    ],
    [
      "an unknown member",
      { user: [{ key: "usr" }] },
      [
        'route:identity.user[0].key: unknown member of a key "usr" (did you mean "user"?); available: tenant, app, user, department, plan, name, id',
      ],
    ],
    [
      "an unknown part",
      { user: [{ cert: "cn" }] },
      [
        'route:identity.user[0].cert: unknown part of a certificate "cn"; available: subject, san, fingerprint',
      ],
    ],
    [
      "a credential",
      { user: [{ header: "Authorization" }] },
      ["route:identity.user[0].header: this header holds a credential: use key or jwt"],
    ],
    [
      "a header of ours",
      { user: [{ header: "x-tollgate-user" }] },
      ["route:identity.user[0].header: headers of ours do not say who calls"],
    ],
    [
      "no header",
      { user: [{ header: "x user" }] },
      ["route:identity.user[0].header: expected the name of a header"],
    ],
    [
      "nine sources",
      { user: Array.from({ length: 9 }, () => ({ jwt: "sub" })) },
      ["route:identity.user: has more than 8 sources"],
    ],
    [
      "an unknown requirement",
      { require: "keys" },
      [
        'route:identity.require[0]: unknown requirement "keys" (did you mean "key"?); available: key, jwt, cert, tenant, app, user, department, plan, ip',
      ],
    ],
    ["one twice", { require: ["key", "key"] }, ["route:identity.require: names one twice"]],
    [
      "what nobody says",
      { require: ["key", "user"] },
      ["route:identity.require[1]: nothing says the user: identity has no source for it"],
    ],
    [
      "a tenant that nobody says",
      { require: "tenant" },
      ["route:identity.require[0]: nothing says the tenant: identity has no source for it"],
    ],
    [
      "sticking to what is never known",
      { app: [{ header: "x-app" }] },
      ['route:models.m.sticky[0]: "user" is never known: identity has no source for it'],
      sticky("user"),
    ],
    [
      "sticking to keys that are not used",
      { app: [{ header: "x-app" }] },
      ['route:models.m.sticky[0]: "key" is never known: identity has no source for it'],
      sticky("key"),
    ],
    ["sticking to a key", { require: "key" }, [], sticky("key")],
    ["sticking to a tenant", { app: [{ header: "x-app" }] }, [], sticky("tenant")],
    [
      "an unknown gateway",
      { tags: { aliases: ["kong"] } },
      [
        'route:identity.tags.aliases[0]: unknown gateway "kong"; available: portkey, cloudflare, helicone, litellm',
      ],
    ],
    [
      "no name of a tag",
      { tags: { allow: ["a b"] } },
      [
        'route:identity.tags.allow[0]: "a b" is no name of a tag: letters, digits, "_", "." and "-", 64 at most',
      ],
    ],
    [
      "tags in a credential",
      { tags: { header: "cookie" } },
      ["route:identity.tags.header: expected the name of a header that holds no credential"],
    ],
  ])("%s", (_, identity, expected, more) => {
    expect(issues(identity, more)).toEqual(expected);
  });
});
