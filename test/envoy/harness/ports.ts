/** Ports for several workers: each listens on the one after its predecessor's. */
import { createServer } from "node:net";

/** The first of so many free ports in a row. */
export async function freeRange(length: number): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const servers = await Promise.all(Array.from({ length }, (_, offset) => listening(first + offset)));
    await Promise.all(servers.map((server) => server?.close()));
    if (servers.every((server) => server !== undefined)) return first;
  }
  throw new Error("no free ports in a row");
}

function listening(port: number): Promise<{ close(): Promise<void> } | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      resolve({ close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}
