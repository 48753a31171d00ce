import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { stream } from "../harness/upstream-answers.ts";
import { events, whole } from "./answers.ts";
import { badLines, pairs, type Stage, secret, stage } from "./stage.ts";

// Answers of eight megabytes, whole and streamed, and streams of twenty: passed on or translated, never holding the
// event loop for long.

const MIB = 1024 * 1024;
const maxHeldMs = 50;
let running: Stage;

beforeAll(async () => {
  running = await stage();
  for (const [client, target] of pairs) {
    running.upstream(target).respondWith(() => whole(target, "warm ".repeat(200_000)));
    for (let i = 0; i < 3; i++) await (await ask(client, target)).arrayBuffer();
    const warm = events(target, Array(200).fill("warm "));
    running.upstream(target).respondWith(() => stream(warm));
    await (await ask(client, target, true)).arrayBuffer();
  }
});

afterAll(async () => {
  await running?.stop();
});

beforeEach(async () => {
  await running.vitals();
});

function ask(client: (typeof pairs)[number][0], target: string, streamed = false): Promise<Response> {
  const body = {
    model: `to-${target}`,
    max_tokens: 9,
    stream: streamed,
    messages: [{ role: "user", content: secret }],
  };
  return running.call(client, JSON.stringify(body));
}

function repeated(unit: string, sizeBytes: number): string {
  return unit.repeat(Math.floor(sizeBytes / unit.length));
}

const last = (text: string) => text.slice(-400);

describe.each(pairs)("%s ← %s", (client, target) => {
  test.each<[name: string, text: () => string]>([
    ["8 MB of text", () => repeated("lorem ipsum ", 8 * MIB)],
    ["8 MB of characters of many bytes", () => repeated("日本é ", 4 * MIB)],
    ["8 MB of quotes and backslashes", () => repeated('\\"', 4 * MIB)],
    ["1 MB of one token", () => "a".repeat(MIB)],
  ])("gives a whole answer of %s", async (_name, text) => {
    running.upstream(target).respondWith(() => whole(target, text()));
    const response = await ask(client, target);
    const body = (await response.json()) as {
      choices?: Array<{ message: { content: string } }>;
      content?: Array<{ text: string }>;
    };
    const { heldMs } = await running.vitals();
    expect([response.status, response.headers.get("x-tollgate-cost")]).toEqual([200, expect.any(String)]);
    const given = body.choices?.[0]?.message.content ?? body.content?.[0]?.text;
    expect(given === text()).toBe(true);
    expect(heldMs).toBeLessThan(maxHeldMs);
  });

  test.each<[name: string, sizeBytes: number, perEvent: number]>([
    ["20 MB in events of 1 MB", 20 * MIB, MIB],
    ["8 MB in events of 4 kB", 8 * MIB, 4096],
    ["3 MB in one event", 3 * MIB, 3 * MIB],
  ])("streams %s", async (_name, sizeBytes, perEvent) => {
    const deltas = Array.from({ length: sizeBytes / perEvent }, () => "x".repeat(perEvent));
    const pieces = [Buffer.from(events(target, deltas).join(""))];
    running.upstream(target).respondWith(() => stream(pieces));
    const response = await ask(client, target, true);
    const body = await response.text();
    const { heldMs } = await running.vitals();
    expect(response.status).toBe(200);
    expect(body.length).toBeGreaterThan(sizeBytes);
    expect(last(body)).toContain(client === "openai" ? "data: [DONE]" : "event: message_stop");
    expect(heldMs).toBeLessThan(maxHeldMs);
  });

  test("streams in chunks of one byte", async () => {
    const bytes = Buffer.from(events(target, ["日本", "é", "🎉"]).join(""));
    const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
    running.upstream(target).respondWith(() => stream(pieces));
    const body = await (await ask(client, target, true)).text();
    expect([/日本/.test(body), /é/.test(body), /🎉/.test(body)]).toEqual([true, true, true]);
    expect(last(body)).toContain(client === "openai" ? "data: [DONE]" : "event: message_stop");
  });

  const same = (client === "openai") === (target === "openai");
  test(`${same ? "passes" : "refuses"} a stream with one event that is larger than may be held`, async () => {
    const all = events(target, ["x".repeat(17 * MIB)]).join("");
    running.upstream(target).respondWith(() => stream([Buffer.from(all)]));
    const response = await ask(client, target, true);
    const body = await response.text();
    const { heldMs } = await running.vitals();
    if (same) expect([response.status, body.length >= 17 * MIB]).toEqual([200, true]);
    else expect(last(body)).toMatch(/larger than/);
    expect(heldMs).toBeLessThan(maxHeldMs);
  });
});

test("nothing of it reached the log, and no exchange is left", async () => {
  expect(badLines(running)).toEqual([]);
  await expect.poll(() => running.metric("tollgate_inflight_exchanges")).toBe(0);
});
