import { createHash } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import { headersWithKeys, keyDigest, keyFrom, presentedKey } from "../../../src/identity/virtual-key.ts";

const secret = `tg-${"A".repeat(42)}_`;
const other = `tg-${"B".repeat(43)}`;
const header = (headers: Record<string, string>) => (name: string) => headers[name];

describe("the key that is presented", () => {
  it.each<[string, Record<string, string>, string | undefined, string[]]>([
    ["OpenAI's way", { authorization: `Bearer ${secret}` }, secret, ["authorization"]],
    ["in lower case", { authorization: `bearer  ${secret}` }, secret, ["authorization"]],
    ["without a scheme", { authorization: secret }, secret, ["authorization"]],
    ["Anthropic's way", { "x-api-key": secret }, secret, ["x-api-key"]],
    ["Google's way", { "x-goog-api-key": secret }, secret, ["x-goog-api-key"]],
    ["Azure's way", { "api-key": secret }, secret, ["api-key"]],
    ["malformed", { "x-api-key": "tg-short" }, "tg-short", ["x-api-key"]],
    ["beside a token", { authorization: "Bearer eyJhbGciOi", "x-api-key": secret }, secret, ["x-api-key"]],
    [
      "twice",
      { "x-api-key": other, authorization: `Bearer ${secret}` },
      secret,
      ["authorization", "x-api-key"],
    ],
    ["somebody else's", { authorization: "Bearer sk-abc", "x-api-key": "sk-ant-abc" }, undefined, []],
    ["nowhere", {}, undefined, []],
    ["where no SDK puts it", { "x-key": secret }, undefined, []],
  ])("%s", (_, headers, expected, names) => {
    expect(presentedKey(header(headers))).toBe(expected);
    expect(headersWithKeys(header(headers))).toEqual(names);
  });
});

test("a key is 256 random bits, found again by their digest", () => {
  const made = keyFrom(Buffer.alloc(32, 7));
  expect(made).toMatch(/^tg-[\w-]{43}$/);
  expect(keyDigest(made)).toBe(createHash("sha256").update(made).digest("base64url"));
});

test.each(["tg-short", `${secret}x`, `${secret} `, "tg-", `tg-${"!".repeat(43)}`])(
  "%s cannot be one",
  (text) => {
    expect(keyDigest(text)).toBeUndefined();
  },
);
