import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dialectNames } from "../../../src/conversation/parts.ts";
import { type Proof, Seal, sealLength } from "../../../src/dialects/seal.ts";

const key = Buffer.alloc(32, 1);
const seal = new Seal(key);
const signed = (payload: string): Proof => ({ kind: "signed", payload });
const over = (text: string, proof: Proof) => seal.begin("gemini").add(text).end(proof);

// Every string that JSON can hold, halves of characters included.
const anyText = fc.string({ unit: "binary" });
const proofs = fc.record({ kind: fc.constantFrom("signed" as const, "redacted" as const), payload: anyText });

describe("a seal", () => {
  it("holds for what it was made over", () => {
    fc.assert(
      fc.property(fc.constantFrom(...dialectNames), anyText, proofs, (origin, text, proof) => {
        const made = seal.begin(origin).add(text).end(proof);
        expect(made).toMatch(/^[\w-]{22}$/);
        expect(made).toHaveLength(sealLength);
        expect(new Seal(key).verifies(made, origin, text, proof)).toBe(true);
      }),
    );
  });

  it("is the same however the text was cut, also inside a character", () => {
    const whole = over("Zwölf 🍎 – はい", signed("s"));
    const bitwise = seal.begin("gemini");
    for (const unit of "Zwölf 🍎 – はい".split("")) bitwise.add(unit).add("");
    expect(bitwise.end(signed("s"))).toBe(whole);
  });

  it("is the same in every version: histories outlive them", () => {
    // Reckoned apart from this code, with Python's hmac.
    expect(over("Zwölf 🍎", signed("c2ln"))).toBe("j5daJCy8nPkXhNzYKPqRuW");
  });

  const made = over("hm", signed("c2ln"));
  it.each<[what: string, seal: string, origin: "gemini" | "anthropic", text: string, proof: Proof]>([
    ["another text", made, "gemini", "hm.", signed("c2ln")],
    ["no text", made, "gemini", "", signed("c2ln")],
    ["another case", made, "gemini", "Hm", signed("c2ln")],
    ["another payload", made, "gemini", "hm", signed("c2lN")],
    ["no payload", made, "gemini", "hm", signed("")],
    ["another origin", made, "anthropic", "hm", signed("c2ln")],
    ["another kind", made, "gemini", "hm", { kind: "redacted", payload: "c2ln" }],
    ["text that is payload", made, "gemini", "hmc2", signed("ln")],
    ["payload that is text", made, "gemini", "h", signed("mc2ln")],
    ["an empty seal", "", "gemini", "hm", signed("c2ln")],
    ["a cut seal", made.slice(0, -1), "gemini", "hm", signed("c2ln")],
    ["a longer seal", `${made}A`, "gemini", "hm", signed("c2ln")],
    ["a seal of other characters", "ü".repeat(11), "gemini", "hm", signed("c2ln")],
    ["a long seal", "A".repeat(1_000_000), "gemini", "hm", signed("c2ln")],
    ["one bit changed", made.slice(0, -1) + neighbour(made.at(-1) ?? ""), "gemini", "hm", signed("c2ln")],
  ])("does not hold for %s", (_, given, origin, text, proof) => {
    expect(seal.verifies(given, origin, text, proof)).toBe(false);
  });

  it("does not hold under another key", () => {
    const other = new Seal(Buffer.alloc(32, 2));
    expect(other.verifies(made, "gemini", "hm", signed("c2ln"))).toBe(false);
  });

  it("tells any two inputs apart", () => {
    fc.assert(
      fc.property(fc.tuple(anyText, proofs), fc.tuple(anyText, proofs), ([a, p], [b, q]) => {
        fc.pre(a !== b || p.kind !== q.kind || p.payload !== q.payload);
        expect(over(a, p)).not.toBe(over(b, q));
      }),
    );
    // Halves of characters, which are one and the same in UTF-8.
    expect(over("\ud800", signed("s"))).not.toBe(over("\udfff", signed("s")));
  });

  it.each([0, 16, 31, 33])("takes no key of %i bytes", (length) => {
    expect(() => new Seal(Buffer.alloc(length))).toThrow(RangeError);
  });
});

/** The character that differs in the last bit. */
function neighbour(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(character) ^ 1] ?? "";
}
