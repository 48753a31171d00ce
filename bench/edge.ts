/**
 * What a gRPC server costs for one exchange with a processor that does nothing: CPU of the server's process,
 * three ways to build it, in turns on the same machine. `npm run build && npx tsx bench/edge.ts [rounds]`
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { servers } from "./edge-servers.ts";

const EXCHANGES = 512;
/** Exchanges side by side. More come in one read of the socket, so each costs less: both ends are of interest. */
const WIDTHS = [1, 32];
const rounds = Math.min(Number(process.argv[2] ?? 20), 100);

const HEADERS = {
  ":method": "POST",
  ":path": "/envoy.service.ext_proc.v3.ExternalProcessor/Process",
  "content-type": "application/grpc",
  te: "trailers",
  "x-tollgate-role": "exchange",
  "x-tollgate-policy": '{"targets":{"openai":{"provider":"openai"}}}',
};

/** An exchange as Envoy sends it: 16 request headers, 1 kB of body, 8 response headers, two chunks. */
const messages = exchangeMessages();

interface Contender {
  readonly name: string;
  readonly process: ChildProcess;
  readonly session: ClientHttp2Session;
  /** By width, in milliseconds. */
  readonly costs: Map<number, number[]>;
}

if (process.send === undefined) await main();
else await serve(process.argv[2] ?? "");

async function main(): Promise<void> {
  const contenders: Contender[] = [];
  for (const name of Object.keys(servers)) {
    const child = fork(new URL(import.meta.url), [name]);
    const [address] = (await once(child, "message")) as [string];
    contenders.push({ name, process: child, session: connect(`http://${address}`), costs: new Map() });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const width of WIDTHS) {
      for (const contender of contenders) await measure(contender, width, round > 0);
    }
  }
  console.log(`CPU of the server per exchange of ${messages.length} messages, ms: least, median, most`);
  for (const width of WIDTHS) {
    console.log(`${width} at once, ${rounds} rounds of ${EXCHANGES}`);
    for (const { name, costs } of contenders) {
      const sorted = (costs.get(width) ?? []).sort((one, other) => one - other);
      const shown = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
      console.log(`  ${name.padEnd(36)} ${shown.map((ms) => ms?.toFixed(3)).join("  ")}`);
    }
  }
  for (const { session, process: child } of contenders) {
    session.destroy();
    child.kill();
  }
}

async function measure(contender: Contender, width: number, counts: boolean): Promise<void> {
  const before = await cpuOf(contender);
  for (let done = 0; done < EXCHANGES; done += width) await exchanges(contender.session, width);
  const cost = ((await cpuOf(contender)) - before) / EXCHANGES;
  if (counts) contender.costs.set(width, [...(contender.costs.get(width) ?? []), cost]);
}

async function serve(name: string): Promise<void> {
  const address = await servers[name]?.();
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1_000);
  });
  process.send?.(address);
}

async function cpuOf({ process: child }: Contender): Promise<number> {
  child.send("cpu");
  const [ms] = (await once(child, "message")) as [number];
  return ms;
}

/**
 * Exchanges in step: each sends its next message when all have their answers, so that a quick server gets
 * its work in the same portions as a slow one and not in smaller, dearer ones.
 */
async function exchanges(session: ClientHttp2Session, width: number): Promise<void> {
  const streams = Array.from({ length: width }, () => session.request(HEADERS));
  const closed = streams.map((stream) => once(stream, "close"));
  for (const stream of streams) stream.on("trailers", checkStatus);
  for (const message of messages) {
    const answered = streams.map((stream) => once(stream, "data"));
    for (const stream of streams) stream.write(message);
    await Promise.all(answered);
  }
  for (const stream of streams) stream.end();
  await Promise.all(closed);
}

function checkStatus(trailers: IncomingHttpHeaders): void {
  if (trailers["grpc-status"] !== "0") throw new Error(`grpc-status ${trailers["grpc-status"]}`);
}

function exchangeMessages(): Buffer[] {
  const header = (i: number): Buffer =>
    field(
      1,
      field(1, Buffer.from(`x-header-number-${i}`)),
      field(3, Buffer.from(`value-${"v".repeat(i * 2)}`)),
    );
  const headers = (count: number): Buffer => field(1, ...Array.from({ length: count }, (_, i) => header(i)));
  const end = Buffer.from([0x10, 1]);
  return [
    field(2, headers(16)),
    field(4, field(1, Buffer.alloc(1_024, "b")), end),
    field(3, headers(8)),
    field(5, field(1, Buffer.alloc(200, "c"))),
    field(5, field(1, Buffer.alloc(200, "d")), end),
  ].map((message) => {
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(message.length, 1);
    return Buffer.concat([frame, message]);
  });
}

function field(number: number, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes]);
}
