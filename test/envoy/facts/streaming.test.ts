import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { event, type Piece, stream } from "../harness/upstream-answers.ts";
import { completion, completionPieces, messagePieces, paced } from "./answers.ts";
import { accessOf, chat, exchangeOf, hostPolicy, messages, routePolicy } from "./calls.ts";

// Answers as they flow: event by event, headers held no longer than needed (fact 11, decision 1).

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: hostPolicy,
    routePolicy,
  });
});

afterAll(() => running?.stop());

const words = ["one", " two", " three", " four", " five", " six"];

const pairs = [
  { client: "openai-chat", call: chat, target: "openai" },
  { client: "openai-chat", call: chat, target: "claude" },
  { client: "anthropic", call: messages, target: "claude" },
  { client: "anthropic", call: messages, target: "openai" },
] as const;

const piecesOf = (target: string): string[] =>
  target === "openai" ? completionPieces(words) : messagePieces(words);

/** What of it is prose, in whichever dialect. */
function proseOf(text: string): string {
  const content = [...text.matchAll(/"(?:content|text)":"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]);
  return content.join("");
}

interface Arrival {
  readonly text: string;
  readonly ms: number;
}

async function arrivals(response: Response): Promise<Arrival[]> {
  const began = performance.now();
  const seen: Arrival[] = [];
  for await (const chunk of response.body ?? []) {
    seen.push({ text: Buffer.from(chunk).toString(), ms: performance.now() - began });
  }
  return seen;
}

describe.each(pairs)("$client from $target", ({ client, call, target }) => {
  test("each event comes when it comes", async () => {
    running.upstream(target).respondWith([stream(paced(piecesOf(target), 40))]);
    const response = await call(running, `${target}-paced-${client}`, { stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const seen = await arrivals(response);
    const whole = seen.map(({ text }) => text).join("");
    expect(proseOf(whole)).toBe(words.join(""));
    expect(whole).toContain(client === "anthropic" ? "message_stop" : "data: [DONE]");
    const withWords = seen.filter(({ text }) => proseOf(text) !== "");
    expect(withWords.length).toBeGreaterThanOrEqual(words.length - 1);
    expect((withWords.at(-1)?.ms ?? 0) - (withWords[0]?.ms ?? 0)).toBeGreaterThan(40 * (words.length - 2));
  });

  test("bytes cut anywhere make the same stream", async () => {
    const whole = Buffer.from(piecesOf(target).join(""));
    const cut = Array.from({ length: Math.ceil(whole.length / 7) }, (_, n) =>
      whole.subarray(n * 7, n * 7 + 7),
    );
    running.upstream(target).respondWith([stream(cut)]);
    const response = await call(running, `${target}-cut-${client}`, { stream: true });
    expect(proseOf(await response.text())).toBe(words.join(""));
  });

  test("a stream that ends before its end tells the client so", async () => {
    running.upstream(target).respondWith([stream(piecesOf(target).slice(0, 5))]);
    const model = `${target}-short-${client}`;
    const response = await call(running, model, { stream: true });
    const text = await response.text().catch(() => "cut");
    expect(text).not.toContain(client === "anthropic" ? "message_stop" : "[DONE]");
    expect(await exchangeOf(running, model)).toMatchObject({ outcome: "failed", tokens_estimated: true });
  });
});

// All at once: Envoy takes a second to close the client's connection.
test("a stream that breaks off does not look complete, and is settled by estimate", async () => {
  for (const target of ["openai", "claude"]) {
    const pieces = [...piecesOf(target).slice(0, 5), { waitMs: 30 }];
    running.upstream(target).respondWith(() => stream(pieces, { end: "reset" }));
  }
  await Promise.all(
    pairs.map(async ({ client, call, target }) => {
      const model = `${target}-broken-${client}`;
      const response = await call(running, model, { stream: true });
      await expect(response.text()).rejects.toThrow();
      const line = await exchangeOf(running, model);
      expect(line).toMatchObject({ outcome: "cancelled", tokens_estimated: true });
      expect(line["output_tokens"]).toBeGreaterThan(0);
    }),
  );
});

test.each(pairs)("an error in the first event is a status: $client from $target", async (pair) => {
  const { client, call, target } = pair;
  const overloaded: Piece =
    target === "openai"
      ? event({ error: { message: "too busy", type: "server_error", code: "rate_limit_exceeded" } })
      : event({ type: "error", error: { type: "overloaded_error", message: "too busy" } }, "error");
  running.upstream(target).respondWith([stream([overloaded])]);
  const response = await call(running, `${target}-first-${client}`, { stream: true });
  expect(response.status).toBe(target === "openai" ? 429 : 529);
  expect(await response.json()).toMatchObject({ error: { message: "too busy" } });
});

test("a stream that breaks off before its first event is an error with a status", async () => {
  running.upstream("openai").respondWith([stream([{ waitMs: 20 }], { end: "reset" })]);
  const response = await chat(running, "openai-nothing", { stream: true });
  expect(response.status).toBeGreaterThanOrEqual(500);
  expect(await exchangeOf(running, "openai-nothing")).toMatchObject({ outcome: "cancelled" });
});

test("the headers of a whole answer wait for its end and carry its cost", async () => {
  running.upstream("openai").respondWith([completion("hi")]);
  const response = await chat(running, "openai-whole");
  expect(response.headers.get("x-tollgate-cost")).toMatch(/^0\.\d{9}$/);
  expect(await accessOf(running, "openai-whole")).toMatchObject({ status: 200, details: "via_upstream" });
});

test("a client that reads slowly gets everything", async () => {
  const many = Array.from({ length: 4_000 }, (_, n) => ` word${n} ${"x".repeat(400)}`);
  running.upstream("openai").respondWith([stream([completionPieces(many).join("")])]);
  const response = await chat(running, "openai-slow", { stream: true });
  let size = 0;
  let last = "";
  for await (const chunk of response.body ?? []) {
    if (size === 0) await new Promise((resolve) => setTimeout(resolve, 300));
    size += chunk.length;
    last = Buffer.from(chunk).toString().slice(-20);
  }
  expect(size).toBeGreaterThan(1_600_000);
  expect(last).toContain("[DONE]");
});
