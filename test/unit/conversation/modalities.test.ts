import { describe, expect, it } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { acceptable, type Modality, modalities } from "../../../src/conversation/modalities.ts";
import type { Part } from "../../../src/conversation/parts.ts";
import type { ConversationRequest } from "../../../src/conversation/request.ts";
import { neutralRequest } from "./neutral-request.ts";

const image: Part = {
  kind: "image",
  source: { kind: "url", url: "https://example.com/a.png" },
  at: "m.image",
};
const document: Part = { kind: "document", source: { kind: "text", text: "a" }, at: "m.document" };
const audio: Part = { kind: "audio", source: { kind: "base64", format: "wav", data: "" }, at: "m.audio" };
const text: Part = { kind: "text", text: "hi", at: "m.text" };
const call: Part = { kind: "tool-call", id: "1", name: "f", arguments: "{}", at: "m.call" };
const result = (...content: Part[]): Part => ({
  kind: "tool-result",
  callId: "1",
  content,
  isError: false,
  at: "m.result",
});

const request = (...turns: ReadonlyArray<readonly Part[]>): ConversationRequest =>
  neutralRequest({
    turns: turns.map((parts, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      parts,
      at: `m[${index}]`,
    })),
    tools: [{ name: "f", at: "tools[0]" }],
    toolChoice: { kind: "required" },
  });

const without = (...refused: Modality[]) => modalities.filter((modality) => !refused.includes(modality));

describe("what a model takes", () => {
  it("leaves the request as it is when that is all of it", () => {
    const losses = new Losses();
    const asked = request([text, image, document, audio], [call], [result(text)]);
    expect(acceptable(asked, modalities, losses)).toBe(asked);
    expect(losses.entries).toEqual([]);
  });

  it.each<[Modality, string]>([
    ["image", "m.image"],
    ["document", "m.document"],
    ["audio", "m.audio"],
  ])("cuts out each %s, in tool results too", (modality, path) => {
    const losses = new Losses();
    const asked = request([text, image, document, audio], [call], [result(text, image, document, audio)]);
    const taken = acceptable(asked, without(modality), losses);
    expect(JSON.stringify(taken)).not.toContain(path);
    expect(taken.tools).toBe(asked.tools);
    expect(losses.entries).toEqual(
      Array(2).fill({ path, how: "dropped", why: `the target's model takes no ${modality}`, content: true }),
    );
  });

  it("cuts out tools with their calls, their results and the choice between them", () => {
    const losses = new Losses();
    const taken = acceptable(request([text], [call], [result(text)]), without("tools"), losses);
    expect(taken.turns).toHaveLength(1);
    expect(taken.tools).toEqual([]);
    expect(taken).not.toHaveProperty("toolChoice");
    expect(losses.entries.map(({ path }) => path)).toEqual(["m.call", "m.result", "tools[0]"]);
  });

  it("refuses when nothing is left", () => {
    expect(() => acceptable(request([image]), without("image"), new Losses())).toThrow("takes no image");
  });
});

describe("losses", () => {
  it("tell one of content even when they are full", () => {
    const losses = new Losses();
    for (let index = 0; index < 100; index++) losses.dropped(`p${index}`, "no");
    expect(losses.ofContent).toBe(false);
    losses.droppedContent("messages[0]", "no");
    expect(losses.ofContent).toBe(true);
    expect(losses.entries).toHaveLength(Losses.maxEntries);
    expect(losses.entries.at(-1)?.path).toBe("messages[0]");
    expect(new Losses(losses.entries).ofContent).toBe(true);
  });
});
