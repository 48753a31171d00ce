import { spawnSync } from "node:child_process";
import { lstat, mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Readiness } from "../../../src/admin/pages.ts";
import { json } from "../../../src/admin/reply.ts";
import type { AdminPage } from "../../../src/admin/router.ts";
import { type Admin, createAdmin } from "../../../src/admin/server.ts";
import type { ListenAddress } from "../../../src/settings/address.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";

const loopback: ListenAddress = { kind: "tcp", host: "127.0.0.1", port: 0 };
const started: Admin[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((admin) => admin.stop()));
});

interface Setup {
  readonly listen?: ListenAddress;
  readonly readiness?: () => Readiness;
  readonly pages?: readonly AdminPage[];
  readonly failed?: (error: unknown) => void;
}

async function start(setup: Setup = {}): Promise<Admin> {
  const admin = createAdmin({
    listen: loopback,
    readiness: () => "serving",
    metrics: createMetrics({ inFlight: () => 2, processMetrics: false }),
    ...setup,
  });
  started.push(admin);
  await admin.start();
  return admin;
}

function ask(admin: Admin, path: string, method = "GET", body?: string): Promise<Response> {
  return fetch(`http://${admin.address}${path}`, { method, ...(body === undefined ? {} : { body }) });
}

/** What comes back for raw bytes, until the server closes. */
function raw(admin: Admin, bytes: string): Promise<string> {
  const port = Number(admin.address.split(":").at(-1));
  return new Promise((resolve) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      got += chunk;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(got));
  });
}

describe("the admin server", () => {
  const boom: AdminPage = {
    method: "GET",
    path: "/boom",
    handle() {
      throw new Error("secret detail");
    },
  };
  const echo: AdminPage = {
    method: "POST",
    path: "/echo",
    handle: (_request, query) => json(200, { name: query.get("name") }),
  };

  it.each([
    ["GET", "/healthz", 200, { status: "alive" }],
    ["GET", "/healthz?verbose=1", 200, { status: "alive" }],
    ["GET", "/readyz", 200, { status: "serving" }],
    ["POST", "/echo?name=a%20b", 200, { name: "a b" }],
    ["GET", "/boom", 500, { error: "internal error" }],
    ["DELETE", "/healthz", 405, { error: "method not allowed", allowed: ["GET", "HEAD"] }],
    ["GET", "/echo", 405, { error: "method not allowed", allowed: ["POST"] }],
    ["GET", "/", 404, { error: "not found", paths: ["/boom", "/echo", "/healthz", "/metrics", "/readyz"] }],
    [
      "GET",
      "/healthz/",
      404,
      { error: "not found", paths: ["/boom", "/echo", "/healthz", "/metrics", "/readyz"] },
    ],
  ])("%s %s answers %d in JSON", async (method, path, status, body) => {
    const admin = await start({ pages: [boom, echo] });
    const response = await ask(admin, path, method);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual(body);
  });

  it("names the methods that it allows", async () => {
    const response = await ask(await start(), "/metrics", "PUT");
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  });

  it("answers HEAD like GET, without the body", async () => {
    const response = await ask(await start(), "/healthz", "HEAD");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-length")).toBe("19");
    expect(await response.text()).toBe("");
  });

  it.each(["starting", "draining"] as const)("is not ready while %s", async (status) => {
    const response = await ask(await start({ readiness: () => status }), "/readyz");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status });
  });

  it("shows the metrics in Prometheus' text format", async () => {
    const response = await ask(await start(), "/metrics");
    expect(response.headers.get("content-type")).toContain("version=0.0.4");
    expect(await response.text()).toContain("\ntollgate_inflight_exchanges 2\n");
  });

  it("tells of pages that throw", async () => {
    const failures: unknown[] = [];
    await ask(await start({ pages: [boom], failed: (error) => failures.push(error) }), "/boom");
    expect(failures).toEqual([new Error("secret detail")]);
  });

  it("keeps connections open for the next scrape", async () => {
    const admin = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const get = () =>
      new Promise<number | undefined>((resolve, reject) => {
        request(`http://${admin.address}/metrics`, { agent }, (response) => {
          const { localPort } = response.socket;
          response.resume().on("end", () => resolve(localPort));
        })
          .on("error", reject)
          .end();
      });
    expect(await get()).toBe(await get());
    agent.destroy();
  });

  it("refuses headers beyond its bounds, and what is not HTTP", async () => {
    const admin = await start();
    const long = `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`;
    expect(await raw(admin, long)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await raw(admin, "nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("does not read bodies that no page wants", async () => {
    const admin = await start();
    const got = await raw(
      admin,
      "POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\nxxxx",
    );
    expect(got).toMatch(/^HTTP\/1\.1 405 /);
    expect(got.toLowerCase()).toContain("connection: close");
  });

  it("rejects an address that is taken", async () => {
    const admin = await start();
    const port = Number(admin.address.split(":").at(-1));
    await expect(start({ listen: { kind: "tcp", host: "127.0.0.1", port } })).rejects.toThrow("EADDRINUSE");
  });

  it("does not let two pages have one address", () => {
    const second: AdminPage = { method: "GET", path: "/healthz", handle: () => json(200, {}) };
    expect(() =>
      createAdmin({
        listen: loopback,
        readiness: () => "serving",
        metrics: createMetrics({ inFlight: () => 0, processMetrics: false }),
        pages: [second],
      }),
    ).toThrow("two pages for GET /healthz");
  });

  it("stops within a second or two, also with a request that never ends", async () => {
    const admin = await start({
      pages: [{ method: "GET", path: "/never", handle: () => new Promise(() => undefined) }],
    });
    const stuck = ask(admin, "/never").catch(() => "closed");
    await ask(admin, "/healthz");
    const begun = performance.now();
    await admin.stop();
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(await stuck).toBe("closed");
    await admin.stop(); // and again: nothing to do
  });

  it("listens on a Unix socket, also where a killed process left one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "admin-"));
    const path = join(folder, "admin.sock");
    const killed = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
    spawnSync(process.execPath, ["-e", killed], { timeout: 10_000 });
    expect((await lstat(path)).isSocket()).toBe(true);
    const first = await start({ listen: { kind: "unix", path } });
    expect(first.address).toBe(`unix:${path}`);
    const status = await new Promise((resolve, reject) => {
      request({ socketPath: path, path: "/healthz" }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
    await rm(folder, { recursive: true });
  });
});
