import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import type { ConversationRequest } from "../../../../src/conversation/request.ts";
import { type Body, encode, lossList, request, sonnet45, user } from "./requests.ts";

describe("the whole of a request", () => {
  it("is what the SDK's types say", () => {
    const { body, losses } = encode({
      turns: [
        { role: "system", parts: [{ kind: "text", text: "Be brief." }], at: "messages[0]" },
        user("Hi"),
      ],
      maxOutputTokens: 50,
      temperature: 0.5,
      topK: 3,
      stop: ["END"],
      user: "u1",
      stream: true,
      serviceTier: "default",
    });
    const expected: Body = {
      model: sonnet45,
      max_tokens: 50,
      stream: true,
      system: "Be brief.",
      messages: [{ role: "user", content: "Hi" }],
      temperature: 0.5,
      top_k: 3,
      stop_sequences: ["END"],
      metadata: { user_id: "u1" },
      service_tier: "standard_only",
    };
    expect(body).toEqual(expected);
    expect(losses).toEqual([]);
  });

  it("refuses a request without turns", () => {
    expect(() => encode({ turns: [] })).toThrow(InvalidRequestError);
  });
});

describe("what Claude cannot do is listed with the client's path", () => {
  const table: [string, Partial<ConversationRequest>, string[]][] = [
    ["several answers", { candidates: 2 }, ["dropped n"]],
    ["one answer", { candidates: 1 }, []],
    ["seed", { seed: 7 }, ["dropped seed"]],
    ["log probabilities", { logprobs: true, topLogprobs: 2 }, ["dropped logprobs", "dropped top_logprobs"]],
    ["no log probabilities", { logprobs: false, topLogprobs: 0 }, []],
    [
      "penalties",
      { frequencyPenalty: 1, presencePenalty: -1 },
      ["dropped frequency_penalty", "dropped presence_penalty"],
    ],
    ["zero penalties", { frequencyPenalty: 0, presencePenalty: 0 }, []],
    ["unknown fields", { extra: { logit_bias: { 1: 2 } } }, ["dropped logit_bias"]],
    [
      "paths of the client",
      { seed: 7, paths: { seed: "generationConfig.seed" } },
      ["dropped generationConfig.seed"],
    ],
    ["blank stop sequences", { stop: ["\n", "x"] }, ["dropped stop"]],
    ["flex tier", { serviceTier: "flex" }, ["dropped service_tier"]],
    ["priority tier", { serviceTier: "priority" }, ["approximated service_tier"]],
    ["a hot temperature", { temperature: 1.5 }, ["approximated temperature"]],
    ["temperature and top_p", { temperature: 0.5, topP: 0.9 }, ["dropped top_p"]],
    ["temperature and the default top_p", { temperature: 0.5, topP: 1 }, []],
    ["a limit beyond the model's", { maxOutputTokens: 100_000 }, ["approximated max_tokens"]],
    ["JSON mode", { output: { kind: "json" } }, ["approximated response_format"]],
    ["speaker names", { turns: [{ ...user("Hi"), name: "ann" }] }, ["dropped messages[0].name"]],
  ];
  it.each(table)("%s", (_, fields, expected) => {
    expect(lossList(encode(fields).losses)).toEqual(expected);
  });

  it("never sends a temperature above 1 or a blank stop sequence", () => {
    expect(encode({ temperature: 2, stop: [" "] }).body).toMatchObject({ temperature: 1 });
    expect(encode({ stop: [" "] }).body).not.toHaveProperty("stop_sequences");
  });
});

