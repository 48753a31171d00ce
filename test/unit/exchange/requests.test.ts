import { describe, expect, it } from "vitest";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { bytes, exchangeMetadata, headers, Stream, text, twoProviders, workplace } from "./script.ts";

const post = (path: string, more: Record<string, string> = {}) =>
  headers({ ":method": "POST", ":path": path, "content-type": "application/json", ...more });

const chatBody = { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] };
const chat = bytes(chatBody);

async function verdicts(policy: JsonObject | undefined, path: string, body: Uint8Array, more = {}) {
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(policy));
  const [first] = await stream.say("request_headers", { headers: post(path, more) });
  const [second] = await stream.say("request_body", { body, endOfStream: true });
  return { place, stream, first: first as ContinueResponse, second: second as ContinueResponse };
}

function refusedWith(answer: unknown): { status: number; body: JsonObject; reason: string | undefined } {
  const immediate = answer as ImmediateResponse;
  expect(immediate.kind).toBe("immediate");
  const reason = immediate.headers?.set?.find(([name]) => name === "x-tollgate-reason")?.[1];
  return { status: immediate.status, body: JSON.parse(text(immediate.body)) as JsonObject, reason };
}

describe("a gated request", () => {
  it("holds the answer's headers from the first verdict on, and removes forged headers of ours", async () => {
    const forged = { "x-tollgate-path": "/evil", "x-tollgate-metadata": "{}", "x-tollgate-exchange": "x" };
    const { first } = await verdicts(twoProviders, "/v1/chat/completions", chat, forged);
    expect(first.modeOverride).toEqual({
      responseHeaders: "SEND",
      requestBody: "BUFFERED",
      responseBody: "FULL_DUPLEX_STREAMED",
      responseTrailers: "SEND",
    });
    expect(first.headers?.remove).toEqual(["x-tollgate-path", "x-tollgate-exchange"]);
  });

  const odd = '{ "messages":[],"model" : "gpt-4o", "seed": 12345678901234567890, "x": {"a":1,"a":2} }';

  it("stays with Envoy as it is when client and target speak the same dialect", async () => {
    const { second } = await verdicts(twoProviders, "/v1/chat/completions", bytes(odd));
    expect(second).not.toHaveProperty("body");
  });

  it("keeps every byte but the model's name when the target knows it by another", async () => {
    const policy: JsonObject = {
      targets: { openai: { provider: "openai" } },
      models: { "gpt-4o": { targets: [{ cluster: "openai", model: "gpt-4o-2024-11-20" }] } },
    };
    const { second } = await verdicts(policy, "/v1/chat/completions", bytes(odd));
    expect(text(second.body)).toBe(odd.replace('"gpt-4o"', '"gpt-4o-2024-11-20"'));
  });

  it("leaves the client's query behind, which Envoy's rewrite would keep and which may hold a key", async () => {
    const { second } = await verdicts(twoProviders, "/v1/chat/completions?key=secret", chat);
    const set = new Map(second.headers?.set ?? []);
    expect(set.get(":path")).toBe("/v1/chat/completions");
    expect(JSON.stringify([...set])).not.toContain("secret");
    const plain = await verdicts(twoProviders, "/v1/chat/completions", chat);
    expect(new Map(plain.second.headers?.set ?? []).has(":path")).toBe(false);
  });

  it("names the chain of clusters, once around for each time it may be walked", async () => {
    const { second } = await verdicts(twoProviders, "/v1/chat/completions", chat);
    const group = (name: string, cluster: string) => ({
      name,
      clusters: [{ cluster_name: cluster, weight: 1 }],
    });
    expect(second.dynamicMetadata?.["tollgate.targets"]).toEqual({
      priority_groups: [
        group("0", "openai"),
        group("1", "claude"),
        group("2", "openai"),
        group("3", "claude"),
      ],
    });
    expect(second.clearRouteCache).toBe(true);
  });

  it("sets path and length, and removes credentials and foreign protocol headers", async () => {
    const { second } = await verdicts(twoProviders, "/v1/chat/completions", chat, {
      authorization: "Bearer client",
      "x-api-key": "client",
      "x-amz-date": "now",
      cookie: "a=b",
      "anthropic-beta": "x",
      "user-agent": "sdk",
    });
    const set = Object.fromEntries(second.headers?.set ?? []);
    expect(set["x-tollgate-path"]).toBe("/v1/chat/completions");
    expect(set["content-length"]).toBe(String(chat.length));
    expect(set[":path"]).toBeUndefined();
    expect(second.headers?.remove).toEqual(
      expect.arrayContaining([
        "authorization",
        "x-api-key",
        "x-amz-date",
        "cookie",
        "anthropic-beta",
        "accept-encoding",
      ]),
    );
    expect(second.headers?.remove).not.toContain("user-agent");
  });

  it("is translated for a target of another dialect", async () => {
    const body = bytes({
      model: "claude-sonnet-4-5",
      messages: [{ role: "user", content: "hi" }],
      max_tokens: 9,
    });
    const { second } = await verdicts(twoProviders, "/v1/chat/completions", body);
    expect(JSON.parse(text(second.body))).toMatchObject({ model: "claude-sonnet-4-5", max_tokens: 9 });
    const set = Object.fromEntries(second.headers?.set ?? []);
    expect(set["x-tollgate-path"]).toBe("/v1/messages");
    expect(set["anthropic-version"]).toBe("2023-06-01");
  });

  it("tells Envoy the attempts and the time per try", async () => {
    const policy: JsonObject = {
      targets: { openai: { provider: "openai" } },
      models: { "gpt-4o": { targets: [{ cluster: "openai" }], attempts: 3, per_try_timeout: "1500ms" } },
    };
    const set = Object.fromEntries(
      (await verdicts(policy, "/v1/chat/completions", chat)).second.headers?.set ?? [],
    );
    expect(set["x-envoy-max-retries"]).toBe("2");
    expect(set["x-envoy-upstream-rq-per-try-timeout-ms"]).toBe("1500");
  });
});

