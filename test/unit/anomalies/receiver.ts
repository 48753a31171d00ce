/** A server of the operator's that is told of anomalies, and does with them what a test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Receiver {
  readonly url: string;
  readonly bodies: Array<Record<string, unknown>>;
  readonly headers: Array<IncomingMessage["headers"]>;
  /** Waits until so many have come. */
  received(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param answer by the number of the call, from 0: a status, or nothing at all */
export async function receiver(answer: (call: number) => number | "nothing" = () => 204): Promise<Receiver> {
  const bodies: Receiver["bodies"] = [];
  const headers: Receiver["headers"] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const status = answer(bodies.length);
      bodies.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      headers.push(request.headers);
      if (status !== "nothing") response.writeHead(status, { location: "/elsewhere" }).end("some words");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/secret-token`,
    bodies,
    headers,
    async received(count) {
      while (bodies.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
