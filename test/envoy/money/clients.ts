/** The applications: so many calls at once, some of which hang up, and what each of them saw. */
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { word } from "./answers.ts";
import { bodyOf, type Call, callNumber } from "./calls.ts";
import type { Fleet } from "./fleet.ts";
import { seeded } from "./seeded.ts";

export interface Seen {
  readonly call: Call;
  readonly gateway: number;
  /** Unix milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0: none came. */
  readonly status: number;
  /** The answer came to its end. */
  readonly isComplete: boolean;
  /** The client hung up. */
  readonly left: boolean;
  /** Of the answer: each is a token. */
  readonly words: number;
  /** `x-tollgate-cost`, `x-tollgate-reason`. */
  readonly cost: string | undefined;
  readonly reason: string | undefined;
}

export interface Load {
  readonly seed: number;
  readonly calls: number;
  readonly clients: number;
  readonly fleet: Fleet;
}

/** Of those who call where nobody serves now. */
const stubborn = 0.05;

export class Clients {
  readonly seen: Seen[] = [];
  #begun = 0;
  #until = 0;
  readonly #load: Load;
  readonly #agents: readonly Agent[];

  constructor(load: Load) {
    this.#load = load;
    this.#agents = load.fleet.members.map(() => new Agent({ keepAlive: true }));
  }

  get begun(): number {
    return this.#begun;
  }

  /** Nobody goes beyond that number until told so. */
  goOnUntil(number: number): void {
    this.#until = number;
  }

  /** All calls, each by a client that has nothing else to do meanwhile. */
  async run(): Promise<void> {
    const { clients, calls } = this.#load;
    const client = async () => {
      while (this.#begun < calls) {
        if (this.#begun < this.#until) await this.#work();
        else await sleep(10);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    for (const agent of this.#agents) agent.destroy();
  }

  /** One call; when it found nobody to serve it, another one for the same, as SDKs do. */
  async #work(): Promise<void> {
    const { seed, calls } = this.#load;
    const number = this.#begun++;
    const asked = callNumber(seed, number);
    const first = await this.#call(asked);
    if (first.status < 500) return;
    await sleep(20);
    if (this.#begun < calls) await this.#call({ ...asked, number: this.#begun++ });
  }

  async #call(call: Call): Promise<Seen> {
    const { seed, fleet } = this.#load;
    const random = seeded(seed, "gateway", call.number);
    let gateway = random() < 0.5 ? 0 : 1;
    if (fleet.members[gateway]?.isDown === true && random() > stubborn) gateway = 1 - gateway;
    const seen = await this.#exchange(call, gateway);
    this.seen.push(seen);
    return seen;
  }

  #exchange(call: Call, gateway: number): Promise<Seen> {
    const { fleet } = this.#load;
    const startMs = Date.now();
    const body = JSON.stringify(bodyOf(call));
    return new Promise((resolve) => {
      let [status, left, isComplete, text, pieces] = [0, false, false, "", 0];
      let headers: IncomingMessage["headers"] = {};
      const sent = request({
        ...(this.#agents[gateway] !== undefined && { agent: this.#agents[gateway] }),
        ...{ host: "127.0.0.1", port: fleet.members[gateway]?.running.envoy.port, method: "POST" },
        path: call.dialect === "openai" ? "/v1/chat/completions" : "/v1/messages",
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          // The id of the exchange begins with it.
          "x-request-id": String(call.number),
          "x-tenant": call.tenant,
          "x-department": call.department,
          "x-user-id": call.user,
          "anthropic-version": "2023-06-01",
        },
      });
      const leave = () => {
        left = !isComplete;
        sent.destroy();
      };
      sent.on("error", () => undefined);
      sent.on("response", (response) => {
        status = response.statusCode ?? 0;
        headers = response.headers;
        response.setEncoding("utf8");
        response.on("data", (piece: string) => {
          text += piece;
          if (call.leaves === "in mid-stream" && ++pieces === call.leavesAfter) leave();
        });
        response.on("end", () => {
          isComplete = response.complete;
        });
        response.on("error", () => undefined);
      });
      sent.on("close", () =>
        resolve({
          ...{ call, gateway, startMs, endMs: Date.now(), status, isComplete, left },
          words: text.split(word).length - 1,
          cost: single(headers["x-tollgate-cost"]),
          reason: single(headers["x-tollgate-reason"]),
        }),
      );
      sent.end(body, () => {
        if (call.leaves === "when it has sent") leave();
        if (call.leaves === "before the answer") setTimeout(leave, call.leavesAfter);
      });
    });
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}
