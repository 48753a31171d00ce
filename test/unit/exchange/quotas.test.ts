/** Limits and budgets in whole conversations with Envoy: what is refused when, what is sent, and what clients are told. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { countAnswer } from "../../../src/conversation/count-answer.ts";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { QuotaRule } from "../../../src/rules/quota/rule.ts";
import { LearnedOutput } from "../../../src/tokens/learned-output.ts";
import { WatchedStore } from "../rules/quota/watched-store.ts";
import { tokenPrice } from "./pricing.ts";
import { chatAnswer } from "./provider-answers.ts";
import { answerWhole, bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

const base: JsonObject = {
  targets: {
    openai: { provider: "openai" },
    claude: { provider: "anthropic" },
    vllm: { provider: "vllm" },
  },
  models: {
    "gpt-4o": { targets: [{ cluster: "openai" }] },
    "gpt-4o-mini": { targets: [{ cluster: "openai" }] },
    claude: { targets: [{ cluster: "claude", model: "claude-sonnet-4-5" }] },
    llama: { targets: [{ cluster: "vllm" }] },
  },
};

/** A gateway whose clocks stand still. */
function gateway(policy: JsonObject) {
  const clocks = { monotonicMs: () => 1_000_000, wallMs: () => Date.parse("2026-11-25T12:00:00Z") };
  const store = new WatchedStore(clocks);
  const learnedOutput = new LearnedOutput();
  const unwanted = (problem: unknown) => {
    throw new Error(String(problem));
  };
  const rule = new QuotaRule({
    ...{ store, pricing: tokenPrice, learnedOutput, ...clocks },
    misconfigured: (_, problem) => unwanted(problem),
    failed: unwanted,
  });
  const ownAnswers = new Map([["count_tokens" as const, async () => countAnswer(17)]]);
  const place = workplace({ rules: [rule], learnedOutput, ownAnswers });
  const open = () => new Stream(place.services, exchangeMetadata({ ...base, ...policy }));
  const standing = async () => {
    await rule.close();
    return (await store.all()).map(({ used, reserved }) => [used, reserved]);
  };
  return { ...place, store, open, standing };
}

type Gateway = ReturnType<typeof gateway>;

const chatPath = "/v1/chat/completions";
const begin = (stream: Stream, path = chatPath) =>
  stream.say("request_headers", {
    headers: headers({
      ":method": "POST",
      ":path": path,
      "x-user-id": "ada",
      "content-type": "application/json",
    }),
  });

const asking = (fields: JsonObject) =>
  bytes({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }], ...fields });

/** As far as the verdict on the body. */
async function sent(place: Gateway, fields: JsonObject = {}, path = chatPath) {
  const stream = place.open();
  const [first] = await begin(stream, path);
  if (first?.kind === "immediate") return { stream, verdict: first };
  const [verdict] = await stream.say("request_body", { body: asking(fields), endOfStream: true });
  return { stream, verdict };
}

async function served(place: Gateway, fields: JsonObject = {}) {
  const { stream } = await sent(place, fields);
  const answer = await answerWhole(stream, 200, chatAnswer("hello"));
  stream.close();
  return answer;
}

const setBy = (verdict: unknown) =>
  new Map((verdict as ContinueResponse | ImmediateResponse).headers?.set ?? []);
const perUser: JsonObject = {
  limits: [{ name: "per-user", by: ["user"], requests: 2, tokens: 9_000, window: "1h" }],
};

