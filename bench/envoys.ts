/** The two Envoys: with Tollgate in it, and without. Everything else is the same. */
import type { ClusterSetup, EnvoySetup } from "../src/cli/demo/envoy-setup.ts";
import type { JsonObject, JsonValue } from "../src/json/types.ts";

export interface UpstreamPorts {
  readonly openai: number;
  readonly anthropic: number;
}

const listener = { host: "127.0.0.1", port: 0 } as const;

/** Each dialect goes to its own provider; Envoy reads no body. */
export function plainSetup(upstream: UpstreamPorts): EnvoySetup {
  return {
    listener,
    tollgate: [],
    clusters: clusters(upstream),
    routes: [
      { kind: "plain", name: "messages", prefix: "/v1/messages", cluster: "claude" },
      { kind: "plain", name: "chat", prefix: "/", cluster: "openai" },
    ],
  };
}

/** The model decides; metering is on, as it always is. */
export function gatedSetup(upstream: UpstreamPorts, tollgate: string): EnvoySetup {
  const policy: JsonObject = {
    models: {
      "gpt-4o": { targets: [{ cluster: "openai" }] },
      "claude-sonnet-4-5": { targets: [{ cluster: "claude" }] },
    },
  };
  return {
    listener,
    tollgate: [tollgate],
    clusters: clusters(upstream),
    policy: { targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" } } },
    routes: [{ kind: "gated", name: "llm", prefix: "/", policy }],
  };
}

/** Writing lines is no part of what is compared. */
export function withoutAccessLog(config: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key !== "access_log")
      .map(([key, value]) => [key, withoutIn(value)]),
  );
}

function withoutIn(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutIn);
  return typeof value === "object" && value !== null ? withoutAccessLog(value) : value;
}

function clusters(upstream: UpstreamPorts): readonly ClusterSetup[] {
  return [
    {
      name: "openai",
      address: `127.0.0.1:${upstream.openai}`,
      hostname: "api.openai.test",
      credential: {
        header: "authorization",
        prefix: "Bearer ",
        secret: { from: "value", value: "bench" },
      },
    },
    {
      name: "claude",
      address: `127.0.0.1:${upstream.anthropic}`,
      hostname: "api.anthropic.test",
      credential: { header: "x-api-key", secret: { from: "value", value: "bench" } },
    },
  ];
}
