/** One exchange as a client sees it: sent, read to its end, and checked. */
import { type Agent, type IncomingMessage, request } from "node:http";
import type { Call } from "./rows.ts";

const SILENCE_MS = 20_000;

export interface Wire {
  readonly port: number;
  /** Keeps the connections; its `maxSockets` is the number of clients. */
  readonly agent: Agent;
  /** Beside the call's own. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Settles when the whole answer was read: undefined if it was right, else what was wrong. Never rejects. */
export function exchange(wire: Wire, call: Call): Promise<string | undefined> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: wire.port,
        agent: wire.agent,
        method: "POST",
        path: call.path,
        headers: { ...call.headers, ...wire.headers, "content-length": call.body.length },
        timeout: SILENCE_MS,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(complaint(call, response, Buffer.concat(chunks))));
        response.on("error", (cause) => resolve(`answer broken off: ${cause.message}`));
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`silent for ${SILENCE_MS} ms`)));
    outgoing.on("error", (cause) => resolve(cause.message));
    outgoing.end(call.body);
  });
}

function complaint(call: Call, response: IncomingMessage, body: Buffer): string | undefined {
  if (response.statusCode !== 200) return `status ${response.statusCode}: ${body.toString("utf8", 0, 300)}`;
  const found = occurrences(body, call.marker);
  if (found !== call.markers) return `${found} pieces of content in place of ${call.markers}`;
  const { ending } = call;
  if (ending !== undefined && !body.subarray(-ending.length).equals(ending)) {
    return `ends with ${JSON.stringify(body.toString("utf8", body.length - 80))}`;
  }
  return undefined;
}

function occurrences(body: Buffer, marker: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(marker); at >= 0; at = body.indexOf(marker, at + marker.length)) count += 1;
  return count;
}