describe("a caller that is at its limit", () => {
  it("is refused by its headers: the body is never asked for", async () => {
    const place = gateway(perUser);
    for (const _ of [1, 2]) await served(place);
    const stream = place.open();
    const answers = await begin(stream);
    expect(answers).toMatchObject([{ kind: "immediate", status: 429, details: "tollgate_rate_limited" }]);
    expect(stream.ended).toBe(true);
    const set = setBy(answers[0]);
    expect(set.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(set.get("x-tollgate-reason")).toBe("rate_limited");
    expect(set.get("x-should-retry")).toBe("false");
    expect(Number(set.get("retry-after"))).toBeGreaterThan(3_600 - 1);
    expect(JSON.parse(text((answers[0] as ImmediateResponse).body))).toMatchObject({
      error: {
        code: "rate_limit_exceeded",
        message: 'the limit "per-user" of 2 requests in 1h has been reached',
      },
    });
    stream.close();
    expect(place.records.at(-1)).toMatchObject({
      outcome: "refused",
      status: 429,
      rulings: [{ rule: "per-user", verdict: "refused" }],
    });
    // Two answers of fourteen tokens each.
    expect(await place.standing()).toEqual([
      [2, 0],
      [28, 0],
    ]);
  });

  it("is refused by its body where that alone says enough", async () => {
    const place = gateway(perUser);
    const { verdict, stream } = await sent(place, { max_tokens: 10_000 });
    expect(verdict).toMatchObject({ kind: "immediate", status: 429 });
    expect(setBy(verdict).has("retry-after")).toBe(false);
    stream.close();
    expect(await place.standing()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("a budget that is nearly spent", () => {
  const nearly = (step: JsonObject | "warn") =>
    gateway({
      budgets: [{ name: "dept", usd: "0.000010000", window: "month", steps: [{ at: 0, do: step }] }],
    });

  it("caps what the target is asked for, in the bytes that it is sent", async () => {
    const place = nearly({ max_tokens: 64 });
    const { verdict } = await sent(place, { max_tokens: 4_000 });
    expect(JSON.parse(text((verdict as ContinueResponse).body))).toMatchObject({
      model: "gpt-4o",
      max_tokens: 64,
    });
  });

  it("caps it after translation too", async () => {
    const place = nearly({ max_tokens: 64 });
    const { verdict } = await sent(place, { model: "claude" });
    expect(JSON.parse(text((verdict as ContinueResponse).body))).toMatchObject({ max_tokens: 64 });
  });

  it("leaves a request that asks for less as it came", async () => {
    const place = nearly({ max_tokens: 64 });
    const { verdict } = await sent(place, { max_tokens: 63 });
    expect(verdict).not.toHaveProperty("body");
  });

  it("takes another model, by the bytes and by the headers, and the record has both", async () => {
    const place = nearly({ model: "gpt-4o-mini" });
    const { verdict, stream } = await sent(place);
    expect(JSON.parse(text((verdict as ContinueResponse).body))).toMatchObject({ model: "gpt-4o-mini" });
    const { set } = await answerWhole(stream, 200, chatAnswer("hello"));
    expect(set.get("x-tollgate-target")).toBe("openai/gpt-4o-mini");
    expect(set.get("x-tollgate-budget")).toBe("dept;used=0.00;do=model");
    stream.close();
    expect(place.records).toMatchObject([
      { modelAsked: "gpt-4o", rulings: [{ rule: "dept", verdict: "model_changed" }], attempts: 1 },
    ]);
  });

  it("takes a model of another dialect", async () => {
    const place = nearly({ model: "claude" });
    const { verdict } = await sent(place, { max_tokens: 50 });
    expect(setBy(verdict).get("x-tollgate-path")).toBe("/v1/messages");
    expect(JSON.parse(text((verdict as ContinueResponse).body))).toMatchObject({
      model: "claude-sonnet-4-5",
    });
  });

  it("says what was held in the record, and settles what was spent", async () => {
    const place = nearly("warn");
    await served(place, { max_tokens: 1_000 });
    expect(place.records).toMatchObject([{ chargedNanoUsd: 14, rulings: [{ verdict: "warned" }] }]);
    expect(place.records[0]?.reservedNanoUsd).toBeGreaterThan(1_000);
    expect(await place.standing()).toEqual([[14, 0]]);
  });

  it("bounds what an answer is taken for that nobody waited for", async () => {
    const place = nearly({ max_tokens: 5 });
    const { stream } = await sent(place, { max_tokens: 4_000 });
    stream.close();
    expect(place.records).toMatchObject([{ outcome: "cancelled" }]);
    expect(place.records[0]?.usage.output).toBeLessThanOrEqual(5);
  });
});

describe("how a caller stands is told", () => {
  const remaining = "x-ratelimit-remaining-requests";

  it("on a whole answer, and on a provider's refusal", async () => {
    const place = gateway(perUser);
    expect((await served(place)).set.get(remaining)).toBe("1");
    const { stream } = await sent(place);
    const { set } = await answerWhole(stream, 400, {
      error: { message: "no", type: "invalid_request_error" },
    });
    expect(set.get(remaining)).toBe("0");
  });

  it("on a translated answer", async () => {
    const place = gateway(perUser);
    const { stream } = await sent(place, { model: "claude" });
    const { set } = await answerWhole(stream, 529, {
      type: "error",
      error: { type: "overloaded_error", message: "x" },
    });
    expect(set.get(remaining)).toBe("1");
  });

  it("on a stream, with its head", async () => {
    const place = gateway(perUser);
    const { stream } = await sent(place, { stream: true });
    const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [] };
    const { set } = await answerWhole(
      stream,
      200,
      `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`,
      "text/event-stream",
    );
    expect(set.get(remaining)).toBe("1");
  });

  it("on an answer of Envoy's own", async () => {
    const place = gateway(perUser);
    const { stream } = await sent(place);
    const before = stream.answers.length;
    await stream.say("response_headers", {
      headers: headers({ ":status": "503", "content-type": "text/plain" }),
      attributes: { "response.code_details": "no_healthy_upstream" },
    });
    await stream.say("response_body", { body: bytes("no healthy upstream"), endOfStream: true });
    const set = new Map(stream.answers.slice(before).flatMap((each) => [...setBy(each)]));
    expect(set.get(remaining)).toBe("1");
  });

  it("on an answer of ours, which is a request as well", async () => {
    const place = gateway(perUser);
    const { verdict, stream } = await sent(place, { model: "llama" }, "/v1/messages/count_tokens");
    expect(verdict).toMatchObject({ kind: "immediate", status: 200 });
    expect(setBy(verdict).get(remaining)).toBe("1");
    stream.close();
    expect((await place.standing())[0]).toEqual([1, 0]);
  });

  it("on a refusal of something else that comes later", async () => {
    const place = gateway({ ...perUser, strict: true });
    const { verdict } = await sent(place, { model: "claude", logit_bias: { "50256": -100 } });
    expect(verdict).toMatchObject({ kind: "immediate", status: 422 });
    expect(setBy(verdict).get(remaining)).toBe("1");
    expect(await place.standing()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("a client that hangs up while the counters are slow", () => {
  it("at the headers holds nothing, and is recorded once", async () => {
    const place = gateway(perUser);
    await served(place);
    const { stream: second } = await sent(place);
    const release = place.store.hold();
    const third = place.open();
    const saying = begin(third);
    third.close();
    release();
    expect(await saying).toEqual([]);
    expect(place.records.map(({ outcome }) => outcome)).toEqual(["finished", "cancelled"]);
    second.close();
    await nextTurn();
    expect((await place.standing()).map(([, reserved]) => reserved)).toEqual([0, 0]);
    expect(place.notices).toEqual([]);
  });

  it("at the body is never sent on, and costs nothing", async () => {
    const place = gateway({ ...perUser, budgets: [{ name: "dept", usd: 1, window: "day" }] });
    const stream = place.open();
    await begin(stream);
    const release = place.store.hold();
    const saying = stream.say("request_body", { body: asking({}), endOfStream: true });
    await nextTurn();
    stream.close();
    release();
    expect(await saying).toEqual([]);
    await nextTurn();
    expect(place.records).toMatchObject([{ outcome: "cancelled", attempts: 0 }]);
    expect(await place.standing()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it("at the answer has used what the target was asked for", async () => {
    const place = gateway(perUser);
    const { stream } = await sent(place);
    stream.close();
    const [requests, tokens] = await place.standing();
    expect(requests).toEqual([1, 0]);
    expect(tokens?.[0]).toBeGreaterThan(0);
    expect(tokens?.[1]).toBe(0);
  });
});

it("a store that fails in a way that it must not is ours to answer for", async () => {
  const place = gateway(perUser);
  place.store.answer = new RangeError("never");
  const { verdict } = await sent(place);
  expect(verdict).toMatchObject({ kind: "immediate", status: 500 });
  expect(place.notices).toEqual(["defect in request: RangeError: never"]);
});
