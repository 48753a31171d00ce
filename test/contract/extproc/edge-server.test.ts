import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, type ClientReadableStream, type ServiceError, status } from "@grpc/grpc-js";
import type { MethodDefinition } from "@grpc/proto-loader";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, Call, clientFor, edgeWith, pause, requestHeaders, until } from "./edge-client.ts";
import { loaded, type Plain } from "./peers.ts";

const SERVICE = "envoy.service.ext_proc.v3.ExternalProcessor";
type Method = MethodDefinition<Plain, Plain>;
const health = loaded["grpc.health.v1.Health"] as unknown as { Check: Method; Watch: Method };

function check(client: Client, service: string): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = health.Check;
  return new Promise((resolve) => {
    const done = (error: ServiceError | null, value?: Plain): void =>
      resolve(error ? error.code : value?.["status"]);
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, done);
  });
}

function watch(client: Client, service: string): { seen: unknown[]; stream: ClientReadableStream<Plain> } {
  const { path, requestSerialize, responseDeserialize } = health.Watch;
  const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service });
  const seen: unknown[] = [];
  stream.on("data", (plain: Plain) => seen.push(plain["status"]));
  stream.on("error", (error: ServiceError) => seen.push(status[error.code]));
  return { seen, stream };
}

describe("health", () => {
  test("knows the server and its service", async () => {
    const { client } = await edgeWith(answer);
    expect(await check(client, "")).toBe(1);
    expect(await check(client, SERVICE)).toBe(1);
    expect(await check(client, "other")).toBe(status.NOT_FOUND);
  });

  test("is watched through a drain, and the watcher let go", async () => {
    const { client, edge } = await edgeWith(answer);
    const [whole, service, other] = [watch(client, ""), watch(client, SERVICE), watch(client, "other")];
    await until(() => [whole, service, other].every(({ seen }) => seen.length === 1));
    await edge.drain(1_000);
    await until(() => other.seen.length === 3 && whole.seen.length === 3);
    expect(whole.seen).toEqual([1, 2, "UNAVAILABLE"]);
    expect(service.seen).toEqual([1, 2, "UNAVAILABLE"]);
    expect(other.seen[0]).toBe(3);
  });

  test("forgets a watcher that leaves", async () => {
    const { client, edge } = await edgeWith(answer);
    const { seen, stream } = watch(client, "");
    await until(() => seen.length === 1);
    stream.cancel();
    await edge.drain(0);
    expect(seen).not.toContain(2);
  });
});

describe("drain", () => {
  test("lets open streams finish and takes new ones until then", async () => {
    const { client, edge, journal } = await edgeWith(answer);
    const first = new Call(client).send(requestHeaders);
    await first.answered(1);
    let drained = false;
    const draining = edge.drain(5_000).then(() => {
      drained = true;
    });
    expect(await check(client, "")).toBe(2);
    const second = new Call(client).send(requestHeaders);
    await second.answered(1);
    first.stream.end();
    expect((await first.ended).code).toBe(status.OK);
    await pause(20);
    expect(drained).toBe(false);
    second.stream.end();
    expect((await second.ended).code).toBe(status.OK);
    await draining;
    expect(journal.filter((entry) => entry === "closed")).toHaveLength(2);
    expect((await new Call(clientFor(edge.address)).send(requestHeaders).ended).code).toBe(
      status.UNAVAILABLE,
    );
  });

  test("ends what is open when the time is over, whatever its session is at", async () => {
    const { client, edge, journal } = await edgeWith((message, outlet) =>
      message.kind === "request_body" ? new Promise(() => undefined) : answer(message, outlet),
    );
    const idle = new Call(client).send(requestHeaders);
    const busy = new Call(client).send(requestHeaders, { request_body: {} });
    await Promise.all([idle.answered(1), busy.answered(1)]);
    const started = performance.now();
    await Promise.all([edge.drain(50), edge.drain(50)]);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(edge.openStreams).toBe(0);
    expect(journal.filter((entry) => entry === "closed")).toHaveLength(2);
    expect([(await idle.ended).code, (await busy.ended).code]).toEqual([
      status.UNAVAILABLE,
      status.UNAVAILABLE,
    ]);
  });

  test("does not wait for a client that has said goodbye but keeps a stream open", async () => {
    const { client, edge } = await edgeWith(answer);
    await new Call(client).send(requestHeaders).answered(1);
    client.close();
    await edge.drain(10);
    expect(edge.openStreams).toBe(0);
  });
});

describe("listening", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "edge-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("on a Unix socket, which is gone after the drain", async () => {
    const path = join(folder, "one.sock");
    const { edge, client } = await edgeWith(answer, { listen: `unix:${path}` });
    expect(edge.address).toBe(`unix:${path}`);
    expect(await new Call(client).send(requestHeaders).answered(1)).toHaveLength(1);
    await edge.drain(0);
    expect(existsSync(path)).toBe(false);
  });

  test("on a Unix socket that a killed process left behind", async () => {
    const path = join(folder, "stale.sock");
    const { spawnSync } = await import("node:child_process");
    const program = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", program]);
    expect(existsSync(path)).toBe(true);
    const { client } = await edgeWith(answer, { listen: `unix:${path}` });
    expect(await new Call(client).send(requestHeaders).answered(1)).toHaveLength(1);
  });

  test("not on a socket in use, nor on a file", async () => {
    const used = join(folder, "used.sock");
    const server = createServer().listen(used);
    await expect(edgeWith(answer, { listen: `unix:${used}` })).rejects.toThrow(/EADDRINUSE/);
    expect(existsSync(used)).toBe(true);
    server.close();
    const file = join(folder, "file");
    await writeFile(file, "precious");
    await expect(edgeWith(answer, { listen: `unix:${file}` })).rejects.toThrow(/EADDRINUSE/);
    expect(existsSync(file)).toBe(true);
  });

  test("not on a port in use, and says the port it was given", async () => {
    const { edge } = await edgeWith(answer);
    expect(edge.address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    await expect(edgeWith(answer, { listen: edge.address })).rejects.toThrow(/EADDRINUSE/);
  });
});
