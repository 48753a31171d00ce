import { describe, expect, it } from "vitest";
import type { Answer, Candidate } from "../../../src/conversation/answer.ts";
import { answerEvents } from "../../../src/conversation/answer-events.ts";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import type { Part } from "../../../src/conversation/parts.ts";
import { noUsage } from "../../../src/conversation/usage.ts";
import { expectStrictOrder } from "../../golden/every-cut.ts";

const answer = (...candidates: Candidate[]): Answer => ({
  id: "a1",
  model: "m",
  candidates,
  usage: { ...noUsage, input: 3, output: 2 },
  dialect: "openai-chat",
});
const saying = (...parts: Part[]): Candidate => ({ parts, finish: "stop" });

/** Kinds of events with what tells them apart. */
function outline(events: readonly StreamEvent[]): string[] {
  return events.map((event) => {
    switch (event.kind) {
      case "open":
        return `open ${event.candidate}.${event.index} ${event.part.kind}`;
      case "delta":
        return `delta ${event.candidate}.${event.index} ${event.text}`;
      case "part":
        return `part ${event.candidate}.${event.index} ${event.part.kind}`;
      case "close":
        return `close ${event.candidate}.${event.index}${event.annotations ? " cited" : ""}`;
      case "finish":
        return `finish ${event.candidate} ${event.reason}${event.stopSequence ?? ""}`;
      default:
        return event.kind;
    }
  });
}

const cited = { dialect: "anthropic", items: [{ cited_text: "x" }] } as const;
const image = { kind: "image", source: { kind: "url", url: "https://example.com/a.png" } } as const;
const around = (...middle: string[]) => ["start", ...middle, "finish 0 stop", "usage", "end"];

describe("a part becomes", () => {
  const cases: ReadonlyArray<readonly [name: string, part: Part, events: string[]]> = [
    ["text", { kind: "text", text: "hi" }, ["open 0.0 text", "delta 0.0 hi", "close 0.0"]],
    ["text that says nothing", { kind: "text", text: "" }, ["open 0.0 text", "close 0.0"]],
    [
      "text with citations",
      { kind: "text", text: "hi", annotations: cited },
      ["open 0.0 text", "delta 0.0 hi", "close 0.0 cited"],
    ],
    ["a refusal", { kind: "refusal", text: "no" }, ["open 0.0 refusal", "delta 0.0 no", "close 0.0"]],
    [
      "a call",
      { kind: "tool-call", id: "c1", name: "f", arguments: '{"a":1}' },
      ["open 0.0 tool-call", 'delta 0.0 {"a":1}', "close 0.0"],
    ],
    [
      "thinking with its signature",
      { kind: "reasoning", text: "hm", signature: "s", origin: "anthropic" },
      ["open 0.0 reasoning", "delta 0.0 hm", "signature", "close 0.0"],
    ],
    [
      "thinking without one",
      { kind: "reasoning", text: "hm", origin: "openai-chat" },
      ["open 0.0 reasoning", "delta 0.0 hm", "close 0.0"],
    ],
    [
      "thinking that only its provider can read",
      { kind: "reasoning", text: "", redacted: "x", origin: "anthropic" },
      ["part 0.0 reasoning"],
    ],
    [
      "a proof without thinking",
      { kind: "reasoning", text: "", signature: "call.0:x", origin: "gemini" },
      ["part 0.0 reasoning"],
    ],
    ["an image", image, ["part 0.0 image"]],
    ["a document", { kind: "document", source: { kind: "file", id: "f" } }, ["part 0.0 document"]],
    [
      "audio",
      { kind: "audio", source: { kind: "base64", format: "wav", data: "UklGRg==" } },
      ["part 0.0 audio"],
    ],
    [
      "a tool's result",
      { kind: "tool-result", callId: "c1", content: [], isError: false },
      ["part 0.0 tool-result"],
    ],
    [
      "what only its dialect knows",
      { kind: "foreign", dialect: "anthropic", value: { type: "server_tool_use" } },
      ["part 0.0 foreign"],
    ],
  ];

  it.each(cases)("%s", (_, part, expected) => {
    const events = answerEvents(answer(saying(part)));
    expect(outline(events)).toEqual(around(...expected));
    expectStrictOrder(events);
  });
});

describe("an answer", () => {
  it("has every candidate's parts before the first finish", () => {
    const second: Candidate = {
      parts: [{ kind: "text", text: "b" }],
      finish: "length",
      stopSequence: "END",
    };
    const events = answerEvents(answer(saying({ kind: "text", text: "a" }, image), second));
    expect(outline(events)).toEqual([
      "start",
      ...["open 0.0 text", "delta 0.0 a", "close 0.0", "part 0.1 image"],
      ...["open 1.0 text", "delta 1.0 b", "close 1.0"],
      ...["finish 0 stop", "finish 1 lengthEND", "usage", "end"],
    ]);
    expectStrictOrder(events);
  });

  it("without any part is one all the same", () => {
    expect(outline(answerEvents(answer(saying())))).toEqual(around());
  });

  it("tells log probabilities behind the first text, where they belong", () => {
    const call: Part = { kind: "tool-call", id: "c1", name: "f", arguments: "{}" };
    const logprobs = { content: [{ token: "hi" }] };
    const events = (...parts: Part[]) => outline(answerEvents(answer({ ...saying(...parts), logprobs })));
    expect(events(call, { kind: "text", text: "hi" })).toEqual(
      around(
        ...["open 0.0 tool-call", "delta 0.0 {}", "close 0.0"],
        ...["open 0.1 text", "delta 0.1 hi", "logprobs", "close 0.1"],
      ),
    );
    expect(events({ kind: "refusal", text: "no" })).toEqual(
      around("open 0.0 refusal", "delta 0.0 no", "logprobs", "close 0.0"),
    );
    expect(events(call)).toEqual(around("open 0.0 tool-call", "delta 0.0 {}", "close 0.0", "logprobs"));
  });

  it("keeps its id, its model, its time and its usage", () => {
    const events = answerEvents({ ...answer(saying()), created: 7 });
    expect(events[0]).toEqual({ kind: "start", id: "a1", model: "m", created: 7 });
    expect(events).toContainEqual({ kind: "usage", usage: { ...noUsage, input: 3, output: 2 } });
  });
});
