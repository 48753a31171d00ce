import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dialectNames, type ReasoningPart } from "../../../../src/conversation/parts.ts";
import {
  decodeOwnProof,
  decodeProof,
  encodeOwnProof,
  encodeProof,
} from "../../../../src/dialects/openai-responses/encrypted-content.ts";
import { seal } from "../../../sealing.ts";

describe("what an item has beside its text", () => {
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
        expect(decodeProof(text, encodeProof(part, seal), seal)).toEqual({ origin, ...given });
      }),
    );
  });

  it.each([
    ["hm", { id: "rs_1", encrypted: "gAAA" }, { signature: "rs_1:gAAA" }],
    ["", { id: "rs_1", encrypted: "gAAA" }, { redacted: "rs_1:gAAA" }],
    ["hm", { id: "", encrypted: "gAAA" }, { signature: "gAAA" }],
    ["hm", { id: "", encrypted: "" }, {}],
  ])("of OpenAI's is OpenAI's: %j %o", (text, content, proof) => {
    const own = { origin: "openai-responses", ...proof } as const;
    expect(decodeProof(text, content, seal)).toEqual(own);
    expect(decodeOwnProof(text, content)).toEqual(own);
    const part: ReasoningPart = { kind: "reasoning", text, ...own };
    expect(encodeOwnProof(part)).toEqual(content);
    expect(encodeProof(part, seal)).toEqual(content);
  });

  it("holds no id that is not OpenAI's", () => {
    expect(decodeProof("hm", { id: "tmp-1", encrypted: "x" }, seal)).toMatchObject({ signature: "x" });
  });
});
