import { describe, expect, it } from "vitest";
import { metadataOf, repairedUtf8 } from "../../../src/policy/metadata-text.ts";
import { PolicyError } from "../../../src/policy/policy.ts";

const asLatin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1");

describe("UTF-8 that was read as latin1", () => {
  it.each(["plain", "modèle", "モデル", "emoji 🙂", "ÿ"])("is repaired: %s", (text) => {
    expect(repairedUtf8(asLatin1(text))).toBe(text);
  });

  it.each(["plain", "modèle", "モデル", "🙂 é", ""])("text that was read right stays: %s", (text) => {
    expect(repairedUtf8(text)).toBe(text);
  });
});

describe("metadata text", () => {
  it("is read as JSON", () => {
    expect(metadataOf(asLatin1('{"modèle": 1}'), "route")).toEqual({ modèle: 1 });
  });

  it.each([undefined, "", "-"])("%j is none", (text) => expect(metadataOf(text, "route")).toBeUndefined());

  it.each([
    ["broken", '{"targets": '],
    ["a list", "[]"],
    ["a word", '"x"'],
    ["null", "null"],
    ["a key that objects swallow", '{"models": {"__proto__": {}}}'],
    ["endless", " ".repeat(2 * 1024 * 1024)],
  ])("%s is refused, with the side named", (_, text) => {
    expect(() => metadataOf(text, "virtual_host")).toThrow(PolicyError);
    expect(() => metadataOf(text, "virtual_host")).toThrow(/^virtual_host:/);
  });
});
