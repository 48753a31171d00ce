import { describe, expect, it } from "vitest";
import { unlearnedOutput } from "../../../src/exchange/abandoned.ts";
import type { ContinueResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";
import { cataloguePricing } from "../../../src/tokens/catalogue.ts";
import { estimateTokens } from "../../../src/tokens/estimate.ts";
import { LearnedOutput } from "../../../src/tokens/learned-output.ts";
import { chatAnswer } from "./provider-answers.ts";
import { answerWhole, bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

// Whoever is not waited for any more: by each provider's rule, at one nano-dollar a token.

const to = (...clusters: string[]): JsonObject => ({
  targets: clusters.map((cluster) => ({ cluster, model: `${cluster}-model` })),
});

const policy: JsonObject = {
  targets: Object.fromEntries(
    ["openai", "groq", "vllm", "azure-openai", "anthropic"].map((name) => [name, { provider: name }]),
  ),
  models: {
    stopping: to("openai"),
    finishing: to("groq"),
    own: to("vllm"),
    failover: to("openai", "anthropic"),
    azure: to("azure-openai", "openai"),
  },
};

/** Models that have been seen write a thousand tokens. */
function learned(...models: string[]): LearnedOutput {
  const output = new LearnedOutput();
  for (const model of models) for (let n = 0; n < 30; n++) output.observe(model, 1_000);
  return output;
}

/** A call that has been sent to its first target. */
async function called(model: string, more: JsonObject = {}, given: Parameters<typeof workplace>[0] = {}) {
  const place = workplace(given);
  const stream = new Stream(place.services, exchangeMetadata(policy));
  await stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": "/v1/chat/completions" }),
  });
  const body = bytes({ model, messages: [{ role: "user", content: "hi ".repeat(50) }], ...more });
  const [verdict] = await stream.say("request_body", { body, endOfStream: true });
  const id = String(verdict?.dynamicMetadata?.["tollgate"]?.["exchange"]);
  return { place, stream, id, input: estimateTokens(body.length) };
}

type Called = Awaited<ReturnType<typeof called>>;

/** Envoy tries the next target. */
async function retried({ place, id }: Called, number: number, cluster: string, timedOut: boolean) {
  const attempt = new Stream(place.services, { "x-tollgate-role": "attempt", "x-tollgate-exchange": id });
  const more = timedOut ? { "x-envoy-is-timeout-retry": "true" } : {};
  await attempt.say("request_headers", {
    headers: headers({ ":method": "POST", "x-envoy-attempt-count": String(number), ...more }),
    attributes: { "xds.cluster_name": cluster },
  });
  expect(attempt.failure).toBeUndefined();
}

/** The target answers an attempt with a failure, on which Envoy may try again. */
async function failed({ place, id }: Called, number: number, status: string) {
  const stream = new Stream(place.services, { "x-tollgate-role": "failed", "x-tollgate-exchange": id });
  await stream.say("response_headers", {
    headers: headers({ ":status": status }),
    attributes: { "upstream.request_attempt_count": String(number) },
  });
}

async function begin(stream: Stream, contentType: string, body: string, status = "200") {
  await stream.say("response_headers", {
    headers: headers({ ":status": status, "content-type": contentType }),
    attributes: { "response.code_details": "via_upstream" },
  });
  await stream.say("response_body", { body: bytes(body) });
}