describe("a request that is refused", () => {
  const lossy = bytes({ ...chatBody, model: "claude-sonnet-4-5", logit_bias: { "1": 2 } });
  const unknown = bytes({ ...chatBody, model: "nobody" });
  it.each([
    ["a body that is not JSON", "/v1/chat/completions", bytes("{nope"), twoProviders, 400, "invalid_request"],
    ["no model", "/v1/chat/completions", bytes({ messages: [] }), twoProviders, 400, "invalid_request"],
    ["a model that is not served", "/v1/chat/completions", unknown, twoProviders, 404, "model_not_found"],
    [
      "loss under strict",
      "/v1/chat/completions",
      lossy,
      { ...twoProviders, strict: true, models: onlyClaude() },
      422,
      "lossy_translation",
    ],
  ] as const)("%s", async (_, path, body, policy, status, reason) => {
    const { place, second } = await verdicts(policy as JsonObject, path, body);
    const refused = refusedWith(second);
    expect({ status: refused.status, reason: refused.reason }).toEqual({ status, reason });
    expect(place.records).toHaveLength(1);
    expect(place.records[0]).toMatchObject({ outcome: "refused", status, costNanoUsd: 0, attempts: 0 });
    expect(place.services.inFlight.size).toBe(0);
  });

  it("speaks the client's dialect", async () => {
    const { second } = await verdicts(twoProviders, "/v1/messages", unknown);
    expect(refusedWith(second).body).toMatchObject({ type: "error", error: { type: "not_found_error" } });
    const openai = await verdicts(twoProviders, "/v1/chat/completions", unknown);
    expect(refusedWith(openai.second).body).toMatchObject({
      error: { code: "model_not_found", param: "model" },
    });
  });

  it("names the JSON path of what strict forbids", async () => {
    const policy: JsonObject = { ...twoProviders, strict: true, models: onlyClaude() };
    const { second } = await verdicts(policy, "/v1/chat/completions", lossy);
    expect(refusedWith(second).body).toMatchObject({ error: { param: "logit_bias" } });
  });

  it("skips a target that would lose something under strict, and takes the next", async () => {
    const policy: JsonObject = {
      ...twoProviders,
      strict: true,
      models: { m: { targets: [{ cluster: "claude" }, { cluster: "openai" }] } },
    };
    const { second } = await verdicts(
      policy,
      "/v1/chat/completions",
      bytes({ ...chatBody, model: "m", seed: 1 }),
    );
    expect(second.dynamicMetadata?.["tollgate.targets"]).toMatchObject({
      priority_groups: [{ clusters: [{ cluster_name: "openai" }] }],
    });
  });

  it.each([
    ["without a body", {}, true, 400, "empty_body"],
    ["larger than the limit by its own word", { "content-length": "2000000" }, false, 413, "body_too_large"],
    ["compressed", { "content-encoding": "gzip" }, false, 400, "content_encoding"],
  ])("%s, before its body is read", async (_, more, endOfStream, status, reason) => {
    const place = workplace();
    const stream = new Stream(place.services, exchangeMetadata(twoProviders));
    const [answer] = await stream.say("request_headers", {
      headers: post("/v1/chat/completions", more),
      endOfStream,
    });
    expect(refusedWith(answer)).toMatchObject({ status, reason });
    expect(stream.ended).toBe(true);
  });
});

