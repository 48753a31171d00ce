import { describe, expect, it } from "vitest";
import { Seal } from "../../../src/dialects/seal.ts";
import { markOf, OpenMark, readMark, readProof } from "../../../src/dialects/signatures.ts";
import { redactedBy, seal, signedBy } from "../../sealing.ts";

const read = (mark: string, text = "hm") => readMark(seal, mark, text, "anthropic");

const broken = (origin: string) => ({ origin, brokenSeal: true });

describe("a mark", () => {
  it("says whose the reasoning is, and what it proves, under our seal", () => {
    expect(signedBy("gemini", "c2ln", "hm")).toMatch(/^tollgate:gemini:s\.[\w-]{22}\.c2ln$/);
    expect(redactedBy("anthropic", "ZW5j")).toMatch(/^tollgate:anthropic:r\.[\w-]{22}\.ZW5j$/);
    expect(markOf(seal, { text: "hm", origin: "openai-chat" })).toBe("tollgate:openai-chat:");
  });

  it("is the same for reasoning that streams", () => {
    const mark = new OpenMark(seal, "gemini");
    mark.add("h");
    mark.add("m");
    expect(mark.end({ signature: "c2ln" })).toBe(signedBy("gemini", "c2ln", "hm"));
  });

  it.each<[what: string, mark: string, text: string, found: object | undefined]>([
    ["a signature", signedBy("gemini", "a.b:c", "hm"), "hm", { origin: "gemini", signature: "a.b:c" }],
    ["encrypted thinking", redactedBy("anthropic", "ZW5j"), "", { origin: "anthropic", redacted: "ZW5j" }],
    ["the home's own name", signedBy("anthropic", "s", "hm"), "hm", { origin: "anthropic", signature: "s" }],
    ["nothing", "tollgate:openai-chat:", "hm", { origin: "openai-chat" }],
    ["other words", signedBy("gemini", "s", "hm"), "hm!", broken("gemini")],
    ["no words", signedBy("gemini", "s", "hm"), "", broken("gemini")],
    ["another payload", `${signedBy("gemini", "s", "hm")}x`, "hm", broken("gemini")],
    ["another kind", signedBy("gemini", "s", "hm").replace(":s.", ":r."), "hm", broken("gemini")],
    ["an unknown kind", signedBy("gemini", "s", "hm").replace(":s.", ":x."), "hm", broken("gemini")],
    [
      "another's name",
      signedBy("gemini", "s", "hm").replace("gemini", "anthropic"),
      "hm",
      broken("anthropic"),
    ],
    ["nobody's name", signedBy("gemini", "s", "hm").replace("gemini", "nobody"), "hm", broken("anthropic")],
    ["no name", "tollgate:", "hm", broken("anthropic")],
    ["half a seal", signedBy("gemini", "s", "hm").slice(0, 30), "hm", broken("gemini")],
    ["no seal, as in earlier versions", "tollgate:gemini:c2ln", "hm", broken("gemini")],
    ["a long name", `tollgate:${"a".repeat(1_000_000)}:`, "hm", broken("anthropic")],
    ["a long payload", `tollgate:gemini:s.${"A".repeat(1_000_000)}`, "hm", broken("gemini")],
    ["no mark at all", "c2ln", "hm", undefined],
    ["a mark further on", ` ${signedBy("gemini", "s", "hm")}`, "hm", undefined],
  ])("with %s is read as such", (_, mark, text, found) => {
    expect(read(mark, text)).toEqual(found);
  });

  it("of another key proves nothing, nor does any where nothing can be ours", () => {
    const mark = signedBy("gemini", "s", "hm");
    expect(readMark(new Seal(Buffer.alloc(32)), mark, "hm", "anthropic")).toEqual(broken("gemini"));
    expect(readMark(undefined, mark, "hm", "anthropic")).toEqual(broken("gemini"));
  });

  it("is not needed for the home's own", () => {
    const home = (kind: "signed" | "redacted", payload: string) =>
      readProof(seal, { kind, payload }, "hm", "anthropic");
    expect(home("signed", "c2ln")).toEqual({ origin: "anthropic", signature: "c2ln" });
    expect(home("redacted", "c2ln")).toEqual({ origin: "anthropic", redacted: "c2ln" });
    expect(home("redacted", "")).toEqual({ origin: "anthropic" });
    expect(home("signed", signedBy("gemini", "s", "hm"))).toEqual({ origin: "gemini", signature: "s" });
  });
});
