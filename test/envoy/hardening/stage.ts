/** Two providers and clients of both dialects: all four pairs behind one Envoy. */
import type { JsonObject } from "../../../src/json/types.ts";
import { type GatewayOptions, gateway, type RunningGateway } from "../harness/gateway.ts";
import { probeEnvironment, type Vitals, vitals } from "./probe.ts";

export type Client = "openai" | "anthropic";
export type Target = "openai" | "claude";

export const pairs: ReadonlyArray<readonly [client: Client, target: Target]> = [
  ["openai", "openai"],
  ["openai", "claude"],
  ["anthropic", "openai"],
  ["anthropic", "claude"],
];

/** Placed in prompts, answers, keys and headers: no line of the log may hold it. */
export const secret = "xyzzy-never-log-this";

const policy: JsonObject = {
  targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" } },
  models: {
    "to-openai": { targets: [{ cluster: "openai", model: "gpt-4o" }] },
    "to-claude": { targets: [{ cluster: "claude", model: "claude-sonnet-4-5" }] },
    "to-claude-then-openai": {
      targets: [
        { cluster: "claude", model: "claude-sonnet-4-5" },
        { cluster: "openai", model: "gpt-4o" },
      ],
    },
  },
};

export interface Stage extends RunningGateway {
  /** A call of the client's SDK, as bytes. */
  call(client: Client, body: string | Uint8Array, init?: RequestInit): Promise<Response>;
  /** What Tollgate told since the last question. */
  vitals(settled?: boolean): Promise<Vitals>;
  /** Exchanges that are over. */
  records(): JsonObject[];
  /** How many ended in which way, e.g. `{finished: 1}`. */
  outcomes(): Promise<Record<string, number>>;
  /** Metric without labels, or the sum over its labels. */
  metric(name: string): Promise<number>;
}

export async function stage(options: Partial<GatewayOptions> = {}): Promise<Stage> {
  const running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy,
    routePolicy: {},
    ...options,
    tollgate: { ...probeEnvironment, ...(options.tollgate === false ? {} : options.tollgate) },
  });
  const { tollgate, url } = running;
  const metricLines = async (name: string) => {
    const text = await (await fetch(`http://${tollgate.admin}/metrics`)).text();
    return text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  };
  const lastNumber = (line: string) => Number(line.slice(line.lastIndexOf(" ")));
  return {
    ...running,
    tollgate,
    call: (client, body, init = {}) =>
      fetch(`${url}/v1/${client === "openai" ? "chat/completions" : "messages"}`, {
        method: "POST",
        body,
        ...init,
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${secret}`,
          ...(init.headers as Record<string, string> | undefined),
        },
      }),
    vitals: (settled) => vitals(tollgate, settled),
    records: () => tollgate.logs().filter((line) => line["msg"] === "exchange"),
    async outcomes() {
      const counts: Record<string, number> = {};
      for (const line of await metricLines("tollgate_exchanges_total")) {
        const outcome = /outcome="([^"]+)"/.exec(line)?.[1] ?? "";
        counts[outcome] = (counts[outcome] ?? 0) + lastNumber(line);
      }
      return counts;
    },
    async metric(name) {
      return (await metricLines(name)).reduce((sum, line) => sum + lastNumber(line), 0);
    },
  };
}

/** Lines of the log that speak of what should not have been, or hold what must not be told. */
export function badLines(stage: Stage): string[] {
  const { entries, other } = stage.tollgate.log;
  const lines = entries.filter((line) => line["probe"] === undefined).map((line) => JSON.stringify(line));
  return [...lines, ...other].filter((line) => line.includes(secret) || /"level":"(error|fatal)"/.test(line));
}
