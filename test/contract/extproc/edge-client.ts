import { Client, type ClientDuplexStream, credentials, Metadata, type StatusObject } from "@grpc/grpc-js";
import { afterEach } from "vitest";
import type { ProcessingRequest } from "../../../src/extproc/messages.ts";
import { createEdge, type Edge, type EdgeOptions } from "../../../src/extproc/server.ts";
import type { Opening, Outlet, Session } from "../../../src/extproc/session.ts";
import { type Plain, processMethod } from "./peers.ts";

/** What one session lived through, in order: openings, messages by kind, the end. */
export type Journal = string[];

type Receive = (message: ProcessingRequest, outlet: Outlet, opening: Opening) => void | Promise<void>;

const cleanups: Array<() => void | Promise<void>> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** An edge on a free port whose sessions do what `receive` says; all sessions write one journal. */
export async function edgeWith(receive: Receive, options: Partial<EdgeOptions> = {}) {
  const journal: Journal = [];
  const defects: unknown[] = [];
  const edge: Edge = createEdge({
    listen: "127.0.0.1:0",
    openSession: (opening, outlet): Session => ({
      receive: (message) => {
        journal.push(message.kind);
        return receive(message, outlet, opening);
      },
      closed: () => void journal.push("closed"),
    }),
    onDefect: (error) => void defects.push(error),
    ...options,
  });
  await edge.start();
  cleanups.push(() => edge.drain(0));
  return { edge, journal, defects, client: clientFor(edge.address) };
}

/** A connection of its own to an edge. */
export function clientFor(address: string): Client {
  const client = new Client(address, credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc.use_local_subchannel_pool": 1,
  });
  cleanups.push(() => client.close());
  return client;
}

/** A Process stream as a test wants it: what came, and how it ended. */
export class Call {
  readonly stream: ClientDuplexStream<Plain, Plain>;
  readonly answers: Plain[] = [];
  readonly ended: Promise<StatusObject>;
  #heard: (() => void) | undefined;

  constructor(client: Client, metadata: Record<string, string> = {}) {
    const initial = new Metadata();
    for (const [key, value] of Object.entries(metadata)) initial.set(key, value);
    this.stream = client.makeBidiStreamRequest(
      processMethod.path,
      processMethod.requestSerialize,
      processMethod.responseDeserialize,
      initial,
    );
    this.stream.on("data", (answer: Plain) => {
      this.answers.push(answer);
      this.#heard?.();
    });
    this.stream.on("error", () => undefined);
    this.ended = new Promise((resolve) => this.stream.once("status", resolve));
  }

  send(...messages: Plain[]): this {
    for (const message of messages) this.stream.write(message);
    return this;
  }

  /** Waits until so many answers have come. */
  async answered(count: number): Promise<Plain[]> {
    while (this.answers.length < count) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
    return this.answers;
  }
}

/** Waits until something is so; the test's own time limit bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

export const requestHeaders: Plain = { request_headers: { headers: { headers: [] } } };
export const requestBody = (body: Buffer | string): Plain => ({
  request_body: { body: Buffer.from(body as string), end_of_stream: true },
});
const responseHeaders: Plain = { response_headers: { headers: { headers: [] } } };
export const responseBody = (body: string): Plain => ({ response_body: { body: Buffer.from(body) } });
export const wholeExchange = [
  requestHeaders,
  requestBody("{}"),
  responseHeaders,
  responseBody("a"),
  responseBody("b"),
];

/** The session of a no-op processor: go on, whatever it is. */
export const answer = (message: ProcessingRequest, outlet: Outlet): void =>
  outlet.send({ kind: message.kind as never });

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
