import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { whole } from "./answers.ts";
import { badLines, type Client, pairs, type Stage, secret, stage } from "./stage.ts";

// Bodies of eight megabytes, and the JSON that costs most for its size. Every one is answered, and the event loop
// is never held for long: neither by what is large nor by what is hostile.

const MIB = 1024 * 1024;
const maxHeldMs = 50;
let running: Stage;

beforeAll(async () => {
  running = await stage();
  for (const target of ["openai", "claude"] as const) {
    running.upstream(target).respondWith(() => whole(target, "fine"));
  }
  // What is compiled and loaded once is not what is measured.
  for (const [client, target] of pairs) {
    const warm = body(target, messages(textOf("warm ".repeat(100_000))));
    for (let i = 0; i < 3; i++) await (await running.call(client, warm)).arrayBuffer();
  }
});

afterAll(async () => {
  await running?.stop();
});

beforeEach(async () => {
  await running.vitals();
});

/** Both dialects read this. */
function body(target: string, messagesText: string, more = ""): string {
  return `{"model":"to-${target}","max_tokens":9,"messages":${messagesText}${more}}`;
}
const messages = (content: string) => `[{"role":"user","content":${content}}]`;
const textOf = (text: string) => JSON.stringify(text);

function repeated(unit: string, sizeBytes: number): string {
  return unit.repeat(Math.floor(sizeBytes / unit.length));
}

const picture = Buffer.alloc(5.9 * MIB, 7).toString("base64");

function image(client: Client): string {
  const text = `{"type":"text","text":"${secret}"}`;
  return client === "openai"
    ? messages(`[${text},{"type":"image_url","image_url":{"url":"data:image/png;base64,${picture}"}}]`)
    : messages(
        `[${text},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${picture}"}}]`,
      );
}

function manyMessages(count: number): string {
  const turns = Array.from(
    { length: count },
    (_, index) =>
      `{"role":"${index % 2 === 0 ? "user" : "assistant"}","content":"message ${index} of ${count}"}`,
  );
  return `[${turns.slice(0, -1).join(",")},{"role":"user","content":"the last"}]`;
}

function tools(client: Client): string {
  const properties = Array.from({ length: 100_000 }, (_, i) => `"p${i}":{"type":"string","description":"d"}`);
  const schema = `{"type":"object","properties":{${properties.join(",")}}}`;
  return client === "openai"
    ? `,"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]`
    : `,"tools":[{"name":"f","input_schema":${schema}}]`;
}

/** Deep, but not deeper than allowed. */
function deepTools(client: Client): string {
  const levels = 90;
  const schema = `${'{"type":"object","properties":{"p":'.repeat(levels)}{"type":"string"}${"}}".repeat(levels)}`;
  return client === "openai"
    ? `,"tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}]`
    : `,"tools":[{"name":"f","input_schema":${schema}}]`;
}

