import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { bytes, json } from "../harness/upstream-answers.ts";
import { failing } from "./answers.ts";
import { at } from "./calls.ts";

// A call that names no model goes where the policy says: the target is chosen when only the headers are known, and the
// body goes past Tollgate, whatever its size.

let running: RunningGateway;
let sink: Server;
/** What the sink has got so far of the upload under way. */
let received = 0;

const megabyte = 1024 * 1024;
const keys = { openai: "key-of-openai", vendor: "key-of-vendor" } as const;
const bearer = (value: string) =>
  ({ header: "authorization", prefix: "Bearer ", secret: { from: "value", value } }) as const;

beforeAll(async () => {
  sink = createServer((request, response) => {
    received = 0;
    request.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    request.on("end", () => response.end(JSON.stringify({ bytes: received })));
  });
  sink.listen(0, "127.0.0.1");
  await once(sink, "listening");
  running = await gateway({
    clusters: [
      // Where calls would go that nobody chose a target for.
      { name: "elsewhere" },
      { name: "openai", credential: bearer(keys.openai) },
      { name: "vendor", credential: bearer(keys.vendor) },
      { name: "sink", address: `127.0.0.1:${(sink.address() as AddressInfo).port}` },
      { name: "nobody", address: "127.0.0.1:1" },
    ],
    setup: { bodyLimitBytes: megabyte },
    tollgate: { TOLLGATE_MAX_BODY_BYTES: String(megabyte) },
    policy: {
      targets: {
        openai: { provider: "openai" },
        vendor: { provider: "groq" },
        sink: { provider: "openai-compatible" },
        nobody: { provider: "openai" },
      },
      models: { "gpt-*": { targets: [{ cluster: "openai" }] } },
    },
    routePolicy: {
      calls: {
        "/v1/files*": { cluster: "openai" },
        "/v1/batches*": { cluster: "openai" },
        "/v1/uploads*": { cluster: "sink" },
        "/v1/vector_stores*": { cluster: "vendor" },
        "/v1/evals*": { cluster: "nobody" },
      },
    },
  });
});

afterAll(async () => {
  await running?.stop();
  sink?.closeAllConnections();
  sink?.close();
});

function sdk(): OpenAI {
  return new OpenAI({ apiKey: "key-of-the-client", baseURL: `${running.url}/v1`, maxRetries: 0 });
}

const last = (name: string) => running.upstream(name).requests.at(-1);
const called = (name: string) => running.upstream(name).requests.length;

/** As it is written: no client library tidies the path. */
async function rawGet(path: string): Promise<{ status: number; body: JsonObject; reason: unknown }> {
  const request = httpRequest(`${running.url}/`, { path });
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
  return { status: response.statusCode ?? 0, body, reason: response.headers["x-tollgate-reason"] };
}

const file = { id: "file-1", object: "file", bytes: 3, created_at: 1, filename: "a.jsonl", purpose: "batch" };
const batch = { id: "batch_1", object: "batch", status: "validating", endpoint: "/v1/chat/completions" };

describe("the OpenAI SDK", () => {
  test("uploads a file as a form, with Envoy's key and not its own", async () => {
    running.upstream("openai").respondWith([json(file)]);
    const line = `${JSON.stringify({ custom_id: "1", method: "POST" })}\n`;
    const uploaded = await sdk().files.create({
      file: await toFile(Buffer.from(line), "a.jsonl"),
      purpose: "batch",
    });
    expect(uploaded.id).toBe("file-1");
    const sent = last("openai");
    expect([sent?.method, sent?.path, sent?.headers.host]).toEqual(["POST", "/v1/files", "openai.test"]);
    expect(sent?.headers.authorization).toBe(`Bearer ${keys.openai}`);
    expect(sent?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(sent?.body.toString()).toContain(line);
    expect(JSON.stringify(sent?.headers)).not.toMatch(/key-of-the-client|x-tollgate-|x-envoy-/);
  });

  test("lists files by a query", async () => {
    running.upstream("openai").respondWith([json({ object: "list", data: [file], has_more: false })]);
    const files = await sdk().files.list({ purpose: "batch", limit: 5 });
    expect(files.data.map(({ id }) => id)).toEqual(["file-1"]);
    expect(last("openai")?.path).toBe("/v1/files?purpose=batch&limit=5");
  });

  test("makes a batch and looks after it, without paying for each look", async () => {
    const usage = { input_tokens: 1_000_000, output_tokens: 1_000_000, total_tokens: 2_000_000 };
    running
      .upstream("openai")
      .respondWith([json(batch), json({ ...batch, status: "completed", output_file_id: "file-2", usage })]);
    const made = await sdk().batches.create({
      input_file_id: "file-1",
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
    });
    expect(made.status).toBe("validating");
    expect(last("openai")?.json()).toMatchObject({ input_file_id: "file-1" });
    const { data, response } = await sdk().batches.retrieve("batch_1").withResponse();
    expect(data.output_file_id).toBe("file-2");
    expect(last("openai")?.path).toBe("/v1/batches/batch_1");
    expect(response.headers.get("x-tollgate-target")).toBe("openai");
    expect(response.headers.get("x-tollgate-cost")).toBeNull();
  });

  test("fetches the bytes of a file", async () => {
    const content = Buffer.from(Array.from({ length: 3 * megabyte }, (_, index) => index % 251));
    running
      .upstream("openai")
      .respondWith([bytes(content, 200, { "content-type": "application/octet-stream" })]);
    const response = await sdk().files.content("file-2");
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
    expect(last("openai")?.path).toBe("/v1/files/file-2/content");
  });

  test("gets the provider's own errors", async () => {
    running
      .upstream("openai")
      .respondWith([
        json({ error: { message: "No such File object: file-9", type: "x", param: "id" } }, 404),
      ]);
    await expect(sdk().files.retrieve("file-9")).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining("No such File object"),
    });
  });

  test("finds a vendor's base path in place of its own", async () => {
    running.upstream("vendor").respondWith([json({ id: "vs_1", object: "vector_store" })]);
    await sdk().vectorStores.retrieve("vs_1");
    expect([last("vendor")?.path, last("vendor")?.headers.authorization]).toEqual([
      "/openai/v1/vector_stores/vs_1",
      `Bearer ${keys.vendor}`,
    ]);
  });

  test("is told in its own words that nobody can be reached", async () => {
    await expect(sdk().evals.retrieve("eval_1")).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    const { status, body } = await rawGet("/v1/evals/eval_1");
    expect(status).toBe(503);
    expect(body).toMatchObject({ error: { message: "no target could be reached", code: "unavailable" } });
    expect(await recorded({ cluster: "nobody" })).toMatchObject({ outcome: "local-reply", status: 503 });
  });
});

