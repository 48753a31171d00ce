import { expect, it } from "vitest";
import type { OpenPart } from "../../../../src/conversation/events.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import { ChoiceEncoder } from "../../../../src/dialects/openai-chat/choice-encoder.ts";
import { seal } from "../../../sealing.ts";

const call = { kind: "tool-call", id: "call_1", name: "f" } as const;

it.each<[string, OpenPart, "" | null]>([
  ["text", { kind: "text" }, ""],
  ["a refusal", { kind: "refusal" }, null],
  ["reasoning", { kind: "reasoning", origin: "gemini" }, null],
  ["a call", call, null],
])("a stream that begins with %s names its role", (_, part, content) => {
  const [first] = new ChoiceEncoder(seal).push({ kind: "open", candidate: 0, index: 0, part });
  expect(first).toEqual({ role: "assistant", content, refusal: null });
});

it.each<[Part, "" | null]>([
  [{ kind: "text", text: "a" }, ""],
  [{ kind: "refusal", text: "a" }, null],
  [{ kind: "reasoning", text: "a", origin: "anthropic" }, null],
  [{ ...call, arguments: "{}" }, null],
])("a stream that begins with all of %j does, too", (part, content) => {
  const [first] = new ChoiceEncoder(seal).push({ kind: "part", candidate: 0, index: 0, part });
  expect(first).toEqual({ role: "assistant", content, refusal: null });
});

it("says a role once, also for an answer that says nothing", () => {
  const choice = new ChoiceEncoder(seal);
  expect(choice.role()).toEqual([{ role: "assistant", content: "", refusal: null }]);
  expect(choice.role()).toEqual([]);
});
