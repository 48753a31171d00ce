import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gateway, type RunningGateway } from "./harness/gateway.ts";
import { event, hang, json, raw, reset, stream } from "./harness/upstream-answers.ts";

// The harness itself, without Tollgate: Envoy between a client and scripted upstreams.

let directory: string;
let running: RunningGateway;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tollgate-test-"));
  const sds = join(directory, "second.yaml");
  const key = join(directory, "second.key");
  await writeFile(key, "key-of-second\n");
  await writeFile(
    sds,
    `resources:
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: second-key
  generic_secret: { secret: { filename: ${key} } }
`,
  );
  running = await gateway({
    tollgate: false,
    clusters: [
      {
        name: "first",
        credential: {
          header: "authorization",
          prefix: "Bearer ",
          secret: { from: "environment", variable: "FIRST_KEY" },
        },
      },
      { name: "second", credential: { header: "x-api-key", secret: { from: "sds", path: sds } } },
      { name: "nobody", address: "127.0.0.1:1" },
    ],
    routes: [
      { kind: "gated", name: "first", prefix: "/v1/", retry: { retries: 1 } },
      { kind: "plain", name: "second", prefix: "/second/", cluster: "second" },
      { kind: "plain", name: "nobody", prefix: "/nobody/", cluster: "nobody" },
      { kind: "answered", name: "none", prefix: "/", status: 404, body: "none" },
    ],
    envoy: { env: { FIRST_KEY: "key-of-first" } },
  });
});

afterAll(async () => {
  await running?.stop();
  await rm(directory, { recursive: true, force: true });
});

test("records what arrives, with the key and the host of its cluster and none of Envoy's headers", async () => {
  const upstream = running.upstream("first");
  upstream.respondWith([json({ fine: true }, 201, { "x-served-by": "first" })]);
  const before = upstream.requests.length;
  const response = await fetch(`${running.url}/v1/things?x=1`, {
    method: "POST",
    headers: { authorization: "Bearer forged", "x-tollgate-target": "forged" },
    body: JSON.stringify({ ünicode: "✓" }),
  });
  expect([response.status, response.headers.get("x-served-by"), await response.json()]).toEqual([
    201,
    "first",
    { fine: true },
  ]);
  const request = await upstream.request(before);
  expect([request.method, request.path, request.json()]).toEqual([
    "POST",
    "/v1/things?x=1",
    { ünicode: "✓" },
  ]);
  expect(request.headers).toMatchObject({ authorization: "Bearer key-of-first", host: "first.test" });
  const foreign = Object.keys(request.headers).filter((name) => /^x-(envoy|tollgate|forwarded)-/.test(name));
  expect(foreign).toEqual([]);
  const entry = await running.envoy.access.find(({ path }) => path === "/v1/things?x=1");
  expect(entry).toMatchObject({ status: 201, target: "first", attempts: 1, details: "via_upstream" });
});

test("takes a key from an SDS file, without the line end that editors leave", async () => {
  running.upstream("second").respondWith(() => json({}));
  await (await fetch(`${running.url}/second/`)).arrayBuffer();
  expect((await running.upstream("second").request(0)).headers["x-api-key"]).toBe("key-of-second");
});

test("streams piece by piece, with pauses between", async () => {
  const events = [event({ n: 1 }), event({ n: 2 }, "named"), event("[DONE]")];
  running.upstream("first").respondWith([stream(events, { everyMs: 40 })]);
  const response = await fetch(`${running.url}/v1/stream`);
  const chunks: string[] = [];
  for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk).toString());
  expect(chunks.length).toBeGreaterThan(1);
  expect(chunks.join("")).toBe(events.join(""));
});

test("lets Envoy retry a reset, and see wrong bytes, a cut stream and a dead cluster for what they are", async () => {
  const upstream = running.upstream("first");
  upstream.respondWith([reset, json({ second: "try" })]);
  expect(await (await fetch(`${running.url}/v1/retried`)).json()).toEqual({ second: "try" });
  expect(await running.envoy.access.find(({ path }) => path === "/v1/retried")).toMatchObject({
    attempts: 2,
  });

  upstream.respondWith(() => raw("not HTTP at all\r\n\r\n"));
  expect((await fetch(`${running.url}/v1/raw`)).status).toBe(502);

  upstream.respondWith([stream(["data: half", { waitMs: 20 }], { end: "reset" })]);
  const cut = await fetch(`${running.url}/v1/cut`);
  expect(cut.status).toBe(200);
  await expect(cut.text()).rejects.toThrow();

  expect((await fetch(`${running.url}/nobody/`)).status).toBe(503);
  expect(await (await fetch(`${running.url}/elsewhere`)).text()).toBe("none");
});

test("tells an upstream that the client hung up", async () => {
  const upstream = running.upstream("first");
  const before = upstream.requests.length;
  upstream.respondWith(() => hang);
  const client = new AbortController();
  const call = fetch(`${running.url}/v1/hang`, { signal: client.signal }).catch(() => "aborted");
  const request = await upstream.request(before);
  client.abort();
  expect(await call).toBe("aborted");
  expect(await request.done).toBe("cancelled");
  expect(await running.envoy.access.find(({ path }) => path === "/v1/hang")).toMatchObject({ flags: "DC" });
});

test("says so when a script is used up, and when Tollgate is asked for but absent", async () => {
  running.upstream("second").respondWith([]);
  const response = await fetch(`${running.url}/second/`);
  expect([response.status, await response.json()]).toEqual([
    500,
    { error: expect.stringContaining("no answer scripted") },
  ]);
  expect(() => running.tollgate).toThrow("without Tollgate");
  expect(() => running.upstream("nobody")).toThrow("no upstream behind nobody");
});
