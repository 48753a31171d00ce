/**
 * The official SDKs in front of the gateway, scripted providers behind it.
 *
 * Each case has a header of its own, which passes through to the providers: so every case finds its own answers,
 * whatever runs beside it.
 */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { json, type UpstreamAnswer } from "../harness/upstream-answers.ts";

export type Cluster = "openai" | "claude";

/** The keys that Envoy holds; no other may ever reach a provider. */
export const keys = { openai: "key-of-openai", claude: "key-of-claude" } as const;
/** What the clients believe to be a key. */
export const clientKey = "key-of-the-client";

const models: JsonObject = {
  "gpt-*": { targets: [{ cluster: "openai" }] },
  "claude-*": { targets: [{ cluster: "claude" }] },
};

export interface Case {
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  /** The same clients without the gateway: straight to the provider of their dialect. */
  readonly unguarded: { readonly openai: OpenAI; readonly anthropic: Anthropic };
  /** What a provider was sent on behalf of this case, in order. */
  sentTo(cluster: Cluster): readonly RecordedRequest[];
}

export interface CaseSetup {
  /** Answers in order; the last one is given again. */
  readonly openai?: readonly UpstreamAnswer[];
  readonly claude?: readonly UpstreamAnswer[];
  /** Where the gateway is mounted, e.g. `/strict`; the root unless given. */
  readonly mount?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Stage {
  readonly gateway: RunningGateway;
  readonly #scripts: Map<string, CaseSetup>;
  readonly #sent: Map<string, RecordedRequest[]>;

  constructor(
    running: RunningGateway,
    scripts: Map<string, CaseSetup>,
    sent: Map<string, RecordedRequest[]>,
  ) {
    this.gateway = running;
    this.#scripts = scripts;
    this.#sent = sent;
  }

  /** A case with its own scripts and its own clients, which never retry by themselves. */
  case(setup: CaseSetup): Case {
    const id = `case-${this.#scripts.size}`;
    this.#scripts.set(id, setup);
    const base = `${this.gateway.url}${setup.mount ?? ""}`;
    const shared = {
      apiKey: clientKey,
      maxRetries: 0,
      timeout: 20_000,
      defaultHeaders: { "x-case": id, ...setup.headers },
    };
    const provider = (cluster: Cluster): string => `http://127.0.0.1:${this.gateway.upstream(cluster).port}`;
    return {
      openai: new OpenAI({ ...shared, baseURL: `${base}/v1` }),
      anthropic: new Anthropic({ ...shared, baseURL: base }),
      unguarded: {
        openai: new OpenAI({ ...shared, baseURL: `${provider("openai")}/v1` }),
        anthropic: new Anthropic({ ...shared, baseURL: provider("claude") }),
      },
      sentTo: (cluster) => this.#sent.get(`${id}@${cluster}`) ?? [],
    };
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
  }
}

/**
 * One gateway for a file of tests. Models: `gpt-*` at OpenAI, `claude-*` at Anthropic, and what the policy adds;
 * `/strict` is the same with `strict: true`.
 *
 * @param policy more models, and targets beside `openai` and `claude`: clusters where nobody listens
 */
export async function startStage(policy: { models?: JsonObject; dead?: JsonObject } = {}): Promise<Stage> {
  const scripts = new Map<string, CaseSetup>();
  const sent = new Map<string, RecordedRequest[]>();
  const script = (cluster: Cluster) => (request: RecordedRequest) => {
    const id = String(request.headers["x-case"]);
    const place = `${id}@${cluster}`;
    const requests = sent.get(place) ?? [];
    sent.set(place, requests);
    const answers = scripts.get(id)?.[cluster] ?? [];
    const answer = answers[Math.min(requests.push(request), answers.length) - 1];
    // A status that neither Envoy nor the SDKs mistake for something scripted.
    return answer ?? json({ error: { message: `${place} was not to be called` } }, 418);
  };
  const dead = policy.dead ?? {};
  const running = await gateway({
    clusters: [
      {
        name: "openai",
        script: script("openai"),
        credential: {
          header: "authorization",
          prefix: "Bearer ",
          secret: { from: "value", value: keys.openai },
        },
      },
      {
        name: "claude",
        script: script("claude"),
        credential: { header: "x-api-key", secret: { from: "value", value: keys.claude } },
      },
      ...Object.keys(dead).map((name) => ({ name, address: "127.0.0.1:1" })),
    ],
    policy: {
      targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" }, ...dead },
      models: { ...models, ...policy.models },
    },
    routes: [
      route("strict", "/strict/v1/", { strict: true }),
      // A route without metadata of its own would be a pass-through.
      route("gated", "/v1/", { strict: false }),
    ],
  });
  return new Stage(running, scripts, sent);
}

function route(name: string, prefix: string, policy: JsonObject) {
  const retry = { backOff: { baseInterval: "0.001s", maxInterval: "0.002s" } };
  return { kind: "gated", name, prefix, policy, retry } as const;
}
