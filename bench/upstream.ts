/**
 * All providers in one process of their own, on loopback: fixed bytes, no parsing. Prints its ports as one JSON
 * line. Each stream has a timer of its own, so that the chunks of different streams do not arrive together.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answers, anthropicAnswers, openaiAnswers, PACE_MS } from "./answers.ts";
import { bedrockAnswers, geminiAnswers, responsesAnswers } from "./answers-of-pairs.ts";
import type { UpstreamPorts } from "./envoys.ts";

/** Asks for another pace than {@link PACE_MS}; for warming up. Milliseconds. */
const PACE_HEADER = "x-bench-pace-ms";
const STREAM_FIELD = Buffer.from('"stream":true');

function provider(answers: Answers): Server {
  return createServer((request, response) => {
    let streamed = false;
    // Where the field stands depends on who wrote the body last; large bodies are never streamed here.
    request.on("data", (chunk: Buffer) => {
      streamed ||= chunk.length < 4_096 && chunk.includes(STREAM_FIELD);
    });
    request.on("end", () => {
      if (request.url === answers.streamPath) pour(answers, paceOf(request), response);
      else if (request.url !== answers.path) refuse(response);
      else if (streamed) pour(answers, paceOf(request), response);
      else whole(answers.whole, response);
    });
  });
}

function whole(body: Buffer, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

function refuse(response: ServerResponse): void {
  response.writeHead(404, { "content-type": "application/json" });
  response.end('{"error":{"message":"not the path of this dialect"}}');
}

function pour({ events, streamType }: Answers, paceMs: number, response: ServerResponse): void {
  response.writeHead(200, { "content-type": streamType ?? "text/event-stream; charset=utf-8" });
  let next = 0;
  const timer = setInterval(() => {
    const event = events[next];
    next += 1;
    if (event !== undefined) response.write(event);
    if (next < events.length) return;
    clearInterval(timer);
    response.end();
  }, paceMs);
  response.on("close", () => clearInterval(timer));
}

function paceOf(request: IncomingMessage): number {
  const asked = Number(request.headers[PACE_HEADER]);
  return asked > 0 ? asked : PACE_MS;
}

async function listening(server: Server): Promise<number> {
  // Zero: never. A connection closed between two rounds would be counted as an error of the gateway.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const ports: UpstreamPorts = {
  openai: await listening(provider(openaiAnswers)),
  anthropic: await listening(provider(anthropicAnswers)),
  responses: await listening(provider(responsesAnswers)),
  gemini: await listening(provider(geminiAnswers)),
  bedrock: await listening(provider(bedrockAnswers)),
};
process.stdout.write(`${JSON.stringify(ports)}\n`);
