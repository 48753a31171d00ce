/** What vendors of OpenAI's chat format answered, and what is understood of it: calls, reasoning, counts, endings. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ProviderError } from "../../../src/conversation/error.ts";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import type { Part } from "../../../src/conversation/parts.ts";
import type { Usage } from "../../../src/conversation/usage.ts";
import { openaiChat } from "../../../src/dialects/openai-chat/index.ts";
import { expectEveryCutEqual, expectStrictOrder, foldDeltas } from "../every-cut.ts";
import { expectEveryFramingEqual } from "../every-framing.ts";

const fixtures = new URL("../../fixtures/compatible-vendors/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, fixtures));

interface Understood {
  readonly reasoning?: string;
  readonly text?: string;
  readonly call?: readonly [id: string, name: string, input: string];
  readonly finish: "stop" | "tool-calls";
  readonly usage: Partial<Usage>;
}

const sanFrancisco = '{"location": "San Francisco"}';
const rows: Readonly<Record<string, Understood>> = {
  "mistral-tool-call.sse": {
    // Without an index.
    call: ["gSIMJiOkT", "weather", sanFrancisco],
    finish: "tool-calls",
    usage: { input: 124, output: 22 },
  },
  "mistral-incremental-tool-call.sse": {
    call: ["chatcmpl-tool-9f149c74c42f265b", "webSearchTool", '{"query": "current Berlin weather"}'],
    finish: "tool-calls",
    usage: { input: 171, output: 14, cacheRead: 128 },
  },
  // Content as a list of parts.
  "mistral-reasoning.sse": {
    reasoning: "The user is asking for 2+2. This is basic arithmetic. 2+2=4.",
    text: "2 + 2 = 4",
    finish: "stop",
    usage: { input: 10, output: 46 },
  },
  "mistral-reasoning.json": {
    reasoning: "The user is asking for 2+2. This is basic arithmetic. 2+2=4.",
    text: "2 + 2 = 4",
    finish: "stop",
    usage: { input: 10, output: 46 },
  },
  "groq-tool-call.sse": {
    call: ["tk85n1k4m", "weather", "{}"],
    finish: "tool-calls",
    usage: { input: 210, output: 15 },
  },
  "deepseek-tool-call.sse": {
    reasoning: "The user asks about the weather in San Francisco. I should use the weather tool.",
    call: ["call_00_IhCAliIHtM9gKpgfqbBV9873", "weather", sanFrancisco],
    finish: "tool-calls",
    usage: { input: 374, output: 61, cacheRead: 256, reasoning: 17 },
  },
  "deepseek-tool-call.json": {
    reasoning: "The user asks about weather in San Francisco. I'll call the weather tool.",
    call: ["call_00_lCIkdHRa7AKmCG3TlxXz1061", "weather", sanFrancisco],
    finish: "tool-calls",
    usage: { input: 374, output: 60, cacheRead: 0, reasoning: 16 },
  },
  // Comments before it and characters of several bytes, citations before the text.
  "openrouter-comments.sse": {
    text: "The URL for Pydantic AI's GitHub repository is:  \n\nhttps://github.com/pydantic/pydantic-ai",
    finish: "stop",
    usage: { input: 2317, output: 53 },
  },
  // Without a reason to finish.
  "snowflake-no-reason.sse": { text: "4", finish: "stop", usage: { input: 22, output: 5 } },
  "xai-tool-call.sse": {
    reasoning: "First, the user is",
    call: ["call_55117580", "weather", '{"location":"San Francisco"}'],
    finish: "tool-calls",
    // Its 26 completion tokens do not count the reasoning.
    usage: { input: 291, output: 26 + 196, cacheRead: 290, reasoning: 196 },
  },
};

/** Errors inside of a stream that began with 200, and what came before them. */
const failures: Readonly<Record<string, { before: Partial<Understood>; error: Partial<ProviderError> }>> = {
  "openrouter-error.sse": {
    before: { reasoning: "We need to respond to a greeting. The user" },
    error: { kind: "invalid-request", status: 400, message: "Token limit reached" },
  },
  "groq-error.sse": {
    before: { reasoning: expect.stringContaining("Let's do that.") },
    error: { kind: "invalid-request", code: "tool_use_failed" },
  },
};

it("has a row for every recording", () => {
  const recordings = readdirSync(fixtures).filter((name) => name !== "README.md");
  expect([...Object.keys(rows), ...Object.keys(failures)].sort()).toEqual(recordings.sort());
});

describe.each(Object.entries(failures))("%s", (name, { before, error }) => {
  it("is an error at every cut, whatever came before it", () => {
    const events = expectEveryCutEqual(read(name), openaiChat.streamDecoder);
    expectStrictOrder(events);
    expect(understood(partsOf(events))).toEqual(before);
    expect(events.at(-1)).toMatchObject({ kind: "error", error });
  });

  it("passes, and is not taken for complete", () => {
    const stream = openaiChat.passthrough.stream(true);
    const out = Buffer.concat([stream.push(read(name)), stream.end()]);
    expect(out.equals(read(name))).toBe(true);
    expect(stream.complete).toBe(false);
  });
});

/** Streamed parts as whole ones. */
function partsOf(events: readonly StreamEvent[]): Part[] {
  return foldDeltas(events).flatMap((event, position, all): Part[] => {
    if (event.kind !== "open") return [];
    const next = all[position + 1];
    const text = next?.kind === "delta" ? next.text : "";
    const { part } = event;
    return [part.kind === "tool-call" ? { ...part, arguments: text } : { ...part, text }];
  });
}

function understood(parts: readonly Part[]): Pick<Understood, "reasoning" | "text" | "call"> {
  return Object.assign(
    {},
    ...parts.map((part) => {
      if (part.kind === "tool-call") return { call: [part.id, part.name, part.arguments] };
      return part.kind === "text" || part.kind === "reasoning"
        ? { [part.kind]: part.text }
        : { unknown: part };
    }),
  );
}

describe.each(Object.entries(rows).filter(([name]) => name.endsWith(".json")))("%s", (name, row) => {
  it("is understood", () => {
    const { usage, finish, ...parts } = row;
    const answer = openaiChat.decodeAnswer(JSON.parse(read(name).toString()));
    expect(understood(answer.candidates[0]?.parts ?? [])).toEqual(parts);
    expect(answer.candidates[0]?.finish).toBe(finish);
    expect(answer.usage).toMatchObject(usage);
  });
});

describe.each(Object.entries(rows).filter(([name]) => name.endsWith(".sse")))("%s", (name, row) => {
  it("is understood at every cut", () => {
    const { usage, finish, ...parts } = row;
    const events = expectEveryCutEqual(read(name), openaiChat.streamDecoder);
    expectStrictOrder(events);
    expect(understood(partsOf(events))).toEqual(parts);
    expect(events.findLast((event) => event.kind === "usage")).toMatchObject({ usage });
    expect(events.slice(-2)).toMatchObject([{ kind: "finish", reason: finish }, { kind: "end" }]);
  });

  it("says the same in every framing", () => expectEveryFramingEqual(openaiChat, read(name)));

  it("passes untouched, its counts read", () => {
    const bytes = read(name);
    const stream = openaiChat.passthrough.stream(true);
    const out = Buffer.concat([stream.push(bytes), stream.end()]);
    expect(out.equals(bytes)).toBe(true);
    expect(stream).toMatchObject({ complete: true, firstError: undefined });
    expect(stream.usage).toMatchObject(row.usage);
    const characters = [row.reasoning, row.text, row.call?.[1], row.call?.[2]].join("").length;
    expect(stream.outputCharacters).toBe(characters);
  });
});
