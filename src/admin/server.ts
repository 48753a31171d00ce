/** The admin server: plain HTTP on its own address, for operators and their machines; never for applications. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { removeStaleSocket } from "../extproc/stale-socket.ts";
import { addressText, type ListenAddress } from "../settings/address.ts";
import { healthPage, type MetricsText, metricsPage, type Readiness, readinessPage } from "./pages.ts";
import { type AdminReply, json } from "./reply.ts";
import { type AdminPage, AdminRouter } from "./router.ts";

export interface AdminOptions {
  readonly listen: ListenAddress;
  readonly readiness: () => Readiness;
  readonly metrics: MetricsText;
  /** Beside health, readiness and metrics. */
  readonly pages?: readonly AdminPage[];
  /** A page threw. */
  readonly failed?: (error: unknown) => void;
}

export interface Admin {
  /** Listens; rejects if the address cannot be had. */
  start(): Promise<void>;
  /** Stops listening and closes every connection, at the latest after a second. */
  stop(): Promise<void>;
  /** `host:port` or `unix:/path`, with the port that the system chose once started. */
  readonly address: string;
}

const MAX_HEADER_BYTES = 16_384;
const MAX_HEADERS = 100;
const MAX_CONNECTIONS = 256;
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000; // longer than a scrape interval, so that Prometheus keeps its connection
const SWEEP_MS = 1_000;
const STOP_MS = 1_000;

export function createAdmin(options: AdminOptions): Admin {
  const { readiness, metrics, pages = [], failed = () => undefined } = options;
  const router = new AdminRouter([healthPage(), readinessPage(readiness), metricsPage(metrics), ...pages]);
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: SWEEP_MS,
    },
    (request, response) => void answer(router, request, response, failed),
  );
  server.maxHeadersCount = MAX_HEADERS;
  server.maxConnections = MAX_CONNECTIONS;
  let address = addressText(options.listen);

  return {
    get address() {
      return address;
    },
    async start() {
      await listen(server, options.listen);
      if (options.listen.kind === "tcp") {
        const { port } = server.address() as AddressInfo;
        address = addressText({ ...options.listen, port });
      }
    },
    async stop() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const impatience = setTimeout(() => server.closeAllConnections(), STOP_MS);
      await closed;
      clearTimeout(impatience);
    },
  };
}

async function listen(server: Server, address: ListenAddress): Promise<void> {
  if (address.kind === "unix") await removeStaleSocket(address.path);
  const listening = once(server, "listening"); // rejects on `error`
  if (address.kind === "unix") server.listen(address.path);
  else server.listen(address.port, address.host);
  await listening;
}

async function answer(
  router: AdminRouter,
  request: IncomingMessage,
  response: ServerResponse,
  failed: (error: unknown) => void,
): Promise<void> {
  let reply: AdminReply;
  try {
    reply = await router.reply(request);
  } catch (error) {
    failed(error);
    reply = json(500, { error: "internal error" });
  }
  const body = typeof reply.body === "string" ? Buffer.from(reply.body) : reply.body;
  // A body that no page has read would sit in the connection: end it instead.
  const unread = !request.complete;
  response.writeHead(reply.status, {
    ...reply.headers,
    "content-type": reply.contentType,
    "content-length": body.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(unread ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
