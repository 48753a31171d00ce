import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { bytes } from "../harness/upstream-answers.ts";
import { completion } from "./answers.ts";
import { accessOf, chat, exchangeOf, hostPolicy, messages, routePolicy } from "./calls.ts";

// The policy comes with the stream (fact 1); what has none passes untouched, what cannot be read is refused.

let running: RunningGateway;

const many: JsonObject = Object.fromEntries(
  Array.from({ length: 400 }, (_, index) => [
    `model-with-a-rather-long-name-${index}`,
    { targets: [{ cluster: "openai", model: "gpt-4o" }] },
  ]),
);

const gated = (name: string, policy?: JsonObject) =>
  ({ kind: "gated", name, prefix: `/${name}/`, ...(policy === undefined ? {} : { policy }) }) as const;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: { ...hostPolicy, strict: false },
    routes: [
      gated("gated", { ...routePolicy, prices: { "gpt-*": { input: 0.5, output: "1.25" } } }),
      gated("open"),
      gated("misspelt", { models: { "gpt-4o": { tragets: [{ cluster: "openai" }] } } }),
      gated("unknown-cluster", { models: { "gpt-4o": { targets: [{ cluster: "nobody" }] } } }),
      gated("accents", { models: { "modèle-é": { targets: [{ cluster: "openai" }] } } }),
      gated("large", { models: many }),
      gated("own-strict", { ...routePolicy, strict: true }),
      gated("own-targets", { ...routePolicy, targets: { openai: { provider: "openai" } } }),
    ],
  });
});

afterAll(() => running?.stop());

const on = (name: string) => ({ prefix: `/${name}/v1/` });
const upstream = () => running.upstream("openai");

describe("a policy that can be read", () => {
  test("has its floats, which arrive as texts", async () => {
    upstream().respondWith([completion("hi")]);
    await chat(running, "openai-floats", on("gated"));
    // 1000 tokens at 0.5 and 100 at 1.25 dollars a million.
    expect(await exchangeOf(running, "openai-floats")).toMatchObject({
      cost_nano_usd: 625_000,
      cost_source: "policy",
      route: "gated",
    });
  });

  test("may be 30 kB long", async () => {
    expect(JSON.stringify(many).length).toBeGreaterThan(30_000);
    upstream().respondWith([completion("hi")]);
    expect((await chat(running, "model-with-a-rather-long-name-399", on("large"))).status).toBe(200);
  });

  test("is the virtual host's, key by key, unless the route has its own", async () => {
    upstream().respondWith([completion("hi")]);
    const lossy = { fields: { metadata: { user_id: "u" }, top_k: 5 } };
    expect((await messages(running, "openai-loose", { ...on("gated"), ...lossy })).status).toBe(200);
    const strict = await messages(running, "openai-strict", { ...on("own-strict"), ...lossy });
    expect(strict.status).toBe(422);
    expect(await strict.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  });
});

describe("a policy that cannot be read", () => {
  test.each([
    { route: "misspelt", problem: 'route:models.gpt-4o: unknown key "tragets"' },
    { route: "unknown-cluster", problem: "models.gpt-4o.targets[0].cluster" },
    { route: "accents", problem: "ASCII" },
    // The route's own list of targets replaces the host's: `claude` is gone.
    { route: "own-targets", problem: "claude" },
  ])("refuses on $route, and the log says why", async ({ route, problem }) => {
    const before = upstream().requests.length;
    const openai = await chat(running, "gpt-4o", on(route));
    expect([openai.status, openai.headers.get("x-tollgate-reason")]).toEqual([500, "policy_unreadable"]);
    expect(await openai.json()).toMatchObject({ error: { type: "server_error" } });
    const anthropic = await messages(running, "gpt-4o", on(route));
    expect(anthropic.status).toBe(500);
    expect(await anthropic.json()).toMatchObject({ type: "error", error: { type: "api_error" } });
    // Paths that no dialect knows are refused too: the route is gated.
    expect((await fetch(`${running.url}/${route}/anything`)).status).toBe(500);
    expect(upstream().requests.length).toBe(before);
    const line = await running.tollgate.log.find(
      (entry) => entry["msg"] === "misconfigured route" && entry["route"] === route,
    );
    expect(line["level"]).toBe("error");
    expect(line["problem"]).toContain(problem);
  });
});

describe("bytes pass untouched", () => {
  const binary = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));

  test.each([
    { where: "on a route without metadata", path: "/open/v1/chat/completions?x=1" },
    { where: "on a gated route, at a path of no dialect", path: "/gated/v1/batches?x=1" },
  ])("$where", async ({ path }) => {
    const zipped = gzipSync(binary);
    upstream().respondWith([
      bytes(zipped, 203, { "content-encoding": "gzip", "x-odd": "1, 2", etag: '"e"' }),
    ]);
    const response = await raw("PUT", path, [binary], { "accept-encoding": "gzip", "x-own": "kept" });
    const request = upstream().requests.at(-1);
    expect([request?.method, request?.path]).toEqual(["PUT", path]);
    expect(request?.headers).toMatchObject({ "accept-encoding": "gzip", "x-own": "kept" });
    expect(request?.body.equals(binary)).toBe(true);
    expect(response.status).toBe(203);
    expect(response.headers).toMatchObject({ "content-encoding": "gzip", "x-odd": "1, 2", etag: '"e"' });
    expect(response.headers["content-length"]).toBe(String(zipped.length));
    expect(response.body.equals(zipped)).toBe(true);
    expect(Object.keys(response.headers).filter((name) => name.startsWith("x-tollgate"))).toEqual([]);
  });

  test("a chunked request, chunked", async () => {
    upstream().respondWith([bytes("fine")]);
    const pieces = [binary, binary, binary];
    const response = await raw("POST", "/open/upload", pieces, { "transfer-encoding": "chunked" });
    expect([response.status, response.body.toString()]).toEqual([200, "fine"]);
    const request = upstream().requests.at(-1);
    expect(request?.headers["transfer-encoding"]).toBe("chunked");
    expect(request?.body.equals(Buffer.concat(pieces))).toBe(true);
  });

  test.each(["/open/v1/chat/completions", "/gated/v1/batches"])(
    "also when Envoy tries again: %s",
    async (path) => {
      const before = upstream().requests.length;
      upstream().respondWith([bytes("no", 503), bytes("nor", 429), bytes("yes")]);
      const response = await raw("POST", path, [binary], { authorization: "Bearer own" });
      expect([response.status, response.body.toString()]).toEqual([200, "yes"]);
      const requests = upstream().requests.slice(before);
      expect(requests.length).toBe(3);
      for (const request of requests) {
        expect([request.path, request.headers.authorization]).toEqual([path, "Bearer own"]);
        expect(request.body.equals(binary)).toBe(true);
      }
    },
  );

  test("an error of the provider's, too", async () => {
    upstream().respondWith([bytes("<html>no</html>", 418, { "content-type": "text/html" })]);
    const response = await fetch(`${running.url}/open/teapot`);
    expect([response.status, await response.text()]).toEqual([418, "<html>no</html>"]);
  });
});