describe("max_tokens", () => {
  const table: [
    string,
    Partial<ConversationRequest>,
    { model: string; defaultMaxTokens?: number },
    number,
  ][] = [
    ["the client's", { maxOutputTokens: 77 }, { model: sonnet45, defaultMaxTokens: 5 }, 77],
    ["the target's", {}, { model: sonnet45, defaultMaxTokens: 5 }, 5],
    [
      "the target's, within the model's",
      {},
      { model: "claude-3-haiku-20240307", defaultMaxTokens: 9000 },
      4096,
    ],
    ["the model's limit", { maxOutputTokens: 99_999 }, { model: "claude-3-5-sonnet-20241022" }, 8192],
  ];
  it.each(table)("%s", (_, fields, target, expected) => {
    expect(encode(fields, target).body.max_tokens).toBe(expected);
  });

  it.each([
    ["claude-3-opus-20240229", 4096],
    ["claude-3-5-haiku-latest", 8192],
    ["claude-opus-4-20250514", 32_000],
    ["claude-opus-4-1", 32_000],
    ["claude-haiku-4-5-20251001", 64_000],
    ["us.anthropic.claude-opus-4-6-v1:0", 64_000],
    ["some-other-model", 8192],
  ])("of %s when nobody named one", (model, expected) => {
    expect(encode({}, { model }).body.max_tokens).toBe(expected);
  });
});

describe("sampling on models that refuse it", () => {
  it("drops what differs from the default, and only says so for that", () => {
    const { body, losses } = encode({ temperature: 0.2, topP: 1, topK: 5 }, { model: "claude-opus-5" });
    expect(body).not.toHaveProperty("temperature");
    expect(body).not.toHaveProperty("top_p");
    expect(lossList(losses)).toEqual(["dropped temperature", "dropped top_k"]);
  });
});

describe("structured output", () => {
  const schema = {
    type: "object",
    properties: { a: { type: "string" } },
    required: ["a"],
    additionalProperties: false,
  };

  it("is output_config.format", () => {
    const { body, losses } = encode({ output: { kind: "json-schema", name: "x", schema, strict: true } });
    expect(body.output_config).toEqual({ format: { type: "json_schema", schema } });
    expect(losses).toEqual([]);
  });

  it("closes objects and tells of limits that are not enforced", () => {
    const open = {
      type: "object",
      properties: { n: { type: "integer", minimum: 1, description: "Count." } },
    };
    const { body, losses } = encode({ output: { kind: "json-schema", schema: open } });
    expect(body.output_config?.format?.schema).toEqual({
      type: "object",
      properties: { n: { type: "integer", description: "Count.\n\n{minimum: 1}" } },
      additionalProperties: false,
    });
    expect(lossList(losses)).toEqual(["approximated response_format"]);
  });

  it("is an instruction to models without it", () => {
    const { body, losses } = encode(
      { output: { kind: "json-schema", schema } },
      { model: "claude-3-7-sonnet-latest" },
    );
    expect(body).not.toHaveProperty("output_config");
    expect(body.system).toContain(JSON.stringify(schema));
    expect(lossList(losses)).toEqual(["approximated response_format"]);
  });

  it("leaves a schema of its own dialect alone", () => {
    const open = { type: "object", properties: {} };
    const { body, losses } = encode({ output: { kind: "json-schema", schema: open }, dialect: "anthropic" });
    expect(body.output_config?.format?.schema).toEqual(open);
    expect(losses).toEqual([]);
  });
});

describe("quirks", () => {
  it("leave out what the server has elsewhere, and add what it demands, without loss", () => {
    const quirks = { unsupported: [], renamed: {}, elsewhere: ["model"], added: { anthropic_version: "v" } };
    const { body, losses } = encode({}, { quirks });
    expect(body).not.toHaveProperty("model");
    expect(body).toHaveProperty("anthropic_version", "v");
    expect(lossList(losses)).toEqual([]);
  });

  it("remove and rename top-level fields", () => {
    const quirks = { unsupported: ["metadata", "top_k"], renamed: { max_tokens: "max_output" } };
    const { body, losses } = encode({ user: "u", maxOutputTokens: 9 }, { quirks });
    expect(body).not.toHaveProperty("metadata");
    expect(body).toHaveProperty("max_output", 9);
    expect(body).not.toHaveProperty("max_tokens");
    expect(lossList(losses)).toEqual(["dropped user"]);
  });
});

it("does not change the neutral request", () => {
  const given = request({ turns: [user("Hi", { kind: "text", text: "x", cache: {} })] });
  const before = JSON.stringify(given);
  encode(given);
  expect(JSON.stringify(given)).toBe(before);
});
