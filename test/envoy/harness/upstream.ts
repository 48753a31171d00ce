/** A scripted provider: told for each request what to do, remembering what it was asked. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonValue } from "../../../src/json/types.ts";
import { json, type UpstreamAnswer } from "./upstream-answers.ts";

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body parsed; throws when it is no JSON. */
  json(): JsonValue;
  /** `cancelled`: the other side went away before the answer was complete. */
  readonly done: Promise<"finished" | "cancelled">;
}

/** By request (its number from 0), or a list used up in order. */
export type Script =
  | readonly UpstreamAnswer[]
  | ((request: RecordedRequest, index: number) => UpstreamAnswer | Promise<UpstreamAnswer>);

export interface Upstream {
  readonly port: number;
  /** Every request that arrived whole, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Replaces the script. */
  respondWith(script: Script): void;
  /** The request of that number, now or when it comes. */
  request(index: number, timeoutMs?: number): Promise<RecordedRequest>;
  stop(): Promise<void>;
}

const WAIT_MS = 10_000;

/** Listens on a free port of loopback. A list that is used up answers 500, naming the mistake. */
export async function startUpstream(script: Script = []): Promise<Upstream> {
  const requests: RecordedRequest[] = [];
  let current = script;
  let since = 0;
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await recorded(message, response);
    const index = requests.push(request) - 1;
    const answer = typeof current === "function" ? await current(request, index) : current[index - since];
    await write(answer ?? json({ error: `no answer scripted for request ${index}` }, 500), response);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    respondWith(next) {
      current = next;
      since = requests.length;
    },
    async request(index, timeoutMs = WAIT_MS) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const found = requests[index];
        if (found !== undefined) return found;
        if (Date.now() > deadline) throw new Error(`request ${index} did not come in ${timeoutMs} ms`);
        await sleep(5);
      }
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function recorded(message: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const done = new Promise<"finished" | "cancelled">((resolve) => {
    response.once("close", () => resolve(response.writableFinished ? "finished" : "cancelled"));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return {
    method: message.method ?? "",
    path: message.url ?? "",
    headers: message.headers,
    body,
    json: () => JSON.parse(body.toString("utf8")) as JsonValue,
    done,
  };
}

async function write(answer: UpstreamAnswer, response: ServerResponse): Promise<void> {
  switch (answer.kind) {
    case "whole":
      response.writeHead(answer.status, { "content-length": answer.body.length, ...mutable(answer.headers) });
      response.end(answer.body);
      return;
    case "stream":
      response.writeHead(answer.status, mutable(answer.headers));
      response.flushHeaders();
      for (const piece of answer.pieces) {
        if (response.destroyed) return;
        if (typeof piece === "object" && "waitMs" in piece) await sleep(piece.waitMs);
        else await new Promise<void>((resolve) => response.write(piece, () => resolve()));
      }
      if (answer.end === "finish") response.end();
      if (answer.end === "reset") response.socket?.resetAndDestroy();
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
    case "raw":
      response.socket?.end(answer.bytes);
      return;
    default:
      throw new Error(`unknown answer: ${answer satisfies never}`);
  }
}

function mutable(
  headers: Readonly<Record<string, string | readonly string[]>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}
