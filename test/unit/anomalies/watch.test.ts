import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { anomalyBrake } from "../../../src/anomalies/rule.ts";
import { AnomalyWatch } from "../../../src/anomalies/watch.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import { fanOut } from "../../../src/telemetry/recorder.ts";
import { tokenPrice } from "../exchange/pricing.ts";
import { answerWhole, exchangeMetadata, headers, Stream, workplace } from "../exchange/script.ts";
import { receiver } from "./receiver.ts";
import { monday } from "./traffic.ts";

const folder = mkdtempSync(join(tmpdir(), "tollgate-watch-"));
let folders = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A worker's watch, with the exchanges that go by it. */
function place(dataDir = join(folder, String(folders++)), webhookUrl?: string) {
  const lines: JsonObject[] = [];
  const clock = { nowMs: monday };
  const metrics = createMetrics({ inFlight: () => 0, processMetrics: false });
  let ids = 0;
  const watch = new AnomalyWatch({
    log: createLog({ level: "info", destination: { write: (line) => lines.push(JSON.parse(line)) } }),
    metrics: metrics.anomalies,
    monotonicMs: () => clock.nowMs,
    nowMs: () => clock.nowMs,
    newId: () => `anomaly-${++ids}`,
    pricing: tokenPrice,
    dataDir,
    worker: 0,
    webhookUrl,
  });
  const { services, notices } = workplace({
    rules: [anomalyBrake(watch, () => clock.nowMs)],
    recorder: fanOut([watch], (error) => {
      throw error;
    }),
  });
  const samples = async (name: string) =>
    (await metrics.text()).split("\n").filter((line) => line.startsWith(name));
  return { watch, services, notices, lines, clock, samples, dataDir };
}

const policy = (anomalies: JsonObject): JsonObject => ({
  targets: { openai: { provider: "openai" } },
  models: { "gpt-4o": { targets: [{ cluster: "openai" }] } },
  anomalies,
});
const enforcing = policy({ mode: "enforce", kinds: ["rate", "errors"], warm_up: "1m", brake: { for: "5m" } });
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_760_000_000,
  model: "gpt-4o",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
};

/** One call through the exchange. @returns the refusal's reason; undefined: it was served */
async function call(
  here: ReturnType<typeof place>,
  route: JsonObject,
  more: { path?: string; model?: string } = {},
) {
  const stream = new Stream(here.services, exchangeMetadata(route));
  const { path = "/v1/chat/completions", model = "gpt-4o" } = more;
  const fields = { ":method": "POST", ":path": path, "content-type": "application/json" };
  const [early] = await stream.say("request_headers", {
    headers: headers({ ...fields, "x-app-id": "crm", "x-user-id": "ada" }),
  });
  const body = Buffer.from(JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }));
  // Who is held back is not read.
  const isRead = early?.kind !== "immediate";
  const [reply] = isRead ? await stream.say("request_body", { body, endOfStream: true }) : [early];
  if (reply?.kind !== "immediate") {
    await answerWhole(stream, 200, answer);
    stream.close();
    return undefined;
  }
  stream.close();
  return {
    status: reply.status,
    headers: new Map(reply.headers?.set),
    body: JSON.parse(Buffer.from(reply.body ?? []).toString("utf8")),
  };
}

/** So long that it is known. */
async function getKnown(here: ReturnType<typeof place>, route: JsonObject): Promise<void> {
  for (let minute = 0; minute < 40; minute++) {
    here.clock.nowMs += 60_000;
    expect(await call(here, route)).toBeUndefined();
  }
}

it("an application that runs away is told of, held back in its own dialect, and let on", async () => {
  const server = await receiver();
  const here = place(undefined, server.url);
  await here.watch.start();
  await getKnown(here, enforcing);
  here.clock.nowMs += 60_000;
  const results = [];
  for (let n = 0; n < 100; n++) results.push(await call(here, enforcing));
  expect(results.findIndex((result) => result !== undefined)).toBe(61);
  expect(results.at(-1)).toMatchObject({
    status: 429,
    body: { error: { type: "rate_limit_error", code: "anomaly_brake" } },
  });
  expect(results.at(-1)?.headers.get("retry-after")).toBe("300");
  expect(results.at(-1)?.headers.get("x-tollgate-reason")).toBe("anomaly_brake");

  here.clock.nowMs += 300_000;
  expect(await call(here, enforcing)).toBeUndefined();
  await here.watch.close();
  await server.stop();

  const told = here.lines.map(({ msg, kind, subject }) => `${msg}: ${kind} of ${subject}`);
  const both = (what: string) => [`${what}: rate of app`, `${what}: rate of user`];
  expect(told).toEqual([...both("anomaly begins"), ...both("anomaly ends")]);
  expect(here.lines[1]).toMatchObject({
    ...{ level: "warn", anomaly_id: "anomaly-2", mode: "enforce", tenant: "default", app: "crm" },
    ...{ interval: "minute", unit: "requests", observed: 61, factor: 10 },
    // printf %s ada | sha256sum | cut -c1-12
    user_hash: "fdee430d40bd",
  });
  expect(JSON.stringify(here.lines)).not.toContain('"ada"');
  expect(JSON.stringify(here.lines)).not.toContain("secret-token");
  expect(server.bodies.map(({ id, phase }) => `${id} ${phase}`)).toEqual([
    ...["anomaly-1 begin", "anomaly-2 begin", "anomaly-1 end", "anomaly-2 end"],
  ]);
  expect(await here.samples("tollgate_anomalies_total")).toEqual([
    'tollgate_anomalies_total{kind="rate",phase="begin"} 2',
    'tollgate_anomalies_total{kind="rate",phase="end"} 2',
  ]);
  expect(await here.samples("tollgate_anomalies_under_way")).toEqual([
    'tollgate_anomalies_under_way{kind="rate"} 0',
  ]);
  expect(await here.samples("tollgate_anomaly_braked")).toEqual([
    "tollgate_anomaly_braked_exchanges_total 39",
  ]);
  expect(await here.samples("tollgate_anomaly_webhooks_total")).toEqual([
    'tollgate_anomaly_webhooks_total{result="delivered"} 4',
  ]);
  expect(here.notices).toEqual([]);
});