describe.each(pairs)("%s → %s", (client, target) => {
  const translated = client === "openai" ? target !== "openai" : target !== "claude";

  /** Sends it; the status, and for how long the event loop was held meanwhile. */
  async function sent(text: string | Uint8Array) {
    const response = await running.call(client, text);
    const answer = await response.text();
    const { heldMs } = await running.vitals();
    return { status: response.status, answer, heldMs };
  }

  test.each<[name: string, body: () => string]>([
    ["an image of 8 MB", () => body(target, image(client))],
    ["8 MB of text", () => body(target, messages(textOf(repeated("lorem ipsum ", 8 * MIB))))],
    ["8 MB of characters of many bytes", () => body(target, messages(textOf(repeated("日本é ", 4 * MIB))))],
    ["8 MB of quotes and backslashes", () => body(target, messages(textOf(repeated('\\"', 4 * MIB))))],
    [
      "8 MB of escaped control characters",
      () => body(target, messages(textOf(repeated("\u0001", 1.3 * MIB)))),
    ],
    ["1 MB of one token", () => body(target, messages(textOf("a".repeat(MIB))))],
    ["100,000 messages", () => body(target, manyMessages(100_000))],
    ["a tool with 100,000 properties", () => body(target, messages('"x"'), tools(client))],
    ["a tool with deep properties", () => body(target, messages('"x"'), deepTools(client))],
  ])("takes %s", async (_name, text) => {
    const { status, answer, heldMs } = await sent(text());
    expect([status, answer.slice(0, 300)]).toEqual([200, expect.stringContaining("fine")]);
    expect(heldMs).toBeLessThan(maxHeldMs);
  });

  test.each<[name: string, body: () => string, says: RegExp]>([
    ["8 MB of opening brackets", () => body(target, repeated("[", 8 * MIB)), /nested deeper than 512/],
    ["8 MB of opening braces", () => body(target, repeated('{"a":', 8 * MIB)), /nested deeper than 512/],
    ["a string of 8 MB that does not end", () => `{"model":"${repeated("a", 8 * MIB)}`, /not closed/],
    ["8 MB of white space", () => " ".repeat(8 * MIB), /must be a JSON object/],
    ["8 MB of members", () => `{${repeated('"a":1,', 8 * MIB)}"a":1}`, /more than 4096 members/],
    ["a model of 8 MB", () => `{"model":"${repeated("a", 8 * MIB)}","messages":[]}`, /larger than/],
    [
      "a model that is 8 MB of lists",
      () => `{"model":[${repeated("[],", 8 * MIB)}[]],"messages":[]}`,
      /larger than/,
    ],
    [
      "a limit of 8 MB of digits",
      () => body(target, "[]", `,"max_tokens":${repeated("9", 8 * MIB)}`),
      /larger than/,
    ],
  ])("refuses %s", async (_name, text, says) => {
    const { status, answer, heldMs } = await sent(text());
    expect(status).toBe(400);
    expect(answer.slice(0, 1000)).toMatch(says);
    expect(heldMs).toBeLessThan(maxHeldMs);
  });

  test("takes or refuses 8 MB of empty lists, as its dialects must", async () => {
    const { status, heldMs } = await sent(body(target, `[${repeated("[],", 8 * MIB)}[]]`));
    expect(status).toBe(translated ? 400 : 200);
    expect(heldMs).toBeLessThan(maxHeldMs);
  });

  test("takes 8 MB that have to be parsed although the dialects are the same", async () => {
    const thinking =
      client === "openai"
        ? '{"role":"assistant","content":"y","thinking_blocks":[{"type":"thinking","thinking":"z","signature":"s"}]}'
        : '{"role":"assistant","content":[{"type":"thinking","thinking":"z","signature":"tollgate:openai-chat:s"},{"type":"text","text":"y"}]}';
    const turns = `[{"role":"user","content":"x"},${thinking},{"role":"user","content":${textOf(repeated("lorem ", 8 * MIB))}}]`;
    const { status, heldMs } = await sent(body(target, turns));
    expect(status).toBe(200);
    expect(heldMs).toBeLessThan(maxHeldMs);
  });
});

test("several large bodies at once hold up neither each other nor a small call", async () => {
  const text = body("claude", manyMessages(60_000));
  const large = Array.from({ length: 4 }, () => running.call("openai", text));
  const small = await running.call("openai", body("claude", messages('"small"')));
  expect(small.status).toBe(200);
  expect((await Promise.all(large)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await running.vitals()).heldMs).toBeLessThan(maxHeldMs);
});

test("fails over with 8 MB, and the second provider gets the client's own body in its dialect", async () => {
  running.upstream("claude").respondWith(() => whole("claude", "not now", 529));
  const before = running.upstream("openai").requests.length;
  const response = await running.call("anthropic", body("claude-then-openai", image("anthropic")));
  expect([response.status, response.headers.get("x-tollgate-attempts")]).toEqual([
    200,
    "claude;529, openai;200",
  ]);
  const sent = running.upstream("openai").requests[before]?.body.toString("utf8") ?? "";
  expect(sent).toContain(`data:image/png;base64,${picture.slice(0, 100)}`);
  expect((await running.vitals()).heldMs).toBeLessThan(maxHeldMs);
});

test("nothing of it reached the log, and no exchange is left", async () => {
  expect(badLines(running)).toEqual([]);
  await expect.poll(() => running.metric("tollgate_inflight_exchanges")).toBe(0);
});
