import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { cleaned } from "../../../src/identity/cleaned.ts";

const digest = (text: string) => createHash("sha256").update(text).digest("base64url");
const marked = (kept: string, original: string) => `${kept}~${digest(original)}`;

describe("cleaned", () => {
  it.each<[string, string, string | undefined]>([
    ["nothing", "", undefined],
    ["plain text", "ada@acme.test", "ada@acme.test"],
    ["blanks, which may mean something", " ada ", " ada "],
    ["other scripts", "Åsa 山田 🦊", "Åsa 山田 🦊"],
    ["256 characters", "x".repeat(256), "x".repeat(256)],
    ["a zero byte", "ad\0a", marked("ada", "ad\0a")],
    ["a line feed", "ada\nroot", marked("adaroot", "ada\nroot")],
    ["a line separator", "ada\u2028root", marked("adaroot", "ada\u2028root")],
    ["an override of the direction", "\u202eada", marked("ada", "\u202eada")],
    ["half a character", "ada\ud83e", marked("ada", "ada\ud83e")],
    ["only what cannot be seen", "\u200b", marked("", "\u200b")],
  ])("%s", (_, value, expected) => {
    expect(cleaned(value)).toBe(expected);
  });

  it("cuts what is too long to 256 characters, and two of them stay two", () => {
    const [one, other] = [cleaned(`${"x".repeat(300)}1`), cleaned(`${"x".repeat(300)}2`)];
    expect(one).toMatch(/^x{212}~[\w-]{43}$/);
    expect(one).toHaveLength(256);
    expect(other).not.toBe(one);
  });

  it("does not cut a character in two", () => {
    const value = `${"x".repeat(211)}${"🦊".repeat(100)}`;
    expect(cleaned(value)).toBe(marked("x".repeat(211), value));
  });
});
