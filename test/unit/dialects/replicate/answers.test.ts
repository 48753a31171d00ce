import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ProviderAnswerError } from "../../../../src/conversation/error.ts";
import { replicate } from "../../../../src/dialects/replicate/index.ts";
import type { JsonObject, JsonValue } from "../../../../src/json/types.ts";

const prediction = (more: JsonObject = {}): JsonObject => ({
  id: "p1",
  model: "meta/meta-llama-3-8b-instruct",
  input: { prompt: "12345678", system_prompt: "1234", max_tokens: 10 },
  output: ["Hel", "lo"],
  status: "succeeded",
  error: null,
  created_at: "2024-10-04T18:07:33.396Z",
  metrics: { input_token_count: 7, output_token_count: 2, predict_time: 1.5 },
  ...more,
});
const text = (output: JsonValue) => replicate.decodeAnswer(prediction({ output })).candidates[0]?.parts;
const fixture = (name: string): JsonObject =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/replicate/${name}.json`, import.meta.url), "utf8"));

describe("a prediction is an answer", () => {
  it("with its model, its time and its tokens", () => {
    expect(replicate.decodeAnswer(prediction())).toEqual({
      id: "p1",
      model: "meta/meta-llama-3-8b-instruct",
      created: 1728065253,
      candidates: [{ parts: [{ kind: "text", text: "Hello" }], finish: "stop" }],
      usage: expect.objectContaining({ input: 7, output: 2, estimated: false }),
      dialect: "replicate",
    });
  });

  it.each<readonly [JsonValue, string]>([
    ["Hello", "Hello"],
    [["a", "", "b"], "ab"],
    [{ text: "Hello", json_output: {} }, "Hello"],
    [{ answer: 1 }, '{"answer":1}'],
    [[{ a: 1 }], '[{"a":1}]'],
    [7, "7"],
  ])("whose output %j is a text", (output, said) => {
    expect(text(output)).toEqual([{ kind: "text", text: said }]);
  });

  it.each<readonly [JsonValue]>([[null], [""], [[]]])("that says nothing when its output is %j", (output) => {
    expect(text(output)).toEqual([]);
  });

  it("that met its limit when it wrote as much as it might", () => {
    const finish = (more: JsonObject) => replicate.decodeAnswer(prediction(more)).candidates[0]?.finish;
    expect(finish({ metrics: { output_token_count: 10 } })).toBe("length");
    expect(finish({ metrics: { token_output_count: 11 }, input: { max_output_tokens: 11 } })).toBe("length");
    expect(finish({ metrics: { output_token_count: 9 } })).toBe("stop");
    expect(finish({ metrics: { output_token_count: 10 }, input: {} })).toBe("stop");
    expect(finish({ metrics: {} })).toBe("stop");
  });

  it.each([
    [
      { token_input_count: 7, token_output_count: 2 },
      { input: 7, output: 2, estimated: false },
    ],
    // 12 characters of prompts, 5 of the answer.
    [{ predict_time: 1 }, { input: 3, output: 2, estimated: true }],
    [{ input_token_count: 7 }, { input: 7, output: 2, estimated: true }],
    [null, { input: 3, output: 2, estimated: true }],
  ])("metered by %j", (metrics, usage) => {
    expect(replicate.decodeAnswer(prediction({ metrics })).usage).toMatchObject(usage);
  });

  it("of messages, whose words are counted and whose images are not", () => {
    const image = `data:image/png;base64,${"A".repeat(10_000)}`;
    const messages = [{ role: "user", content: "12345678" }];
    const usage = (input: JsonObject) => replicate.decodeAnswer(prediction({ input, metrics: {} })).usage;
    expect(usage({ messages, image_input: [image] }).input).toBe(2);
    expect(usage({ prompt: "1234", image }).input).toBe(1);
  });

  it("when its output is complete and its bookkeeping is not", () => {
    const haiku = fixture("haiku");
    expect(haiku["status"]).toBe("processing");
    expect(replicate.decodeAnswer(haiku, { status: 201 }).candidates[0]?.parts).toEqual([
      { kind: "text", text: "\n\nFuzzy, gentle beasts\nSoftly grazing, quiet eyes\nLlama's gentle charm" },
    ]);
  });
});

describe("a prediction is an error", () => {
  const errorOf = (body: JsonObject, status?: number) => {
    try {
      replicate.decodeAnswer(body, status === undefined ? undefined : { status });
    } catch (error) {
      return error instanceof ProviderAnswerError ? error.error : error;
    }
    return undefined;
  };

  it.each([
    ["recorded as started", fixture("error-starting"), 201],
    ["recorded as canceled", fixture("error-canceled"), 200],
    ["that has half of its output", fixture("haiku"), 202],
    ["that has none", prediction({ status: "processing", output: null }), 201],
    ["that was ended before it began", prediction({ status: "aborted", output: null }), 201],
  ])("%s: not in time", (_, body, status) => {
    expect(errorOf(body, status)).toMatchObject({
      kind: "timeout",
      status: 504,
      code: "prediction_not_ready",
    });
  });

  it.each([
    ["CUDA out of memory (E1001)", { message: "CUDA out of memory (E1001)", code: "E1001" }],
    ["it broke", { message: "it broke" }],
    [null, { message: "The prediction failed." }],
  ])("that failed: %j", (error, expected) => {
    const failed = prediction({ status: "failed", output: ["Hel"], error });
    expect(errorOf(failed)).toEqual({ kind: "bad-gateway", status: 502, ...expected });
  });

  it("never a clean finish when it is nothing that is known", () => {
    for (const body of [prediction({ status: "paused" }), { hello: "there" }, { id: "p1", output: "x" }]) {
      const error = errorOf(body);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).name).toBe("Error");
    }
  });
});

describe("an HTTP error", () => {
  const decode = (status: number, body: JsonObject | string, headers: Record<string, string> = {}) =>
    replicate.decodeError(status, (name) => headers[name], body);

  it.each([
    [401, fixture("error-unauthenticated"), "authentication", /^Unauthenticated: You did not pass/],
    [404, fixture("error-not-found"), "not-found", /destination does not exist$/],
    [400, { detail: "bad" }, "invalid-request", /^bad$/],
    [402, { title: "Insufficient credit" }, "billing", /^Insufficient credit$/],
    [403, {}, "permission", /status 403/],
    [413, "<html><h1>Too large</h1></html>", "too-large", /^Too large$/],
    [
      422,
      { title: "Input validation failed", detail: "- input: prompt is required\n" },
      "unprocessable",
      /prompt/,
    ],
    [500, "", "server", /status 500/],
    [503, { detail: 7 }, "unavailable", /status 503/],
  ])("%i", (status, body, kind, message) => {
    const error = decode(status, body);
    expect(error).toMatchObject({ kind, status });
    expect(error.message).toMatch(message);
  });

  it.each([
    [{ detail: "Request was throttled.", status: 429, retry_after: 9 }, {}, 9],
    [{ detail: "Request was throttled. Your rate limit resets in ~30s." }, {}, 30],
    [{ detail: "Your rate limit resets in ~30s." }, { "retry-after": "4" }, 4],
    [{ detail: "Request was throttled." }, {}, undefined],
  ])("429 %j %j says how long to wait", (body, headers, seconds) => {
    const error = decode(429, body, headers);
    expect(error.kind).toBe("rate-limit");
    expect(error.retryAfterSeconds).toBe(seconds);
  });

  it("of a megabyte is cut", () => {
    expect(decode(500, { detail: "x".repeat(1_000_000) }).message.length).toBe(1000);
  });
});

describe("a stream", () => {
  it("is what Replicate was not asked for", () => {
    const decoder = replicate.streamDecoder();
    const error = { kind: "error", error: expect.objectContaining({ status: 502 }) };
    expect(decoder.push(Buffer.from("event: output\ndata: Hel\n\n"))).toEqual([error]);
    expect([...decoder.push(Buffer.from("event: done\n\n")), ...decoder.end()]).toEqual([]);
    expect(replicate.streamDecoder().end()).toEqual([error]);
  });
});