it("a client of another dialect is refused in its own", async () => {
  const here = place();
  await getKnown(here, enforcing);
  here.clock.nowMs += 60_000;
  for (let n = 0; n < 62; n++) await call(here, enforcing);
  expect((await call(here, enforcing, { path: "/v1/messages" }))?.body).toMatchObject({
    type: "error",
    error: { type: "rate_limit_error" },
  });
});

it("where it is only observed, nobody is refused", async () => {
  const here = place();
  const observing = policy({ kinds: ["rate"], warm_up: "1m", brake: { for: "5m" } });
  await getKnown(here, observing);
  here.clock.nowMs += 60_000;
  for (let n = 0; n < 100; n++) expect(await call(here, observing)).toBeUndefined();
  expect(here.lines.map(({ msg, mode }) => `${msg}: ${mode}`)).toEqual([
    ...["anomaly begins: observe", "anomaly begins: observe"],
  ]);
});

it("on a route that asks for nothing, nobody is watched", async () => {
  const here = place();
  const plain: JsonObject = { targets: { openai: { provider: "openai" } } };
  for (let n = 0; n < 200; n++) await call(here, plain);
  await here.watch.close();
  expect(existsSync(join(here.dataDir, "anomalies"))).toBe(false);
});

it("errors that stand before every target count as well", async () => {
  const here = place();
  await getKnown(here, enforcing);
  here.clock.nowMs += 60_000;
  const statuses = [];
  for (let n = 0; n < 30; n++) statuses.push((await call(here, enforcing, { model: "gpt-5" }))?.status);
  expect(statuses).toEqual([...Array<number>(21).fill(404), ...Array<number>(9).fill(429)]);
  expect(here.lines.map(({ kind, observed }) => [kind, observed])).toEqual([
    ["errors", 21],
    ["errors", 21],
  ]);
});

describe("from one process to the next", () => {
  it("what is usual is kept, and what is under way", async () => {
    const first = place();
    await first.watch.start();
    await getKnown(first, enforcing);
    first.clock.nowMs += 60_000;
    for (let n = 0; n < 62; n++) await call(first, enforcing);
    await first.watch.close();

    const second = place(first.dataDir);
    second.clock.nowMs = first.clock.nowMs + 1_000;
    await second.watch.start();
    expect(await second.samples("tollgate_anomalies_under_way")).toEqual([
      'tollgate_anomalies_under_way{kind="rate"} 2',
    ]);
    expect(await call(second, enforcing)).toMatchObject({ status: 429 });
    second.clock.nowMs += 300_000;
    for (let n = 0; n < 62; n++) await call(second, enforcing);
    expect(second.lines.map(({ msg }) => msg)).toEqual([
      ...["anomaly ends", "anomaly ends", "anomaly begins", "anomaly begins"],
    ]);
    await second.watch.close();
  });

  it("a file that cannot be read is set aside with a word, and all begins anew", async () => {
    const first = place();
    await getKnown(first, enforcing);
    await first.watch.close();
    const path = join(first.dataDir, "anomalies", "0.jsonl");
    writeFileSync(path, "{}\nhello");

    const second = place(first.dataDir);
    await second.watch.start();
    expect(second.lines).toMatchObject([
      {
        level: "error",
        msg: "anomaly baselines unreadable, set aside",
        path,
        problem: "its first line is none of this version's",
      },
    ]);
    expect(readFileSync(`${path}.unreadable`, "utf8")).toBe("{}\nhello");
    await call(second, enforcing);
    await second.watch.close();
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(4);
  });

  it("a directory that cannot be written is told of, and nothing else happens", async () => {
    const blocked = join(folder, "blocked");
    writeFileSync(blocked, "");
    const here = place(blocked);
    await here.watch.start();
    await call(here, enforcing);
    await here.watch.close();
    expect(here.lines.map(({ msg }) => msg)).toEqual(["anomaly baselines not written"]);
  });
});
