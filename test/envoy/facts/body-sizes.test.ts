import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { bytes } from "../harness/upstream-answers.ts";
import { completion, failing, message } from "./answers.ts";
import { at, chat, chatBody, exchangeOf, hostPolicy, messages, routePolicy } from "./calls.ts";

// Sizes (facts 10 and 11): what is allowed passes whole, what is not is a 413 that an SDK understands.

const MIB = 1024 * 1024;
let running: RunningGateway;
let narrow: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: hostPolicy,
    routePolicy,
  });
  narrow = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: hostPolicy,
    routePolicy,
    setup: { bodyLimitBytes: MIB },
    tollgate: { TOLLGATE_MAX_BODY_BYTES: String(MIB / 2) },
  });
});

afterAll(async () => {
  await running?.stop();
  await narrow?.stop();
});

/** Not one character over and over: what is cut, doubled or shuffled shall show. */
function prose(sizeBytes: number): string {
  const line = (index: number): string => `${index.toString(36).padStart(6, "0")} wörds ✓\n`;
  const perLine = Buffer.byteLength(line(0));
  return Array.from({ length: Math.floor(sizeBytes / perLine) }, (_, index) => line(index)).join("");
}

const eight = prose(8 * MIB);

test("8 MB fail over from OpenAI to Anthropic and come back whole", async () => {
  running.upstream("openai").respondWith([failing(503)]);
  running.upstream("claude").respondWith([message(eight)]);
  const response = await chat(running, "both-eight", { prompt: eight });
  expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503, claude;200");
  const body: unknown = await response.json();
  expect(at(body, "choices", 0, "message", "content") === eight).toBe(true);
  const openai = running.upstream("openai").requests.at(-1)?.json();
  expect(at(openai, "messages", 0, "content") === eight).toBe(true);
  const claude = running.upstream("claude").requests.at(-1)?.json();
  const content = at(claude, "messages", 0, "content");
  expect((typeof content === "string" ? content : at(content, 0, "text")) === eight).toBe(true);
});

test("8 MB fail over from Anthropic to OpenAI, three times around", async () => {
  running.upstream("claude").respondWith([failing(503), failing(503)]);
  running.upstream("openai").respondWith([failing(503), completion(eight)]);
  const response = await messages(running, "reverse-eight", { prompt: eight });
  expect(response.headers.get("x-tollgate-attempts")).toBe("claude;503, openai;503, claude;503, openai;200");
  expect(at(await response.json(), "content", 0, "text") === eight).toBe(true);
  const [first, third] = running.upstream("claude").requests.slice(-2);
  expect(third?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
});

test("an answer of 12 MB in the client's own dialect passes", async () => {
  const large = prose(12 * MIB);
  running.upstream("openai").respondWith([completion(large)]);
  const body: unknown = await (await chat(running, "openai-large")).json();
  expect(at(body, "choices", 0, "message", "content") === large).toBe(true);
});

const tooLarge = [
  { dialect: "openai-chat", call: chat, shape: { error: { code: "request_too_large", param: null } } },
  { dialect: "anthropic", call: messages, shape: { type: "error", error: { type: "request_too_large" } } },
] as const;

test.each(tooLarge)("over Tollgate's limit: 413 for an $dialect client", async ({ dialect, call, shape }) => {
  const response = await call(narrow, `both-limit-${dialect}`, { prompt: prose(0.7 * MIB) });
  expect([response.status, response.headers.get("x-tollgate-reason")]).toEqual([413, "body_too_large"]);
  expect(await response.json()).toMatchObject(shape);
});

test.each(tooLarge)("over Envoy's limit, chunked: 413 for an $dialect client", async ({ dialect, shape }) => {
  const path = dialect === "anthropic" ? "/v1/messages" : "/v1/chat/completions";
  const answer = await chunked(path, JSON.stringify(chatBody("both-envoy", { prompt: prose(3 * MIB) })));
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toMatchObject(shape);
});

test("a chunked body between the two limits is refused by Tollgate", async () => {
  const body = JSON.stringify(chatBody("both-between", { prompt: prose(0.7 * MIB) }));
  const answer = await chunked("/v1/chat/completions", body);
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.body)).toMatchObject(tooLarge[0].shape);
});

test("an answer over the limit is a bad gateway, not half an answer", async () => {
  narrow.upstream("openai").respondWith([bytes(prose(MIB), 200, { "content-type": "application/json" })]);
  const response = await chat(narrow, "openai-over");
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ error: { code: "bad_gateway" } });
  expect(await exchangeOf(narrow, "openai-over")).toMatchObject({ outcome: "failed", status: 502 });
});

/** Without a content-length, so that only reading tells the size. An answer may come before the end. */
function chunked(path: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(`${narrow.url}${path}`, { method: "POST" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        call.destroy();
      });
    });
    call.on("error", reject);
    for (let start = 0; start < body.length; start += 100_000) call.write(body.slice(start, start + 100_000));
    call.end();
  });
}
