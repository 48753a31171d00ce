/** The simulated providers: loopback servers that do by the seed what providers do, and keep their own bill. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../../src/json/types.ts";
import { streamedAnswer, wholeAnswer } from "./answers.ts";
import type { Act, Bill, BillLine } from "./bill.ts";
import { markerIn } from "./calls.ts";
import { type TargetName, targets } from "./policy.ts";
import { between, oneOf, pick, type Random, seeded } from "./seeded.ts";

export interface Providers {
  readonly ports: Readonly<Record<TargetName, number>>;
  stop(): Promise<void>;
}

/** Of answers to which the client set no limit. Tokens. */
const longest = 40;

export async function startProviders(seed: number, bill: Bill): Promise<Providers> {
  const started = await Promise.all(targets.map(async (target) => ({ target, ...(await serve(target)) })));
  return {
    ports: Object.fromEntries(started.map(({ target, port }) => [target, port])) as Providers["ports"],
    async stop() {
      await Promise.all(started.map(({ stop }) => stop()));
    },
  };

  async function serve(target: TargetName) {
    const server = createServer((request, response) => {
      answer(target, request, response).catch(() => response.destroy());
    });
    server.keepAliveTimeout = 3_600_000;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const stop = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return { port: (server.address() as AddressInfo).port, stop };
  }

  async function answer(target: TargetName, request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const marker = markerIn(body);
    if (marker === undefined) throw new Error("a request of nobody's");
    const before = bill.of(marker.number).length;
    const random = seeded(seed, "provider", marker.number, before);
    const line = lineFor(target, marker, JSON.parse(body) as JsonObject, random, before);
    bill.add(line);
    await write(line, random, response);
  }
}

function lineFor(
  target: TargetName,
  { number, promptLength }: { number: number; promptLength: number },
  body: JsonObject,
  random: Random,
  before: number,
): BillLine {
  const limit = body["max_tokens"] ?? body["max_completion_tokens"];
  const maxTokens = typeof limit === "number" ? limit : undefined;
  const isStream = body["stream"] === true;
  const trouble = before === 0 ? 1 : 0.5;
  const act = oneOf<Act>(
    random,
    { error: 0.1 * trouble, reset: 0.04 * trouble, hang: 0.015 * trouble, break: isStream ? 0.05 : 0 },
    isStream ? "stream" : "whole",
  );
  return {
    ...{ number, target, act, maxTokens, isStream },
    input: between(random, 1, Math.max(1, Math.floor(promptLength / 4))),
    output: between(random, 1, Math.min(maxTokens ?? longest, longest)),
    words: 0,
    isComplete: false,
  };
}

async function write(line: BillLine, random: Random, response: ServerResponse): Promise<void> {
  await sleep(random() < 0.1 ? between(random, 50, 150) : between(random, 0, 15));
  if (response.destroyed) return;
  response.once("finish", () => {
    line.isComplete = true;
  });
  switch (line.act) {
    case "error": {
      const status = pick(random, [429, 500, 503]);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: `scripted ${status}`, type: "scripted" } }));
      return;
    }
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
    case "whole":
      line.words = line.output;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(wholeAnswer(line)));
      return;
    case "stream":
    case "break":
      return writeStream(line, random, response);
    default:
      line.act satisfies never;
  }
}

async function writeStream(line: BillLine, random: Random, response: ServerResponse): Promise<void> {
  const { opening, words, ending } = streamedAnswer(line);
  const breaksAfter = line.act === "break" ? between(random, 0, words.length) : undefined;
  const everyMs = random() < 0.7 ? 0 : between(random, 1, 12);
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(opening.join(""));
  for (const [index, word] of words.entries()) {
    if (index === breaksAfter) break;
    if (everyMs > 0) await sleep(everyMs);
    if (response.destroyed) return;
    line.words++;
    response.write(word);
  }
  if (breaksAfter === undefined) response.end(ending.join(""));
  // What was written goes out first.
  else setTimeout(() => response.socket?.resetAndDestroy(), between(random, 0, 5));
}