const said = "Once upon a time there was a gateway, and it counted what it carried.";
const delivered = estimateTokens(said.length);
const event = (data: JsonObject) => `data: ${JSON.stringify(data)}\n\n`;
const chunk = (delta: JsonObject, more: JsonObject = {}): JsonObject => ({
  ...{ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m" },
  choices: [{ index: 0, delta, finish_reason: null }],
  ...more,
});
const storyBegins = event(chunk({ role: "assistant", content: said }));

function only({ place }: Called): ExchangeRecord {
  expect(place.notices).toEqual([]);
  expect(place.records).toHaveLength(1);
  return place.records[0] as ExchangeRecord;
}

/** Tokens and money of each attempt, and that the exchange is their sum. */
function lines(record: ExchangeRecord) {
  const tried = record.attemptsTried;
  const sum = (of: (one: (typeof tried)[number]) => number) => tried.reduce((all, one) => all + of(one), 0);
  expect(sum((one) => one.usage.input)).toBe(record.usage.input);
  expect(sum((one) => one.usage.output)).toBe(record.usage.output);
  expect(sum((one) => one.costNanoUsd)).toBe(record.costNanoUsd);
  expect(sum((one) => one.chargedNanoUsd)).toBe(record.chargedNanoUsd);
  return tried.map(({ result, usage, chargedNanoUsd }) => [
    ...[result, usage.input, usage.output, usage.estimated, chargedNanoUsd],
  ]);
}

/** What a hang-up came to, in tokens of output. @param result 200 when the answer had begun */
async function hungUp(call: Called, result: number | "cancelled" = "cancelled") {
  call.stream.close();
  const record = only(call);
  expect(record).toMatchObject({ outcome: "cancelled", usage: { input: call.input, estimated: true } });
  const { output } = record.usage;
  expect(lines(record)).toEqual([[result, call.input, output, true, call.input + output]]);
  return output;
}

describe("a client that hangs up before the answer", () => {
  it.each<[string, string, JsonObject, number]>([
    ["nothing more is written", "stopping", { stream: true }, 0],
    ["the whole answer is written all the same", "stopping", {}, 1_000],
    ["the stream is written all the same", "finishing", { stream: true }, 1_000],
    ["a whole answer is", "finishing", {}, 1_000],
    ["no more than was allowed", "finishing", { max_tokens: 40 }, 40],
    ["no more than was allowed, by the newer name", "stopping", { max_completion_tokens: 40 }, 40],
    ["a limit above what is usual changes nothing", "stopping", { max_tokens: 4_000 }, 1_000],
    [
      "a limit that is no number of tokens is as if it was not there",
      "finishing",
      { max_tokens: "x" },
      1_000,
    ],
    ["a limit below nothing is nothing", "finishing", { max_tokens: -5 }, 0],
    ["a limit in parts of a token is whole", "finishing", { max_tokens: 7.5 }, 7],
    ["a server of one's own stops", "own", {}, 0],
  ])("%s: %s %j", async (_what, model, more, output) => {
    const learnedOutput = learned("openai-model", "groq-model", "vllm-model");
    expect(await hungUp(await called(model, more, { learnedOutput }))).toBe(output);
  });

  it("of a model that is not known yet is charged a guess", async () => {
    expect(await hungUp(await called("finishing"))).toBe(unlearnedOutput);
    expect(await hungUp(await called("finishing", { max_tokens: 100 }))).toBe(100);
  });

  it("while Envoy waits to try again owes nothing", async () => {
    const call = await called("stopping");
    await failed(call, 1, "429");
    call.stream.close();
    expect(lines(only(call))).toEqual([[429, 0, 0, false, 0]]);
  });
});

describe("a client that hangs up in mid-answer", () => {
  it.each<[string, string, number]>([
    ["what was delivered, where the provider stops", "stopping", delivered],
    ["what is usual, where it goes on", "finishing", 1_000],
  ])("of a stream: %s", async (_what, model, output) => {
    const call = await called(
      model,
      { stream: true },
      { learnedOutput: learned("openai-model", "groq-model") },
    );
    await begin(call.stream, "text/event-stream", storyBegins);
    expect(await hungUp(call, 200)).toBe(output);
  });

  it("never owes less than was delivered, whatever is usual or allowed", async () => {
    const story = event(chunk({ content: said.repeat(100) }));
    const call = await called(
      "finishing",
      { stream: true, max_tokens: 50 },
      { learnedOutput: learned("groq-model") },
    );
    await begin(call.stream, "text/event-stream", story);
    expect(await hungUp(call, 200)).toBe(estimateTokens(said.length * 100));
  });

  it("of a whole answer owes what is usual, or what was received", async () => {
    const learnedOutput = learned("openai-model");
    const short = await called("stopping", {}, { learnedOutput });
    await begin(short.stream, "application/json", '{"id":');
    expect(await hungUp(short, 200)).toBe(1_000);
    const long = await called("stopping", {}, { learnedOutput });
    await begin(long.stream, "application/json", "x".repeat(40_000));
    expect(await hungUp(long, 200)).toBe(10_000);
  });

  it("owes what the provider counted, once the stream is complete", async () => {
    const call = await called("finishing", { stream: true }, { learnedOutput: learned("groq-model") });
    const usage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
    const end = `${event(chunk({}, { choices: [], usage }))}data: [DONE]\n\n`;
    await begin(call.stream, "text/event-stream", storyBegins + end);
    call.stream.close();
    expect(lines(only(call))).toEqual([[200, 11, 3, false, 14]]);
  });

  it("owes the input that the provider reported", async () => {
    const call = await called("failover", { stream: true });
    await failed(call, 1, "503");
    await retried(call, 2, "anthropic", false);
    const message = {
      ...{ id: "m", type: "message", role: "assistant", model: "claude", content: [], stop_reason: null },
      usage: { input_tokens: 77, output_tokens: 1 },
    };
    const start = `event: message_start\n${event({ type: "message_start", message })}`;
    await begin(call.stream, "text/event-stream", start);
    call.stream.close();
    expect(lines(only(call))).toEqual([
      [503, 0, 0, false, 0],
      [200, 77, 1, true, 78],
    ]);
  });

  it("of an error owes nothing", async () => {
    const call = await called("finishing");
    await begin(call.stream, "application/json", '{"error":', "500");
    call.stream.close();
    expect(lines(only(call))).toEqual([[500, 0, 0, false, 0]]);
  });
});

describe("an attempt that ran out of its time", () => {
  const claude = {
    ...{ id: "m", type: "message", role: "assistant", model: "claude", stop_reason: "end_turn" },
    content: [{ type: "text", text: "hello" }],
    usage: { input_tokens: 20, output_tokens: 4 },
  };

  it("is charged beside the one that answered", async () => {
    const call = await called("failover", {}, { learnedOutput: learned("openai-model") });
    await retried(call, 2, "anthropic", true);
    const { set } = await answerWhole(call.stream, 200, claude);
    const record = only(call);
    expect(lines(record)).toEqual([
      ["timeout", call.input, 1_000, true, call.input + 1_000],
      [200, 20, 4, false, 24],
    ]);
    const total = call.input + 1_024;
    expect(record).toMatchObject({ outcome: "finished", modelServed: "claude", cluster: "anthropic" });
    expect(set.get("x-tollgate-cost")).toBe(`0.${String(total).padStart(9, "0")}`);
    expect(set.get("x-tollgate-estimated")).toBe("true");
    expect(call.stream.answers.at(-1)?.dynamicMetadata?.["tollgate"]).toMatchObject({
      ...{ input_tokens: call.input + 20, output_tokens: 1_004, estimated: true },
      ...{ cost_nano_usd: total, charged_nano_usd: total, target: "anthropic", model_served: "claude" },
    });
  });

  it("is not, where the provider stops, but for its input", async () => {
    const call = await called("failover", { stream: true });
    await retried(call, 2, "anthropic", true);
    call.stream.close();
    expect(lines(only(call))).toEqual([
      ["timeout", call.input, 0, true, call.input],
      ["cancelled", call.input, 0, true, call.input],
    ]);
  });

  it("costs what it does also when no other answers", async () => {
    const call = await called("failover", { max_tokens: 10 });
    await retried(call, 2, "anthropic", true);
    const attributes = { "response.code_details": "upstream_per_try_timeout" };
    const [reply] = await call.stream.say("response_headers", {
      ...{ headers: headers({ ":status": "504" }), attributes, endOfStream: true },
    });
    const each = call.input + 10;
    expect(lines(only(call))).toEqual([
      ["timeout", call.input, 10, true, each],
      ["timeout", call.input, 10, true, each],
    ]);
    const cost = `0.${String(2 * each).padStart(9, "0")}`;
    expect(new Map((reply as ContinueResponse).headers?.set).get("x-tollgate-cost")).toBe(cost);
  });

  it("costs what it does when the next was refused, and when the next one's client left", async () => {
    const refused = await called("failover", { max_tokens: 10 });
    await retried(refused, 2, "anthropic", true);
    const attributes = { "response.code_details": "upstream_reset_before_response_started" };
    await refused.stream.say("response_headers", {
      ...{ headers: headers({ ":status": "503" }), attributes, endOfStream: true },
    });
    expect(lines(only(refused))).toEqual([
      ["timeout", refused.input, 10, true, refused.input + 10],
      ["failed", 0, 0, false, 0],
    ]);
  });

  it("is told from one that was reset", async () => {
    const call = await called("failover");
    await retried(call, 2, "anthropic", false);
    const { set } = await answerWhole(call.stream, 200, claude);
    expect(lines(only(call))).toEqual([
      ["failed", 0, 0, false, 0],
      [200, 20, 4, false, 24],
    ]);
    expect(set.has("x-tollgate-estimated")).toBe(false);
  });

  it("at Azure's side, by its 408, is billed too", async () => {
    const call = await called("azure", { max_tokens: 10 });
    await failed(call, 1, "408");
    await retried(call, 2, "openai", false);
    await answerWhole(call.stream, 200, chatAnswer("hello"));
    expect(lines(only(call))).toEqual([
      [408, call.input, 10, true, call.input + 10],
      [200, 11, 3, false, 14],
    ]);
    const last = await called("azure", { max_tokens: 10 });
    await answerWhole(last.stream, 408, { error: { message: "The operation was timeout." } });
    expect(lines(only(last))).toEqual([[408, last.input, 10, true, last.input + 10]]);
  });
});

describe("attempts at different prices", () => {
  const priced = (prices: JsonObject) => ({ ...policy, prices });

  async function timedOutThenAnswered(prices: JsonObject) {
    const place = workplace({ pricing: cataloguePricing() });
    const stream = new Stream(place.services, exchangeMetadata(priced(prices)));
    await stream.say("request_headers", {
      headers: headers({ ":method": "POST", ":path": "/v1/chat/completions" }),
    });
    const body = bytes({ model: "failover", max_tokens: 10, messages: [{ role: "user", content: "hi" }] });
    const [verdict] = await stream.say("request_body", { body, endOfStream: true });
    const id = String(verdict?.dynamicMetadata?.["tollgate"]?.["exchange"]);
    const call = { place, stream, id, input: estimateTokens(body.length) };
    await retried(call, 2, "anthropic", true);
    const answer = {
      ...{ id: "m", type: "message", role: "assistant", model: "anthropic-model", stop_reason: "end_turn" },
      content: [{ type: "text", text: "hello" }],
      usage: { input_tokens: 21, output_tokens: 5 },
    };
    const { set, body: said } = await answerWhole(stream, 200, answer);
    expect(JSON.parse(said)).toMatchObject({ usage: { prompt_tokens: 21, completion_tokens: 5 } });
    return { ...call, set, record: only(call) };
  }

  it("are summed, each rounded once; discount and margin are said of the one that answered", async () => {
    const { record, input } = await timedOutThenAnswered({
      "openai-model": { input: 2.5, output: 10.25, discount: 0.15, margin: 0.0333 },
      "anthropic-model": { input: 3, output: 15.5, discount: 0.01, margin: 0.1 },
    });
    const half = (exact: number) => Math.floor(exact + 0.5);
    const first = (input * 2_500 + 10 * 10_250) * 0.85;
    const second = (21 * 3_000 + 5 * 15_500) * 0.99;
    expect(lines(record).map((line) => line.at(-1))).toEqual([half(first * 1.0333), half(second * 1.1)]);
    expect(record).toMatchObject({
      ...{ costNanoUsd: half(first) + half(second), discountPpm: 10_000, marginPpm: 100_000 },
      costSource: "policy",
    });
  });

  it("of which one is not known are charged as far as they are", async () => {
    const { record, set, input } = await timedOutThenAnswered({ "openai-model": { input: 1, output: 2 } });
    const known = input * 1_000 + 10 * 2_000;
    expect(lines(record).map((line) => line.at(-1))).toEqual([known, 0]);
    expect(record).toMatchObject({ costNanoUsd: known, costSource: "policy" });
    expect(record.attemptsTried.map(({ costSource }) => costSource)).toEqual(["policy", "unknown"]);
    expect(set.get("x-tollgate-cost")).toBeDefined();
  });
});

it("a count of tokens is free, whenever its client leaves", async () => {
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(policy));
  const path = "/v1/messages/count_tokens";
  await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
  const body = bytes({ model: "failover", messages: [{ role: "user", content: "hi" }] });
  const [verdict] = await stream.say("request_body", { body, endOfStream: true });
  expect(text((verdict as ContinueResponse).body)).toContain("openai-model");
  stream.close();
  expect(place.records).toMatchObject([{ outcome: "cancelled", costNanoUsd: 0, usage: { output: 0 } }]);
});
