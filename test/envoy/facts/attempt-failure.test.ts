import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ModeOverride } from "../../../src/extproc/messages.ts";
import type { Outlet, Session } from "../../../src/extproc/session.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { failing, message } from "./answers.ts";
import { type CallOptions, chat, exchangeOf, exchangesOf, hostPolicy, routePolicy } from "./calls.ts";
import { replaceTexts, rewire } from "./configuration.ts";
import { ScriptedProcessor } from "./scripted-processor.ts";

// A later attempt still has the body and the key of the target before it. Whatever goes wrong with its stream, it must
// not go out like that.

const clusters = [
  {
    name: "openai",
    credential: { header: "authorization", secret: { from: "value", value: "key-of-openai" } },
  },
  { name: "claude", credential: { header: "x-api-key", secret: { from: "value", value: "key-of-claude" } } },
] as const;

async function failedOver(running: RunningGateway, model: string, options: CallOptions = {}) {
  const claude = running.upstream("claude");
  const before = claude.requests.length;
  running.upstream("openai").respondWith(() => failing(503));
  claude.respondWith(() => message("hi"));
  const response = await chat(running, model, options);
  const body: unknown = await response.json();
  return { response, body, sent: claude.requests.slice(before) };
}

describe("when the attempt's processor", () => {
  const processor = new ScriptedProcessor();
  let running: RunningGateway;

  beforeAll(async () => {
    await processor.start();
    running = await gateway({
      clusters,
      policy: hostPolicy,
      routePolicy,
      setup: { messageTimeout: "0.5s" },
      configure: (config) => rewire(config, "attempt", processor.address),
    });
  });
  afterAll(async () => {
    await running?.stop();
    await processor.stop();
  });

  const modeOverride: ModeOverride = {
    responseHeaders: "SKIP",
    requestBody: "BUFFERED",
    responseBody: "NONE",
  };
  type Receive = (outlet: Outlet) => Session["receive"];
  const answeringHeaders =
    (then: (outlet: Outlet) => void): Receive =>
    (outlet) =>
    ({ kind }) => {
      if (kind === "request_headers") outlet.send({ kind, modeOverride });
      else then(outlet);
    };
  const play = (receive: Receive): void => {
    processor.openSession = (_opening, outlet) => ({ receive: receive(outlet), closed: () => undefined });
  };

  const safe: Array<[how: string, status: number, receive: Receive]> = [
    ["fails at the headers", 500, (outlet) => () => outlet.fail("scripted")],
    ["fails at the body", 500, answeringHeaders((outlet) => outlet.fail("scripted"))],
    ["says nothing", 504, () => () => undefined],
    ["falls silent at the body", 504, answeringHeaders(() => undefined)],
  ];
  test.each(safe)("%s, nothing is sent", async (how, status, receive) => {
    play(receive);
    const model = `both-${how.replaceAll(" ", "-")}`;
    const { response, body, sent } = await failedOver(running, model);
    expect(sent).toEqual([]);
    expect(response.status).toBe(status);
    expect(body).toMatchObject({ error: { type: expect.any(String), message: expect.any(String) } });
    expect(response.headers.get("x-tollgate-reason")).toMatch(/^ext_proc_error/);
    expect(await exchangeOf(running, model)).toMatchObject({ outcome: "local-reply", status });
  });

  test.each([503, 429])("replies by itself with %i, nothing is sent, now or later", async (status) => {
    let streams = 0;
    play((outlet) => () => {
      streams++;
      outlet.send({ kind: "immediate", status, body: Buffer.from("no"), details: "scripted_reply" });
      outlet.end();
    });
    const { response, body, sent } = await failedOver(running, `both-reply-${status}`);
    expect([response.status, sent, streams]).toEqual([status, [], 1]);
    expect(response.headers.get("x-tollgate-reason")).toBe("scripted_reply");
    expect(body).toMatchObject({ error: { type: expect.any(String) } });
  });

  // Why the attempt session fails and never just ends: Envoy takes a good end for "go on without me".
  test("ends well without answers, Envoy sends what it has; the answer is not passed on", async () => {
    play((outlet) => () => outlet.end());
    const { response, body, sent } = await failedOver(running, "both-ended");
    expect(sent.map(({ headers }) => headers["authorization"])).toEqual(["key-of-openai"]);
    expect(response.status).toBe(502);
    expect(response.headers.get("x-tollgate-reason")).toBe("unexpected_target");
    expect(JSON.stringify(body)).not.toContain("hi");
  });
});

describe("the real Tollgate", () => {
  let running: RunningGateway;

  beforeAll(async () => {
    running = await gateway({
      clusters,
      policy: { ...hostPolicy, strict: true },
      routePolicy,
      configure: (config) => {
        // Tollgate hears of every attempt as one of an exchange that it does not know.
        replaceTexts(config, "%DYNAMIC_METADATA(tollgate:exchange)%", "%REQ(x-test-exchange)%");
      },
    });
  });
  afterAll(() => running?.stop());

  test("fails an attempt of no exchange that it knows", async () => {
    const { response, body, sent } = await failedOver(running, "both-unknown");
    expect(sent).toEqual([]);
    expect(response.status).toBe(500);
    expect(body).toMatchObject({ error: { type: "server_error" } });
    expect(await exchangeOf(running, "both-unknown")).toMatchObject({ outcome: "local-reply", status: 500 });
    expect(exchangesOf(running, "both-unknown")).toHaveLength(1);
  });

  test("stops before a target that cannot take the request, and says why", async () => {
    running.upstream("openai").respondWith(() => failing(503));
    const wired = await gateway({ clusters, policy: { ...hostPolicy, strict: true }, routePolicy });
    try {
      const fields = { logit_bias: { 7: 1 } };
      const { response, body, sent } = await failedOver(wired, "both-strict", { fields });
      expect(sent).toEqual([]);
      expect(response.status).toBe(503);
      expect(body).toMatchObject({ error: { message: expect.stringContaining("logit_bias") } });
      expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503");
      expect(response.headers.get("x-tollgate-reason")).toBe("tollgate_attempt_not_sent");
    } finally {
      await wired.stop();
    }
  });
});
