import { describe, expect, it } from "vitest";
import type { DialectName } from "../../../../src/conversation/parts.ts";
import { CandidateEncoder } from "../../../../src/dialects/gemini/candidate-encoder.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { clientCall, seal } from "../../../sealing.ts";

/** A streamed thought as parts, piece by piece. */
function think(origin: DialectName, texts: readonly string[], signature?: string) {
  const encoder = new CandidateEncoder(seal);
  const at = { candidate: 0, index: 0 };
  return [
    encoder.push({ kind: "open", ...at, part: { kind: "reasoning", origin } }),
    ...texts.map((text) => encoder.push({ kind: "delta", ...at, text })),
    ...(signature === undefined ? [] : [encoder.push({ kind: "signature", ...at, signature })]),
    encoder.push({ kind: "close", ...at }),
  ];
}

describe("a streamed thought", () => {
  it("has its proof with the last of its text, where the AI SDK looks for it", () => {
    const [opened, first, second, signed, closed] = think("anthropic", ["Hm, ", "Zürich?"], "c2ln");
    expect([opened, first, signed]).toEqual([[], [], []]);
    expect(second).toEqual([{ text: "Hm, ", thought: true }]);
    expect(closed).toEqual([{ text: "Zürich?", thought: true, thoughtSignature: expect.any(String) }]);
    const parts = [...(second ?? []), ...(closed ?? [])];
    const contents = [
      { role: "user", parts: [{ text: "?" }] },
      { role: "model", parts },
    ];
    const { turns } = gemini.decodeRequest({ contents }, clientCall("/v1/models/m:generateContent"));
    expect(turns[1]?.parts).toMatchObject([
      { kind: "reasoning", text: "Hm, Zürich?", origin: "anthropic", signature: "c2ln" },
    ]);
  });

  it("is marked as another's where there is no proof, and no text", () => {
    expect(think("openai-chat", ["a"]).at(-1)).toEqual([
      { text: "a", thought: true, thoughtSignature: expect.any(String) },
    ]);
    expect(think("anthropic", [], "c2ln").at(-1)).toEqual([
      { text: "", thought: true, thoughtSignature: expect.any(String) },
    ]);
  });

  it("of Gemini's own has Gemini's signature or none", () => {
    expect(think("gemini", ["a", "b"], "SIG=").at(-1)).toEqual([
      { text: "b", thought: true, thoughtSignature: "SIG=" },
    ]);
    expect(think("gemini", ["a"]).at(-1)).toEqual([{ text: "a", thought: true }]);
    expect(think("gemini", []).at(-1)).toEqual([]);
  });

  it("that breaks off is shown as far as it went", () => {
    const encoder = gemini.streamEncoder({ model: "m", includeUsage: true, now: 1, newId: () => "x", seal });
    const at = { candidate: 0, index: 0 };
    const error = { kind: "overloaded", status: 529, message: "busy" } as const;
    const text = [
      encoder.push({ kind: "start", id: "r", model: "m" }),
      encoder.push({ kind: "open", ...at, part: { kind: "reasoning", origin: "anthropic" } }),
      encoder.push({ kind: "delta", ...at, text: "Hm" }),
      encoder.push({ kind: "error", error }),
    ].join("");
    const data = text.split("\n\n").filter(Boolean);
    expect(data.map((event) => JSON.parse(event.slice("data: ".length)))).toMatchObject([
      { candidates: [{ content: { parts: [{ text: "Hm", thought: true }] } }] },
      { error: { code: 503 } },
    ]);
  });
});
