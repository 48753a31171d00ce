import { Agent, createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { exchange } from "../../../bench/exchange.ts";
import { runBatch } from "../../../bench/load.ts";
import { type Call, rows } from "../../../bench/rows.ts";

const agent = new Agent({ keepAlive: true });
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serving(listener: RequestListener): Promise<{ port: number; agent: Agent }> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return { port: (started.address() as AddressInfo).port, agent };
}

const call: Call = {
  path: "/v1/chat/completions",
  headers: {},
  body: Buffer.from("{}"),
  marker: Buffer.from("piece"),
  markers: 3,
  ending: Buffer.from("data: [DONE]\n\n"),
};
const right = "data: piece\n\ndata: piece\n\ndata: piece\n\ndata: [DONE]\n\n";

describe("an answer is right only if nothing is missing from it", () => {
  const cases: [string, RequestListener, RegExp | undefined][] = [
    ["all there", (_, response) => response.end(right), undefined],
    ["cut inside a piece", (_, response) => pieces(response, right, 9), undefined],
    ["another status", (_, response) => response.writeHead(503).end(right), /status 503/],
    ["a piece too few", (_, response) => response.end(right.replace("piece", "")), /2 pieces/],
    ["a piece too many", (_, response) => response.end(`data: piece\n\n${right}`), /4 pieces/],
    ["no last event", (_, response) => response.end(right.replace("[DONE]", "")), /ends with/],
    ["broken off", (_, response) => broken(response), /broken off/],
    ["no answer at all", (request) => request.socket.destroy(), /hang up|ECONNRESET/],
  ];
  it.each(cases)("%s", async (_, listener, wrong) => {
    const found = await exchange(await serving(listener), call);
    if (wrong === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(wrong);
  });
});

describe("a batch", () => {
  it("sends as many calls as asked for, and counts the wrong ones", async () => {
    let received = 0;
    const wire = await serving((_, response) => {
      received += 1;
      response.writeHead(received % 5 === 0 ? 500 : 200).end(right);
    });
    const batch = await runBatch({ wire, call, connections: 4, requests: 50, staggerMs: 0, limitMs: 10_000 });
    expect(received).toBe(50);
    expect(batch).toMatchObject({ requests: 50, errors: 10 });
    expect(batch.firstError).toMatch(/status 500/);
  });

  it("begins no call after its time", async () => {
    const wire = await serving((_, response) => setTimeout(() => response.end(right), 30));
    const batch = await runBatch({ wire, call, connections: 2, requests: 1e9, staggerMs: 0, limitMs: 50 });
    expect(batch.requests).toBeGreaterThanOrEqual(2);
    expect(batch.requests).toBeLessThanOrEqual(4);
  });
});

describe("requests", () => {
  it.each([
    ["1kb-openai", 1_000],
    ["32kb-openai", 32_000],
    ["1mb-openai", 1_000_000],
    ["1kb-anthropic", 1_000],
  ])("of %s are of about that size, to either gateway", (id, bytes) => {
    const row = rows.find((candidate) => candidate.id === id);
    for (const { body } of [row?.direct, row?.gated].filter((sent) => sent !== undefined)) {
      expect(Math.abs(body.length - bytes)).toBeLessThan(100);
      expect(JSON.parse(body.toString())).toHaveProperty("model");
    }
    expect.assertions(4);
  });
});

function pieces(response: Parameters<RequestListener>[1], text: string, at: number): void {
  response.write(text.slice(0, at));
  setTimeout(() => response.end(text.slice(at)), 10);
}

function broken(response: Parameters<RequestListener>[1]): void {
  response.write(right);
  setTimeout(() => response.destroy(), 10);
}
