import { describe, expect, it } from "vitest";
import { type Loss, Losses } from "../../../../src/conversation/losses.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import { noQuirks, type Quirks } from "../../../../src/dialects/dialect.ts";
import { gemini } from "../../../../src/dialects/gemini/index.ts";
import { wrapMark } from "../../../../src/dialects/gemini/signatures.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall, seal, signedBy } from "../../../sealing.ts";

function pass(
  text: string,
  quirks: Quirks = noQuirks,
  model = "another",
): { text: string; losses: readonly Loss[]; isSame: boolean } {
  const losses = new Losses();
  const document = parseDocument(Buffer.from(text));
  const bytes = gemini.passthrough.request(document, { model, quirks }, losses);
  return { text: Buffer.from(bytes).toString(), losses: losses.entries, isSame: bytes === document.bytes };
}

describe("a request that stays in the dialect", () => {
  it("is not touched: the model is in the path", () => {
    const text = '{ "contents": [{"parts":[{"text":"1.0"}]}],\n "generation_config": {"temperature": 1.0} }';
    expect(pass(text)).toEqual({ text, losses: [], isSame: true });
  });

  it("does not contradict its path", () => {
    expect(pass('{"model":"models/asked","contents":[]}').text).toBe('{"contents":[]}');
  });

  it("leaves out what the server refuses, in either spelling", () => {
    const quirks = { unsupported: ["serviceTier"], renamed: {} };
    for (const name of ["serviceTier", "service_tier"]) {
      const { text, losses } = pass(`{"contents":[],"${name}":"flex"}`, quirks);
      expect(text).toBe('{"contents":[]}');
      expect(losses.map(({ path }) => path)).toEqual([name]);
    }
  });

  it("loses the thoughts of other providers, whose signatures Gemini would refuse", () => {
    const mark = wrapMark(signedBy("anthropic", "SIG", "not mine"));
    const parts: JsonObject[] = [
      { text: "mine", thought: true, thoughtSignature: "OWN=" },
      { text: "not ", thought: true },
      { text: "mine", thought: true },
      { text: "", thought: true, thoughtSignature: mark },
      { text: "said" },
    ];
    const body = {
      contents: [
        { role: "user", parts: [{ text: "?" }] },
        { role: "model", parts },
        { role: "model", parts: [{ text: "", thought: true, thought_signature: mark }] },
      ],
    };
    const { text, losses } = pass(JSON.stringify(body));
    expect(JSON.parse(text)).toEqual({
      contents: [
        { role: "user", parts: [{ text: "?" }] },
        { role: "model", parts: [parts[0], parts[4]] },
      ],
    });
    expect(losses.map(({ path }) => path)).toEqual([
      "contents[1].parts[1]",
      "contents[1].parts[2]",
      "contents[1].parts[3]",
      "contents[2].parts[0]",
    ]);
  });
});

describe("a history with another provider's calls", () => {
  const answer = gemini.encodeAnswer(
    {
      id: "r",
      model: "m",
      candidates: [
        {
          parts: [
            { kind: "tool-call", id: "a", name: "f", arguments: "{}" },
            { kind: "tool-call", id: "b", name: "f", arguments: "{}" },
          ],
          finish: "tool-calls",
        },
      ],
      usage: noUsage,
      dialect: "openai-chat",
    },
    { model: "m", includeUsage: true, now: 1, newId: () => "x", seal },
    new Losses(),
  );
  const [candidate] = answer["candidates"] as [{ content: { parts: JsonObject[] } }];
  const body = JSON.stringify({ contents: [{ role: "user", parts: [{ text: "?" }] }, candidate.content] });
  const signs = (model: string) => {
    const { text, losses } = pass(body, noQuirks, model);
    expect(losses).toEqual([]);
    return (JSON.parse(text) as { contents: [unknown, { parts: JsonObject[] }] }).contents[1].parts.map(
      (part) => part["thoughtSignature"],
    );
  };

  it("is signed as Gemini takes them from others, where it demands signatures", () => {
    expect(signs("gemini-3-pro-preview")).toEqual(["skip_thought_signature_validator", undefined]);
    expect(signs("gemini-2.5-pro")).toEqual([undefined, undefined]);
  });

  it("tells other providers nothing of it", () => {
    const request = gemini.decodeRequest(JSON.parse(body), clientCall("/v1/models/m:generateContent"));
    expect(request.turns[1]?.parts.map(({ kind }) => kind)).toEqual(["tool-call", "tool-call"]);
  });
});

describe("an answer that stays in the dialect", () => {
  it("is metered", () => {
    const body = {
      modelVersion: "gemini-2.5-flash",
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 5 },
    };
    expect(gemini.passthrough.usage(body)).toMatchObject({ input: 3, output: 2 });
    expect(gemini.passthrough.model?.(body)).toBe("gemini-2.5-flash");
    expect(gemini.passthrough.usage({})).toBeUndefined();
    expect(gemini.passthrough.model?.({})).toBeUndefined();
  });

  it("passes where it cannot be read", () => {
    const stream = gemini.passthrough.stream(true);
    const odd = Buffer.from("data: not json\n\n: comment\n\ndata: {}\n\n");
    expect(Buffer.concat([stream.push(odd), stream.end()]).equals(odd)).toBe(true);
    expect(stream.complete).toBe(false);
  });

  it("is complete when every candidate is", () => {
    const stream = gemini.passthrough.stream(true);
    const piece = (index: number, more = "") =>
      Buffer.from(`data: {"candidates":[{"index":${index},"content":{"parts":[{"text":"ab"}]}${more}}]}\n\n`);
    stream.push(piece(0));
    stream.push(piece(1));
    stream.push(piece(0, ',"finishReason":"STOP"'));
    expect(stream.complete).toBe(false);
    stream.push(piece(1, ',"finishReason":"STOP"'));
    expect(stream.complete).toBe(true);
    expect(stream.outputCharacters).toBe(8);
  });
});
