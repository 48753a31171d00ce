/** A scripted https server of files on loopback, which remembers what it was asked. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { selfSigned } from "./certificate.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface FileServer {
  readonly port: number;
  /** PEM, for whoever shall trust it. */
  readonly ca: string;
  readonly requests: readonly IncomingMessage[];
  /** Connections that there were, and that are open now. */
  readonly connections: { readonly accepted: number; readonly open: number };
  /** `https://localhost:port/path` */
  url(path: string, host?: string): string;
  stop(): Promise<void>;
}

/** @param files by path, without query */
export async function startFileServer(
  files: Readonly<Record<string, Handler>>,
  names: readonly string[] = [],
): Promise<FileServer> {
  const { key, cert } = selfSigned(names);
  const requests: IncomingMessage[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    requests.push(request);
    const handler = files[(request.url ?? "").replace(/\?.*$/, "")];
    if (handler === undefined) response.writeHead(404).end("no such file");
    else handler(request, response);
  });
  const connections = { accepted: 0, open: 0 };
  server.on("connection", (socket) => {
    connections.accepted++;
    connections.open++;
    socket.once("close", () => connections.open--);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    ca: cert,
    requests,
    connections,
    url: (path, host = "localhost") => `https://${host}:${port}${path}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers 200 with a body of known length. */
export function file(type: string | undefined, body: Uint8Array | string): Handler {
  return (_, response) => {
    const bytes = Buffer.from(body);
    const headers = type === undefined ? {} : { "content-type": type };
    response.writeHead(200, { ...headers, "content-length": bytes.length }).end(bytes);
  };
}

export function redirect(location: string, status = 302): Handler {
  return (_, response) => response.writeHead(status, { location }).end();
}

/** The smallest files that are what they say, as far as their first bytes tell. */
export const png = Buffer.from("\x89PNG\r\n\x1a\n of a cat", "latin1");
export const jpeg = Buffer.from("\xff\xd8\xff\xe0 of a cat", "latin1");
export const pdf = Buffer.from("%PDF-1.7 about cats", "latin1");
export const wav = Buffer.from("RIFF\x20\0\0\0WAVEfmt of a cat", "latin1");