describe("GET /v1/models", () => {
  test("lists in OpenAI's shape, and in Anthropic's for its SDK", async () => {
    const before = upstream().requests.length;
    const openai = await (await fetch(`${running.url}/large/v1/models`)).json();
    expect(openai).toMatchObject({ object: "list" });
    expect(firstOf(openai)).toMatchObject({ id: "model-with-a-rather-long-name-0", object: "model" });
    const headers = { "anthropic-version": "2023-06-01" };
    const anthropic = await (await fetch(`${running.url}/large/v1/models`, { headers })).json();
    expect(anthropic).toMatchObject({ has_more: false });
    expect(firstOf(anthropic)).toMatchObject({ id: "model-with-a-rather-long-name-0", type: "model" });
    expect(upstream().requests.length).toBe(before);
  });

  test("tells one model, and a 404 in the client's shape for what is not served", async () => {
    const one = await fetch(`${running.url}/gated/v1/models/openai-anything`);
    expect([one.status, await one.json()]).toMatchObject([200, { id: "openai-anything", object: "model" }]);
    const none = await fetch(`${running.url}/gated/v1/models/nothing`);
    expect([none.status, await none.json()]).toMatchObject([404, { error: { code: "model_not_found" } }]);
  });
});

test("a model that is not served is a 404 in the client's shape", async () => {
  const openai = await chat(running, "nothing", on("gated"));
  expect([openai.status, await openai.json()]).toMatchObject([
    404,
    { error: { code: "model_not_found", param: "model" } },
  ]);
  const anthropic = await messages(running, "nothing", on("gated"));
  expect([anthropic.status, await anthropic.json()]).toMatchObject([
    404,
    { type: "error", error: { type: "not_found_error" } },
  ]);
  expect(await accessOf(running, "nothing")).toMatchObject({ details: "tollgate_model_not_found" });
});

test.each(["", "{", "[]", "null", '{"model":7}', '{"messages":[]}'])(
  "a body like %j is a 400",
  async (body) => {
    const call = { method: "POST", body };
    const openai = await fetch(`${running.url}/gated/v1/chat/completions`, call);
    expect([openai.status, await openai.json()]).toMatchObject([
      400,
      { error: { type: "invalid_request_error" } },
    ]);
    const anthropic = await fetch(`${running.url}/gated/v1/messages`, call);
    expect([anthropic.status, await anthropic.json()]).toMatchObject([400, { type: "error" }]);
  },
);

const firstOf = (list: unknown): unknown => (list as { data?: unknown[] }).data?.[0];

interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** A call whose headers and bytes nobody improves, as fetch would. */
function raw(
  method: string,
  path: string,
  pieces: readonly Buffer[],
  headers: Record<string, string>,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(`${running.url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const { statusCode = 0, headers: seen } = response;
        resolve({ status: statusCode, headers: seen, body: Buffer.concat(chunks) });
      });
    });
    call.on("error", reject);
    for (const piece of pieces) call.write(piece);
    call.end();
  });
}
