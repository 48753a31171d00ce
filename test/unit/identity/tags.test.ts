import { describe, expect, it } from "vitest";
import { type TagSources, TagsError, tagsOf } from "../../../src/identity/tags.ts";
import { evidence, virtualKey } from "./evidence.ts";

const own: TagSources = { header: "x-tollgate-metadata", aliases: [], allow: undefined };
const foreign: TagSources = { ...own, aliases: ["portkey", "cloudflare", "helicone", "litellm"] };
const read = (sources: TagSources, headers: Record<string, string>) => tagsOf(sources, evidence({ headers }));
const json = (value: unknown) => ({ "x-tollgate-metadata": JSON.stringify(value) });
const many = (count: number, value = "x") =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, value]));

describe("our own header", () => {
  it("gives names and values", () => {
    expect(read(own, json({ team: "blue", run: 7, test: true, empty: "" }))).toEqual({
      team: "blue",
      run: "7",
      test: "true",
    });
  });

  it.each<[string, string, string]>([
    ["no JSON", "team=blue", "x-tollgate-metadata must be a JSON object of at most 8192 characters"],
    ["a list", "[1]", "x-tollgate-metadata must be a JSON object of at most 8192 characters"],
    [
      "too long",
      JSON.stringify({ a: "x".repeat(8200) }),
      "x-tollgate-metadata must be a JSON object of at most 8192 characters",
    ],
    [
      "a nested value",
      '{"team":{"a":1}}',
      "x-tollgate-metadata: team must be text, a number or true or false",
    ],
    ["null", '{"team":null}', "x-tollgate-metadata: team must be text, a number or true or false"],
    [
      "a long value",
      JSON.stringify({ a: "x".repeat(257) }),
      "x-tollgate-metadata: a is longer than 256 characters",
    ],
    ["a bad name", '{"a b":"x"}', 'x-tollgate-metadata: "a b" is no name of a tag'],
    ["an inherited name", '{"__proto__":"x"}', 'x-tollgate-metadata: "__proto__" is no name of a tag'],
    ["17 tags", JSON.stringify(many(17)), "x-tollgate-metadata: has more than 16 tags"],
    [
      "2048 characters",
      JSON.stringify(many(10, "x".repeat(250))),
      "x-tollgate-metadata: has more than 2048 characters",
    ],
  ])("is refused with %s", (_, text, message) => {
    expect(() => read(own, { "x-tollgate-metadata": text })).toThrow(new TagsError(message));
  });

  it("is kept to the names that are allowed, whatever the others hold", () => {
    expect(
      read({ ...own, allow: new Set(["team"]) }, json({ team: "blue", other: { a: 1 }, ...many(20) })),
    ).toEqual({
      team: "blue",
    });
  });

  it("has names like any object's members", () => {
    expect(read(own, json({ constructor: "x", toString: "y" }))).toEqual({ constructor: "x", toString: "y" });
  });
});

describe("other gateways' headers", () => {
  it.each<[string, Record<string, string>, Record<string, string>]>([
    ["Portkey's", { "x-portkey-metadata": '{"_user":"ada","env":"prod"}' }, { _user: "ada", env: "prod" }],
    [
      "Cloudflare's",
      { "cf-aig-metadata": '{"team":"AI","user":12345,"test":true}' },
      { team: "AI", user: "12345", test: "true" },
    ],
    ["Helicone's", { "helicone-property-session": "24", "helicone-auth": "Bearer x" }, { session: "24" }],
    ["LiteLLM's", { "x-litellm-tags": "team-api, jobID:21:4 ,," }, { "team-api": "true", jobID: "21:4" }],
    ["what is no JSON", { "x-portkey-metadata": "env=prod" }, {}],
    ["what does not fit", { "cf-aig-metadata": '{"a b":1,"team":"AI","deep":{"x":1}}' }, { team: "AI" }],
    ["more than there is room for", { "cf-aig-metadata": JSON.stringify(many(20)) }, many(16)],
  ])("%s", (_, headers, expected) => {
    expect(read(foreign, headers)).toEqual(expected);
    expect(read(own, headers)).toEqual({});
  });
});

it("the key's tags stand, then ours, then the others in their order", () => {
  const given = evidence({
    key: virtualKey({ tags: { team: "key" } }),
    headers: {
      "x-tollgate-metadata": '{"team":"own","run":"own"}',
      "x-portkey-metadata": '{"team":"portkey","run":"portkey","env":"portkey"}',
      "cf-aig-metadata": '{"env":"cloudflare","also":"cloudflare"}',
    },
  });
  const expected = { team: "key", run: "own", env: "portkey", also: "cloudflare" };
  expect(tagsOf(foreign, given)).toEqual(expected);
  expect(tagsOf(undefined, given)).toEqual({ team: "key" });
});
