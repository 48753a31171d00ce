import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { envoyConfig } from "../../../src/cli/demo/envoy-config.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { stream } from "../harness/upstream-answers.ts";
import {
  completion,
  completionPieces,
  failing,
  message,
  messagePieces,
  reported,
  served,
} from "./answers.ts";
import { accessOf, chat, exchangeOf, hostPolicy, messages, routePolicy } from "./calls.ts";

// Usage and cost in Envoy's access log, in our own, and in the answer's header: one truth (facts 13 and 14).

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: {
      ...hostPolicy,
      // Floats, which Envoy hands over as texts (fact 1). US dollars for a million tokens.
      prices: { "gpt-*": { input: 2.5, output: 10.25 }, "claude-*": { input: 3, output: 15.5 } },
    },
    routePolicy,
  });
});

afterAll(() => running?.stop());

const nanoUsd = {
  openai: reported.input * 2_500 + reported.output * 10_250,
  claude: reported.input * 3_000 + reported.output * 15_500,
};

const pairs = [
  { client: "openai-chat", call: chat, target: "openai", provider: "openai", model: served.openai },
  { client: "openai-chat", call: chat, target: "claude", provider: "anthropic", model: served.anthropic },
  { client: "anthropic", call: messages, target: "claude", provider: "anthropic", model: served.anthropic },
  { client: "anthropic", call: messages, target: "openai", provider: "openai", model: served.openai },
] as const;

describe.each(pairs)("$client from $target", ({ client, call, target, provider, model }) => {
  test.each([false, true])("stream: %s", async (streamed) => {
    const pieces = target === "openai" ? completionPieces(["hi"]) : messagePieces(["hi"]);
    const whole = target === "openai" ? completion("hi") : message("hi");
    running.upstream(target).respondWith([streamed ? stream(pieces) : whole]);
    const asked = `${target}-cost-${client}-${streamed}`;
    const response = await call(running, asked, { stream: streamed });
    await response.arrayBuffer();

    const fields = {
      model_asked: asked,
      model_served: model,
      provider,
      input_tokens: reported.input,
      output_tokens: reported.output,
      cost_nano_usd: nanoUsd[target],
      cost_source: "policy",
    };
    const access = await accessOf(running, asked);
    expect(access).toMatchObject({ status: 200, target, tollgate: { ...fields, target, estimated: false } });
    expect(await exchangeOf(running, asked)).toMatchObject({
      ...fields,
      cluster: target,
      stream: streamed,
      outcome: "finished",
      tokens_estimated: false,
    });
    if (streamed) return;
    expect(response.headers.get("x-tollgate-cost")).toBe(`0.00${nanoUsd[target]}`);
  });
});

test("after a failover it is the cost of who served", async () => {
  running.upstream("openai").respondWith([failing(503)]);
  running.upstream("claude").respondWith([message("hi")]);
  await chat(running, "both-cost");
  expect(await accessOf(running, "both-cost")).toMatchObject({
    attempts: 2,
    target: "claude",
    tollgate: { target: "claude", cost_nano_usd: nanoUsd.claude },
  });
});

test("a refusal is in it too", async () => {
  const response = await chat(running, "nothing-of-that-name");
  expect(response.status).toBe(404);
  expect(await accessOf(running, "nothing-of-that-name")).toMatchObject({
    status: 404,
    details: "tollgate_model_not_found",
    tollgate: { model_asked: "nothing-of-that-name", cost_nano_usd: 0 },
  });
});

test("no metadata is forwarded to Tollgate: it would come again with every message", () => {
  const setup = {
    listener: { host: "127.0.0.1", port: 0 },
    tollgate: ["127.0.0.1:1"],
    clusters: [],
    routes: [],
  };
  expect(JSON.stringify(envoyConfig(setup))).not.toContain("forwarding_namespaces");
});
