/** Some hundred calls as applications make them, with what each client saw. */
import { setTimeout as sleep } from "node:timers/promises";
import { completion, completionPieces, failing, message, messagePieces, paced } from "../facts/answers.ts";
import { chat, messages } from "../facts/calls.ts";
import type { RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { reset, stream, type UpstreamAnswer } from "../harness/upstream-answers.ts";

/** What the upstreams do is in the model's name. */
type Kind =
  /** A whole answer, which has its cost in a header. */
  | "whole"
  /** A stream that is read to its end. */
  | "stream"
  /** The first target is overloaded, or resets; the second answers. */
  | "failover"
  /** The client hangs up in the middle of a stream. */
  | "hangup"
  /** No such model. */
  | "refused";

const kinds: readonly Kind[] = [
  "whole",
  "stream",
  "whole",
  "failover",
  "refused",
  "stream",
  "whole",
  "hangup",
];

/** How the clients' calls ended, in order. */
export interface Seen {
  readonly kind: Kind;
  readonly model: string;
  /** 0: hung up, or the connection broke. */
  readonly status: number;
  /** As the client says it. */
  readonly department: string;
  /** `x-tollgate-cost`. */
  readonly cost: string | undefined;
}

const words = Array.from({ length: 12 }, (_, index) => ` word${index}`);

export function answersOf(target: "openai" | "claude") {
  return (request: RecordedRequest): UpstreamAnswer => {
    const text = request.body.toString("utf8");
    if (text.includes("kind:failover") && target === "openai")
      return text.includes("even") ? failing(503) : reset;
    const pieces = target === "openai" ? completionPieces(words) : messagePieces(words);
    if (text.includes("kind:hangup")) return stream(paced(pieces, 20), { end: "hang" });
    if (text.includes("kind:slow")) return stream(paced(pieces, 50));
    if (text.includes("kind:stream")) return stream(pieces);
    return target === "openai" ? completion("hi") : message("hi");
  };
}

/** One call, by its number. */
async function callNumber(running: RunningGateway, number: number): Promise<Seen> {
  const kind = kinds[number % kinds.length] ?? "whole";
  const first = { whole: "openai", stream: "claude", failover: "both", hangup: "openai", refused: "nobody" }[
    kind
  ];
  const model = `${first}-${kind}-${number}`;
  const call = number % 3 === 0 ? messages : chat;
  const department = number % 5 < 2 ? "sales" : "lab";
  const hangUp = new AbortController();
  const options = {
    prompt: `kind:${kind} ${number % 2 === 0 ? "even" : "odd"}`,
    stream: kind === "stream" || kind === "hangup",
    signal: hangUp.signal,
    headers: { "x-department": department, "x-app-id": `${department}-app` },
  };
  try {
    const response = await call(running, model, options);
    if (kind === "hangup") {
      await sleep(60);
      hangUp.abort();
    }
    await response.arrayBuffer();
    const cost = response.headers.get("x-tollgate-cost") ?? undefined;
    return { kind, model, department, status: response.status, cost };
  } catch {
    return { kind, model, department, status: 0, cost: undefined };
  }
}

/** Several clients at once, each one call after the other. */
export async function calls(running: RunningGateway, count: number, clients: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  let next = 0;
  const client = async () => {
    while (next < count) seen.push(await callNumber(running, next++));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return seen;
}
