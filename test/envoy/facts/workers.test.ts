import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { freeRange } from "../harness/ports.ts";
import { failing, message } from "./answers.ts";
import { chat, exchangesOf, hostPolicy, routePolicy } from "./calls.ts";
import { replaceTexts } from "./configuration.ts";

// Several workers: an attempt's stream goes to the worker that has its exchange (fact 6).

const count = 3;
const calls = 60;

async function pool(
  configure?: (config: Parameters<typeof replaceTexts>[0]) => void,
): Promise<RunningGateway> {
  const first = await freeRange(count);
  const running = await gateway({
    clusters: [
      { name: "openai", script: () => failing(503) },
      { name: "claude", script: () => message("hi") },
    ],
    policy: hostPolicy,
    routePolicy,
    tollgate: { TOLLGATE_WORKERS: String(count), TOLLGATE_LISTEN: `127.0.0.1:${first}` },
    workers: Array.from({ length: count }, (_, worker) => `127.0.0.1:${first + worker}`),
    ...(configure === undefined ? {} : { configure }),
  });
  return running;
}

describe(`${count} workers`, () => {
  let running: RunningGateway;
  beforeAll(async () => {
    running = await pool();
  });
  afterAll(() => running?.stop());

  test("every failover finds its exchange, whichever worker has it", async () => {
    const responses = await Promise.all(Array.from({ length: calls }, () => chat(running, "both-pool")));
    const attempts = new Set(responses.map(({ headers }) => headers.get("x-tollgate-attempts")));
    expect([...attempts]).toEqual(["openai;503, claude;200"]);
    const lines = await running.tollgate.log
      .find(() => exchangesOf(running, "both-pool").length === calls)
      .then(() => exchangesOf(running, "both-pool"));
    expect(new Set(lines.map(({ worker }) => worker))).toEqual(new Set([0, 1, 2]));
  });

  test("their figures are added up on one page", async () => {
    const page = await (await fetch(`http://${running.tollgate.admin}/metrics`)).text();
    const counted = [...page.matchAll(/^tollgate_exchanges_total\{.*\} (\d+)$/gm)].map((match) =>
      Number(match[1]),
    );
    expect(counted.reduce((sum, value) => sum + value, 0)).toBe(calls);
  });
});

describe("without the worker's address", () => {
  let running: RunningGateway;
  beforeAll(async () => {
    running = await pool((config) =>
      replaceTexts(config, "%DYNAMIC_METADATA(tollgate:worker)%", "%REQ(x-none)%"),
    );
  });
  afterAll(() => running?.stop());

  test("an attempt at the wrong worker is refused: nothing goes out for the wrong target", async () => {
    const responses = await Promise.all(Array.from({ length: calls }, () => chat(running, "both-lost")));
    const statuses = responses.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
    const right = running.upstream("claude").requests;
    expect(right.length).toBe(statuses.filter((status) => status === 200).length);
    expect(right.every(({ path }) => path === "/v1/messages")).toBe(true);
  });
});
