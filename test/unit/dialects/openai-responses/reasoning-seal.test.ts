import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dialectNames, type ReasoningPart } from "../../../../src/conversation/parts.ts";
import { sealReasoning, unsealReasoning } from "../../../../src/dialects/openai-responses/reasoning-seal.ts";

const thought: ReasoningPart = { kind: "reasoning", text: "hm", origin: "anthropic", signature: "c2ln" };

describe("reasoning in an item", () => {
  it("comes back as it was, whoever made it", () => {
    const proof = fc.oneof(
      fc.record({ signature: fc.string({ minLength: 1 }) }),
      fc.record({ redacted: fc.string({ minLength: 1 }) }),
      fc.constant({}),
    );
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...dialectNames), proof, (text, origin, given) => {
        // OpenAI's own is redacted when it shows nothing, and signed when it does.
        fc.pre(origin !== "openai-responses");
        const part: ReasoningPart = { kind: "reasoning", text, origin, ...given };
        expect(unsealReasoning(text, sealReasoning(part))).toEqual(part);
      }),
    );
  });

  it("keeps OpenAI's id with what OpenAI encrypted", () => {
    const part = unsealReasoning("hm", { id: "rs_1", encrypted: "gAAA" });
    expect(part).toEqual({
      kind: "reasoning",
      text: "hm",
      origin: "openai-responses",
      signature: "rs_1:gAAA",
    });
    expect(sealReasoning(part)).toEqual({ id: "rs_1", encrypted: "gAAA" });
    const silent = unsealReasoning("", { id: "rs_1", encrypted: "gAAA" });
    expect(silent).toMatchObject({ text: "", redacted: "rs_1:gAAA" });
    expect(sealReasoning(silent)).toEqual({ id: "rs_1", encrypted: "gAAA" });
    expect(sealReasoning(unsealReasoning("hm", { id: "tmp-1", encrypted: "x" }))).toEqual({ encrypted: "x" });
  });

  const sealed = sealReasoning(thought).encrypted ?? "";
  it.each<[name: string, text: string, encrypted: string, origin: string]>([
    ["other words", "hm!", sealed, "anthropic"],
    ["no words", "", sealed, "anthropic"],
    ["another signature", "hm", `${sealed}x`, "anthropic"],
    ["another's name", "hm", sealed.replace("anthropic", "gemini"), "gemini"],
    ["a cut mark", "hm", sealed.slice(0, 24), "anthropic"],
    ["an unknown name", "hm", "tollgate:nobody:s.AAAAAAAAAAAAAAAA.x", "openai-responses"],
    ["OpenAI's own name", "hm", "tollgate:openai-responses:s.AAAAAAAAAAAAAAAA.x", "openai-responses"],
    ["another kind", "hm", sealed.replace(":s.", ":r."), "anthropic"],
  ])("with %s proves nothing", (_, text, encrypted, origin) => {
    expect(unsealReasoning(text, { encrypted })).toEqual({ kind: "reasoning", text, origin });
  });
});
