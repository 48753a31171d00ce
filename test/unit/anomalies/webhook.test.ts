import { afterEach, describe, expect, it } from "vitest";
import { payloadOf } from "../../../src/anomalies/payload.ts";
import { Webhook, type WebhookOptions } from "../../../src/anomalies/webhook.ts";
import { anomalyEvent } from "./events.ts";
import { type Receiver, receiver } from "./receiver.ts";

const started: Receiver[] = [];

afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});

async function listening(answer?: Parameters<typeof receiver>[0]): Promise<Receiver> {
  const one = await receiver(answer);
  started.push(one);
  return one;
}

/** What became of the messages, in order. */
function hook(url: string, options: Partial<WebhookOptions> = {}) {
  const results: string[] = [];
  const webhook = new Webhook({
    url,
    delivered: () => results.push("delivered"),
    failed: (why) => results.push(`failed: ${why}`),
    dropped: () => results.push("dropped"),
    timeoutMs: 20_000,
    backoffMs: [1, 2],
    random: () => 0.5,
    ...options,
  });
  const told = async (count: number) => {
    while (results.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return results;
  };
  return { webhook, results, told };
}

const message = (id: string) => payloadOf(anomalyEvent({ id }));
const ids = ({ bodies }: Receiver) => bodies.map((body) => body["id"]);

it("a message is what the documentation says", async () => {
  const server = await listening();
  const { webhook, told } = hook(server.url);
  webhook.send(payloadOf(anomalyEvent()));
  expect(await told(1)).toEqual(["delivered"]);
  expect(server.headers[0]).toMatchObject({ "content-type": "application/json", "user-agent": "tollgate" });
  expect(server.bodies).toEqual([
    {
      id: "anomaly-1",
      kind: "tokens",
      phase: "begin",
      at: "2026-01-05T09:30:00.000Z",
      since: "2026-01-05T09:30:00.000Z",
      mode: "enforce",
      subject: "user",
      tenant: "acme",
      app: "crm",
      user: "3ba15ffe92f6",
      department: "sales",
      interval: "minute",
      unit: "tokens",
      observed: 123_456,
      expected: 1_234.57,
      factor: 10,
      model: "gpt-4o",
      brake_until: "2026-01-05T09:35:00.000Z",
    },
  ]);
});

it("they come one after the other, in their order", async () => {
  const server = await listening((call) => (call === 0 ? 500 : 204));
  const { webhook, told } = hook(server.url);
  for (const id of ["a", "b", "c"]) webhook.send(message(id));
  expect(await told(3)).toEqual(["delivered", "delivered", "delivered"]);
  expect(ids(server)).toEqual(["a", "a", "b", "c"]);
});

describe("what does not arrive is tried again", () => {
  it.each<[string, Parameters<typeof receiver>[0], string[], number, number?]>([
    ["after trouble that passes", (call) => [503, 429, 204][call] ?? 204, ["delivered"], 3],
    ["a few times, then given up", () => 502, ["failed: status 502"], 3],
    ["when no answer comes", (call) => (call === 0 ? "nothing" : 204), ["delivered"], 2, 1_000],
    ["until it has taken too long", () => "nothing", ["failed: timeout"], 3, 100],
    ["not when the server does not want it", () => 404, ["failed: status 404"], 1],
    ["not at another address", () => 307, ["failed: status 307"], 1],
  ])("%s", async (_, answer, results, calls, timeoutMs = 20_000) => {
    const server = await listening(answer);
    const { webhook, told } = hook(server.url, { timeoutMs });
    webhook.send(message("a"));
    expect(await told(1)).toEqual(results);
    expect(server.bodies).toHaveLength(calls);
  });

  it("where nobody listens, and no message has the address", async () => {
    const server = await receiver();
    await server.stop();
    const { webhook, told } = hook(server.url);
    webhook.send(message("a"));
    expect(await told(1)).toEqual(["failed: ECONNREFUSED"]);
  });

  it("and the next one is delivered when the server is well again", async () => {
    const server = await listening((call) => (call < 3 ? 500 : 204));
    const { webhook, told } = hook(server.url);
    webhook.send(message("a"));
    webhook.send(message("b"));
    expect(await told(2)).toEqual(["failed: status 500", "delivered"]);
  });
});

it("of too many that wait, the oldest are dropped", async () => {
  const server = await listening((call) => (call === 0 ? "nothing" : 204));
  const { webhook, told } = hook(server.url, { mostWaiting: 2, timeoutMs: 1_000 });
  for (const id of ["a", "b", "c", "d", "e"]) webhook.send(message(id));
  expect((await told(5)).toSorted()).toEqual(["delivered", "delivered", "delivered", "dropped", "dropped"]);
  expect(ids(server)).toEqual(["a", "a", "d", "e"]);
});

describe("closing", () => {
  it("hands over what waits, without a pause", async () => {
    const server = await listening((call) => (call === 0 ? 500 : 204));
    const { webhook, results } = hook(server.url, { backoffMs: [60_000] });
    webhook.send(message("a"));
    webhook.send(message("b"));
    await server.received(1);
    await webhook.close();
    expect(results).toEqual(["delivered", "delivered"]);
    webhook.send(message("c"));
    expect(results.at(-1)).toBe("dropped");
  });

  it("has an end, whatever the server does", async () => {
    const server = await listening(() => "nothing");
    const { webhook, results } = hook(server.url, { timeoutMs: 60_000 });
    webhook.send(message("a"));
    webhook.send(message("b"));
    const begun = performance.now();
    await webhook.close();
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(results).toEqual(["failed: AbortError", "dropped"]);
  });
});
