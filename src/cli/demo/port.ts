/** TCP ports on loopback. */
import { randomInt } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";

const TRIES = 50;

/**
 * Below the ports that systems give to whoever connects (from 32768 on Linux, from 49152 elsewhere): who listens on one,
 * ends and comes back finds it free.
 */
const lowest = 10_240;
const highest = 32_767;

/** A port that nobody listens on now. Another process may take it before it is used: keep the gap short. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const port = await listen(randomInt(lowest, highest + 1), host);
    if (port !== undefined) return port;
  }
  throw new Error(`no free port on ${host}`);
}

/** The wanted port, or the next above it that is free. */
export async function portFrom(wanted: number, host = "127.0.0.1"): Promise<number> {
  for (let port = wanted; port < wanted + TRIES && port <= 65_535; port += 1) {
    if ((await listen(port, host)) !== undefined) return port;
  }
  throw new Error(`no free port from ${wanted} to ${wanted + TRIES - 1} on ${host}`);
}

/** Listens for a moment; undefined when the port is taken. */
function listen(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}
