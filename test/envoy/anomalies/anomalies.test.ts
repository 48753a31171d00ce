/** An application with a quiet day behind it burns tokens: told of, held back in its SDK's own words, and let on. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BaselineFile } from "../../../src/anomalies/baseline-file.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { type Receiver, receiver } from "../../unit/anomalies/receiver.ts";
import { dayMs, hourMs, Simulation } from "../../unit/anomalies/traffic.ts";
import { hostPolicy, routePolicy } from "../facts/calls.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json } from "../harness/upstream-answers.ts";

const usual = 1_000;
const burnt = 200_000;
const brakeMs = 4_000;

let data: string;
let server: Receiver;
let running: RunningGateway;

/** A day and an hour of small calls, up to now. */
async function quietDay(): Promise<void> {
  const simulation = new Simulation();
  simulation.nowMs = Date.now() - dayMs - hourMs;
  const caller = { tenant: "default", app: "crm" };
  simulation.run(dayMs + hourMs, { perMinute: 4, tokens: usual }, caller);
  expect(simulation.told()).toEqual([]);
  await new BaselineFile(data, 0).write(simulation.detector.subjects());
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "tollgate-anomalies-"));
  server = await receiver((call) => (call === 0 ? 503 : 204));
  await quietDay();
  running = await gateway({
    clusters: [
      {
        name: "openai",
        script: (request) => {
          const prompt_tokens = request.body.includes("burn") ? burnt : usual;
          const usage = { prompt_tokens, completion_tokens: 1, total_tokens: prompt_tokens + 1 };
          const message = { role: "assistant", content: "hi" };
          const choices = [{ index: 0, message, finish_reason: "stop" }];
          return json({
            id: "chatcmpl-1",
            object: "chat.completion",
            created: 1,
            model: "gpt-4o",
            choices,
            usage,
          });
        },
      },
      { name: "claude" },
    ],
    policy: hostPolicy,
    routePolicy: {
      ...routePolicy,
      anomalies: {
        mode: "enforce",
        kinds: ["tokens"],
        at_least: { tokens: 10_000 },
        brake: { for: `${brakeMs}ms` },
      },
    },
    tollgate: { TOLLGATE_DATA_DIR: data, TOLLGATE_ANOMALY_WEBHOOK: server.url },
  });
});

afterAll(async () => {
  await running?.stop();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
});

const openai = (app: string) =>
  new OpenAI({
    apiKey: "sk-of-the-application",
    baseURL: `${running.url}/v1`,
    maxRetries: 0,
    defaultHeaders: { "x-app-id": app, "x-user-id": "ada@acme.test" },
  });
const ask = (app: string, content: string) =>
  openai(app).chat.completions.create({ model: "openai", messages: [{ role: "user", content }] });

async function samples(name: string): Promise<string[]> {
  const text = await (await fetch(`http://${running.tollgate.admin}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith(name));
}

test("an application that burns tokens", async () => {
  for (let n = 0; n < 3; n++) await ask("crm", "as ever");
  await ask("crm", "burn");
  const begun = await running.tollgate.log.find((line) => line["msg"] === "anomaly begins");
  expect(begun).toMatchObject({ level: "warn", kind: "tokens", subject: "app", app: "crm", unit: "tokens" });
  expect(begun["observed"]).toBeGreaterThan(burnt);
  expect(begun["expected"]).toBeLessThan(burnt / 10);

  // Each SDK raises its own error, and knows when to come back.
  const refused: unknown = await ask("crm", "as ever").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
  if (!(refused instanceof OpenAI.RateLimitError)) return;
  expect(refused).toMatchObject({ status: 429, code: "anomaly_brake" });
  expect(refused.headers.get("x-tollgate-reason")).toBe("anomaly_brake");
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(brakeMs / 1_000);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  const anthropic = new Anthropic({
    apiKey: "sk-of-the-application",
    baseURL: running.url,
    maxRetries: 0,
    defaultHeaders: { "x-app-id": "crm" },
  });
  const question = { model: "openai", max_tokens: 10, messages: [{ role: "user" as const, content: "hi" }] };
  await expect(anthropic.messages.create(question)).rejects.toBeInstanceOf(Anthropic.RateLimitError);
  const calls = running.upstream("openai").requests.length;

  // Others go on.
  await ask("erp", "as ever");
  expect(running.upstream("openai").requests.length).toBe(calls + 1);

  // The webhook's server was away for a moment.
  await server.received(2);
  expect(server.bodies[1]).toEqual({
    ...{ id: begun["anomaly_id"], kind: "tokens", phase: "begin", mode: "enforce", subject: "app" },
    ...{ tenant: "default", app: "crm", user: null, department: null, interval: "minute", unit: "tokens" },
    ...{ observed: begun["observed"], expected: begun["expected"], factor: 10, model: "gpt-4o" },
    ...{ at: begun["since"], since: begun["since"], brake_until: begun["brake_until"] },
  });
  expect(await samples("tollgate_anomalies_total")).toEqual([
    'tollgate_anomalies_total{kind="tokens",phase="begin"} 1',
  ]);
  expect(await samples("tollgate_anomaly_braked_exchanges_total")).toEqual([
    "tollgate_anomaly_braked_exchanges_total 2",
  ]);

  await sleep(brakeMs);
  expect((await ask("crm", "as ever")).choices[0]?.message.content).toBe("hi");
  await running.tollgate.log.find((line) => line["msg"] === "anomaly ends");
  await server.received(3);
  expect(server.bodies[2]).toMatchObject({ id: begun["anomaly_id"], phase: "end" });
  const lines = running.tollgate.log.entries.map((line: JsonObject) => JSON.stringify(line)).join("\n");
  expect(lines).not.toContain("secret-token");
  expect(lines).not.toContain("ada@");

  // What is usual is kept when the process ends.
  await running.tollgate.stop();
  const kept = readFileSync(join(data, "anomalies", "0.jsonl"), "utf8");
  expect(kept).toContain('"name":"erp"');
  expect(kept).not.toContain("ada@");
});
