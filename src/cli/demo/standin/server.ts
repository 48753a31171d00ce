/** A stand-in provider as an HTTP server. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isObject, type JsonObject } from "../../../json/types.ts";
import { anthropic } from "./anthropic.ts";
import { openai } from "./openai.ts";
import type { Reply, StandIn, StandInEvent } from "./reply.ts";

export type StandInName = "openai" | "anthropic";

export const STAND_INS: Readonly<Record<StandInName, StandIn>> = { openai, anthropic };

export interface StandInServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface StandInSettings {
  readonly provider: StandInName;
  /** Any free port unless given. */
  readonly port?: number;
  /** Loopback unless given. */
  readonly host?: string;
  /** Between two events of a stream; 15 unless given. */
  readonly eventDelayMs?: number;
}

const EVENT_DELAY_MS = 15;
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** Listens until closed. */
export async function startStandIn(settings: StandInSettings): Promise<StandInServer> {
  const standIn = STAND_INS[settings.provider];
  const delayMs = settings.eventDelayMs ?? EVENT_DELAY_MS;
  const server = createServer((request, response) => {
    serve(standIn, request, response, delayMs).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port ?? 0, settings.host ?? "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  standIn: StandIn,
  request: IncomingMessage,
  response: ServerResponse,
  delayMs: number,
): Promise<void> {
  const body = await bodyOf(request);
  const reply = standIn({
    method: request.method ?? "GET",
    path: (request.url ?? "/").replace(/\?.*$/, ""),
    header: (name) => request.headers[name]?.toString(),
    body,
  });
  await write(reply, response, delayMs);
}

async function write(reply: Reply, response: ServerResponse, delayMs: number): Promise<void> {
  if ("body" in reply) {
    const bytes = Buffer.from(JSON.stringify(reply.body));
    const own = { "content-type": "application/json", "content-length": bytes.length };
    response.writeHead(reply.status, { ...reply.headers, ...own }).end(bytes);
    return;
  }
  const own = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };
  response.writeHead(200, { ...reply.headers, ...own });
  for (const event of reply.events) {
    if (response.destroyed) return;
    response.write(written(event));
    if (delayMs > 0) await sleep(delayMs);
  }
  response.end();
}

function written(event: StandInEvent): string {
  const data = typeof event.data === "string" ? event.data : JSON.stringify(event.data);
  return `${event.name === undefined ? "" : `event: ${event.name}\n`}data: ${data}\n\n`;
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new Error("body over the limit");
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