function recorded(fields: JsonObject): Promise<JsonObject> {
  return running.tollgate.log.find(
    (line) =>
      line["operation"] === "pass" && Object.entries(fields).every(([name, value]) => line[name] === value),
  );
}

describe("a body", () => {
  // What comes before Tollgate has answered the headers waits in Envoy, within its limit of a megabyte here.
  test.each([
    ["of known length", { "content-length": String(48 * megabyte) }],
    ["of unknown length", {}],
  ])("%s goes past as it comes, while the client is still sending", async (_, headers) => {
    received = 0;
    const request = httpRequest(`${running.url}/v1/uploads/upload_1/parts`, { method: "POST", headers });
    const answered = once(request, "response") as Promise<[IncomingMessage]>;
    const reached = once(sink, "request");
    request.flushHeaders();
    await reached;
    const piece = Buffer.alloc(megabyte, 7);
    const write = async (count: number) => {
      for (let n = 0; n < count; n++) if (!request.write(piece)) await once(request, "drain");
    };
    await write(40);
    await expect.poll(() => received).toBeGreaterThan(30 * megabyte);
    await write(8);
    request.end();
    const [response] = await answered;
    const text = (await response.toArray()).join("");
    expect([response.statusCode, JSON.parse(text)]).toEqual([200, { bytes: 48 * megabyte }]);
  });
});

describe("when a target fails", () => {
  test("what only reads is tried again, with the same target's key", async () => {
    running.upstream("openai").respondWith([failing(503), json(file)]);
    const before = called("openai");
    const { response } = await sdk().files.retrieve("file-1").withResponse();
    expect(response.status).toBe(200);
    const [first, second] = running.upstream("openai").requests.slice(before);
    expect(second?.path).toBe("/v1/files/file-1");
    expect([first, second].map((sent) => sent?.headers.authorization)).toEqual([
      `Bearer ${keys.openai}`,
      `Bearer ${keys.openai}`,
    ]);
    expect(JSON.stringify(second?.headers)).not.toMatch(/x-tollgate-|x-envoy-/);
    expect(await recorded({ attempts: 2 })).toMatchObject({ outcome: "finished", status: 200 });
  });

  test("what makes something is not", async () => {
    running.upstream("openai").respondWith([failing(503), json(batch)]);
    const before = called("openai");
    const made = sdk().batches.create({
      input_file_id: "file-1",
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
    });
    await expect(made).rejects.toMatchObject({ status: 503 });
    expect(called("openai") - before).toBe(1);
  });
});

describe("everything else", () => {
  test("is refused in the client's words, once there is a list of what passes", async () => {
    await expect(sdk().containers.list()).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('GET "/v1/containers" is not served here'),
    });
  });

  test.each([
    "/v1/files/../chat/completions",
    "/v1/files/%2e%2e/chat/completions",
    "/v1/files//file-1",
    "/v1/files/..%2fchat%2fcompletions",
    "/v1/files/",
  ])("spelled %s is refused", async (path) => {
    expect(await rawGet(path)).toMatchObject({ status: 400, reason: "ambiguous_path" });
  });

  test("never gets to the route's own cluster", () => {
    expect(running.upstream("elsewhere").requests).toEqual([]);
  });
});

test("each is told in log, access log and metrics", async () => {
  running.upstream("openai").respondWith([json({ id: "file-7", object: "file", deleted: true })]);
  await sdk().files.delete("file-7");
  const line = await running.envoy.access.find((entry) => entry["path"] === "/v1/files/file-7");
  expect(line).toMatchObject({
    status: 200,
    target: "openai",
    tollgate: { operation: "pass", target: "openai", provider: "openai" },
  });
  const id = at(line, "tollgate", "exchange");
  expect(await recorded({ exchange_id: id ?? "" })).toMatchObject({
    route: "gated",
    outcome: "finished",
    status: 200,
    cluster: "openai",
    provider: "openai",
    input_tokens: 0,
    cost_nano_usd: 0,
    cost_source: "unknown",
  });
  const metrics = await (await fetch(`http://${running.tollgate.admin}/metrics`)).text();
  expect(metrics).toMatch(/tollgate_exchanges_total\{[^}]*provider="openai"[^}]*outcome="finished"/);
  expect(metrics).not.toMatch(/tollgate_unpriced_exchanges_total\{/);
  expect(metrics).toMatch(/tollgate_inflight_exchanges 0/);
});