function onlyClaude(): JsonObject {
  return { "claude-sonnet-4-5": { targets: [{ cluster: "claude" }] } };
}

describe("a route", () => {
  it("without metadata passes bytes through and never hears of them again", async () => {
    const place = workplace();
    const stream = new Stream(place.services, exchangeMetadata(undefined, twoProviders));
    const [answer] = await stream.say("request_headers", { headers: post("/v1/chat/completions") });
    expect(answer).toEqual({
      kind: "request_headers",
      modeOverride: { responseHeaders: "SKIP", requestBody: "NONE", responseBody: "NONE" },
      // By which its attempts are known.
      dynamicMetadata: { tollgate: { exchange: "passed" } },
    });
    expect(stream.ended).toBe(true);
    expect(place.records).toMatchObject([{ outcome: "passed-through", route: "gated", attempts: 0 }]);
  });

  it("with metadata passes paths through that no dialect knows", async () => {
    const stream = new Stream(workplace().services, exchangeMetadata(twoProviders));
    const [answer] = await stream.say("request_headers", { headers: post("/v1/batches") });
    expect(answer?.kind).toBe("request_headers");
    expect(stream.ended).toBe(true);
  });

  it.each([
    ["no policy key at all", { "x-tollgate-role": "exchange" }, "x-tollgate-policy"],
    ["a policy that is not JSON", { ...exchangeMetadata({}), "x-tollgate-policy": "route:{nope" }, "JSON"],
    ["a policy with an unknown key", exchangeMetadata({ modells: {} }), "modells"],
  ])("with %s refuses, and says why in the log", async (_, metadata, told) => {
    const place = workplace();
    const stream = new Stream(place.services, metadata);
    const [answer] = await stream.say("request_headers", { headers: post("/v1/chat/completions") });
    expect(refusedWith(answer)).toMatchObject({ status: 500, reason: "policy_unreadable" });
    expect(place.notices.join()).toContain(told);
    expect(JSON.stringify(answer)).not.toContain("modells");
  });

  it("lists its models in the dialect that asks", async () => {
    const policy = {
      ...twoProviders,
      models: { ...(twoProviders["models"] as JsonObject), "x-*": { targets: [{ cluster: "openai" }] } },
    };
    const ask = async (path: string, more: Record<string, string>) => {
      const stream = new Stream(workplace().services, exchangeMetadata(policy));
      const [answer] = await stream.say("request_headers", {
        headers: headers({ ":method": "GET", ":path": path, ...more }),
        endOfStream: true,
      });
      return refusedWith(answer);
    };
    const names = (body: JsonObject) => (body["data"] as JsonObject[]).map((entry) => entry["id"]);
    const openai = await ask("/v1/models?limit=5", {});
    expect(openai.body["object"]).toBe("list");
    expect(names(openai.body)).toEqual(["gpt-4o", "claude-sonnet-4-5"]);
    const anthropic = await ask("/v1/models", { "anthropic-version": "2023-06-01" });
    expect(anthropic.body["has_more"]).toBe(false);
    expect((await ask("/v1/models/gpt-4o", {})).body["id"]).toBe("gpt-4o");
    expect((await ask("/v1/models/x-anything", {})).body["id"]).toBe("x-anything");
    expect((await ask("/v1/models/nobody", {})).status).toBe(404);
  });
});

describe("the table of exchanges", () => {
  it("refuses what is over the limit, and lets in what comes after one ends", async () => {
    const place = workplace();
    const streams: Stream[] = [];
    const begin = async () => {
      const stream = new Stream(place.services, exchangeMetadata(twoProviders));
      streams.push(stream);
      return (await stream.say("request_headers", { headers: post("/v1/chat/completions") }))[0];
    };
    for (let i = 0; i < 100; i++) await begin();
    expect(refusedWith(await begin())).toMatchObject({ status: 503, reason: "too_many_exchanges" });
    streams[0]?.close();
    expect((await begin())?.kind).toBe("request_headers");
    for (const stream of streams) stream.close();
    expect(place.services.inFlight.size).toBe(0);
    expect(
      place.records.map((record) => record.outcome).filter((outcome) => outcome === "cancelled"),
    ).toHaveLength(101);
  });
});
