import { readFileSync } from "node:fs";
import type { Response } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import type { Answer, Candidate } from "../../../../src/conversation/answer.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import type { EncodeContext } from "../../../../src/dialects/dialect.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall, seal } from "../../../sealing.ts";
import { lossList } from "./requests.ts";

const recorded = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../fixtures/openai-responses/${name}.json`, import.meta.url), "utf8"),
  ) as JsonObject;

function encode(candidate: Partial<Candidate>, more: Partial<Answer> = {}, echo?: JsonObject) {
  let ids = 0;
  const context: EncodeContext = {
    model: "asked",
    includeUsage: true,
    now: 5,
    newId: () => String(++ids).padStart(24, "0"),
    seal,
    ...(echo === undefined ? {} : { echo }),
  };
  const losses = new Losses();
  const answer: Answer = {
    id: "chatcmpl-1",
    model: "served",
    candidates: [{ parts: [], finish: "stop", ...candidate }],
    usage: noUsage,
    dialect: "openai-chat",
    ...more,
  };
  const encoded = openaiResponses.encodeAnswer(answer, context, losses);
  return { body: encoded as unknown as Response, losses: lossList(losses.entries) };
}

describe("decoding", () => {
  it.each([
    ["tool-call", ["tool-call"], "tool-calls"],
    ["parallel-tools", ["tool-call", "tool-call"], "tool-calls"],
    ["tool-call-results", ["text"], "stop"],
    ["encrypted-reasoning-tool", ["reasoning", "tool-call"], "tool-calls"],
    ["reasoning-summary-tool", ["reasoning", "tool-call"], "tool-calls"],
    ["web-search-citations", ["foreign", "text"], "stop"],
  ])("%s", (name, kinds, finish) => {
    const answer = openaiResponses.decodeAnswer(recorded(name));
    expect(answer.candidates[0]?.parts.map(({ kind }) => kind)).toEqual(kinds);
    expect(answer.candidates[0]?.finish).toBe(finish);
    expect(answer.id).toMatch(/^resp_/);
    // The recording of parallel calls lost its counts.
    if (name !== "parallel-tools") expect(answer.usage.input).toBeGreaterThan(0);
    expect(answer.usage.output).toBeGreaterThanOrEqual(answer.usage.reasoning);
  });

  const message = (content: JsonObject[], more: JsonObject = {}): JsonObject => ({
    id: "resp_1",
    status: "completed",
    output: [{ type: "message", content }],
    ...more,
  });
  it.each<[name: string, body: JsonObject, candidate: Partial<Candidate>]>([
    [
      "cut by the limit",
      message([{ type: "output_text", text: "a" }], {
        status: "incomplete",
        incomplete_details: { reason: "max_output_tokens" },
      }),
      { finish: "length", parts: [{ kind: "text", text: "a" }] },
    ],
    [
      "cut by a filter",
      message([], { status: "incomplete", incomplete_details: { reason: "content_filter" } }),
      { finish: "refusal", parts: [] },
    ],
    [
      "refused",
      message([{ type: "refusal", refusal: "no" }]),
      { finish: "refusal", parts: [{ kind: "refusal", text: "no" }] },
    ],
    [
      "thinking in the open",
      {
        output: [
          {
            type: "reasoning",
            summary: [
              { type: "summary_text", text: "a" },
              { type: "summary_text", text: "b" },
            ],
            content: [{ type: "reasoning_text", text: "c" }],
          },
          { type: "reasoning", id: "rs_1", summary: [] },
        ],
      },
      { finish: "stop", parts: [{ kind: "reasoning", text: "a\n\nb\n\nc", origin: "openai-responses" }] },
    ],
    [
      "log probabilities",
      message([{ type: "output_text", text: "a", logprobs: [{ token: "a", logprob: -1 }] }]),
      { logprobs: { content: [{ token: "a", logprob: -1 }], refusal: null } },
    ],
    [
      "a call of a custom tool",
      { output: [{ type: "custom_tool_call", call_id: "c", name: "f", input: "x" }] },
      { finish: "tool-calls" },
    ],
  ])("%s", (_, body, candidate) => {
    expect(openaiResponses.decodeAnswer(body).candidates[0]).toMatchObject(candidate);
  });

  it.each([{}, { output: {} }, { output: [], status: "failed" }, { output: [], status: "in_progress" }])(
    "%j is no answer",
    (body) => {
      expect(() => openaiResponses.decodeAnswer(body as JsonObject)).toThrow();
    },
  );
});

describe("encoding", () => {
  it("has items with ids of their own, neighbouring texts in one message", () => {
    const { body, losses } = encode({
      finish: "tool-calls",
      parts: [
        { kind: "reasoning", text: "hm", origin: "anthropic", signature: "s" },
        { kind: "text", text: "a" },
        { kind: "text", text: "b" },
        { kind: "tool-call", id: "c1", name: "f", arguments: "" },
        { kind: "tool-call", id: "", name: "g", arguments: "{}" },
        { kind: "text", text: "c" },
      ],
    });
    expect(losses).toEqual([]);
    expect(body.output.map(({ type }) => type)).toEqual([
      "reasoning",
      "message",
      "function_call",
      "function_call",
      "message",
    ]);
    const ids = body.output.map((item) => item.id ?? "");
    expect(ids.map((id) => id.split("_")[0])).toEqual(["rs", "msg", "fc", "fc", "msg"]);
    expect(new Set(ids).size).toBe(5);
    expect(body.output[1]).toMatchObject({ content: [{ text: "a" }, { text: "b" }], status: "completed" });
    expect(body.output[2]).toMatchObject({ call_id: "c1", arguments: "{}" });
    expect(body.output[3]).toMatchObject({ call_id: expect.stringMatching(/^call_0+\d$/), name: "g" });
    expect(body).toMatchObject({
      id: expect.stringMatching(/^resp_0+\d$/),
      object: "response",
      created_at: 5,
    });
    expect(body.model).toBe("asked");
  });

  it("brings another's reasoning back in the next turn", () => {
    const parts = [
      { kind: "reasoning", text: "hm", origin: "anthropic", signature: "s" },
      { kind: "reasoning", text: "", origin: "anthropic", redacted: "enc" },
      { kind: "reasoning", text: "", origin: "gemini", signature: "g" },
      { kind: "reasoning", text: "plain", origin: "openai-chat" },
    ] as const;
    const { body } = encode({ parts });
    const input = [...body.output, { role: "user", content: "and?" }];
    const request = openaiResponses.decodeRequest(
      { model: "m", input } as unknown as JsonObject,
      clientCall(),
    );
    expect(request.turns[0]?.parts).toEqual(parts.map((part, index) => ({ ...part, at: `input[${index}]` })));
  });

  it.each<[finish: Candidate["finish"], status: string, reason: string | undefined]>([
    ["stop", "completed", undefined],
    ["tool-calls", "completed", undefined],
    ["pause", "completed", undefined],
    ["length", "incomplete", "max_output_tokens"],
    ["context", "incomplete", "max_output_tokens"],
    ["refusal", "incomplete", "content_filter"],
  ])("%s is %s", (finish, status, reason) => {
    const { body } = encode({ finish, parts: [{ kind: "text", text: "x" }] });
    expect(body.status).toBe(status);
    expect(body.incomplete_details?.reason).toBe(reason);
    expect(body.output[0]).toMatchObject({ status });
  });

  it("completes with a refusal in words", () => {
    const { body } = encode({ finish: "refusal", parts: [{ kind: "refusal", text: "no" }] });
    expect(body).toMatchObject({ status: "completed", output: [{ content: [{ refusal: "no" }] }] });
  });

  it("counts as OpenAI counts", () => {
    // Which of them were audio has no place.
    const audio = { audioInput: 3, audioOutput: 1 };
    const usage = { ...noUsage, ...audio, input: 10, output: 7, cacheRead: 4, cacheWrite: 2, reasoning: 3 };
    expect(encode({}, { usage }).body.usage).toEqual({
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 17,
    });
  });

  it.each([
    ["priority", "priority"],
    ["on_demand", "auto"],
  ])("service tier %s is %s", (serviceTier, shown) => {
    expect(encode({}, { serviceTier, dialect: "openai-chat" }).body.service_tier).toBe(shown);
  });

  it("reports what has no place", () => {
    const candidate: Candidate = {
      finish: "pause",
      stopSequence: "x",
      parts: [
        { kind: "foreign", dialect: "anthropic", value: { type: "server_tool_use" } },
        { kind: "text", text: "a", annotations: { dialect: "anthropic", items: [{}] } },
      ],
    };
    const { losses } = encode({}, { candidates: [candidate, { parts: [], finish: "stop" }] });
    expect(losses).toEqual([
      "dropped candidates",
      "dropped stop_sequence",
      "approximated status",
      "dropped output[0]",
      "dropped output[0].content",
    ]);
  });
});

describe("what was asked", () => {
  const echo = (body: JsonObject) =>
    openaiResponses.echo(parseDocument(Buffer.from(JSON.stringify({ model: "m", input: "hi", ...body }))));

  it("is repeated in the answer", () => {
    const asked: JsonObject = {
      instructions: "be brief",
      tools: [{ type: "function", name: "f", parameters: {}, strict: true }],
      tool_choice: "required",
      temperature: 0.5,
      metadata: { a: "b" },
      max_output_tokens: 99,
      text: { format: { type: "json_object" } },
      parallel_tool_calls: false,
    };
    expect(echo({ ...asked, top_p: null, stream: true })).toEqual(asked);
    expect(encode({}, {}, echo(asked)).body).toMatchObject(asked);
  });

  it("has the type's members where nothing was", () => {
    expect(encode({}).body).toMatchObject({
      instructions: null,
      metadata: {},
      parallel_tool_calls: true,
      tool_choice: "auto",
      tools: [],
      text: { format: { type: "text" } },
      error: null,
      store: false,
    });
  });

  it("is not repeated when it is long, nor what is not true here", () => {
    const tools = Array.from({ length: 200 }, (_, i) => ({
      type: "function",
      name: `tool_number_${i}_of_many`,
    }));
    const long = { tools, instructions: "x".repeat(20_000), store: true, temperature: 1 };
    expect(echo(long as unknown as JsonObject)).toMatchObject({ temperature: 1 });
    expect(Object.keys(echo({ ...long, input: "y".repeat(50_000) } as unknown as JsonObject))).not.toContain(
      "instructions",
    );
    expect(echo(long as unknown as JsonObject)).not.toHaveProperty("store");
  });
});
