/** The two Envoys: with Tollgate in it, and without. Everything else is the same. */
import type { ClusterSetup, EnvoySetup } from "../src/cli/demo/envoy-setup.ts";
import type { JsonObject, JsonValue } from "../src/json/types.ts";
import { pairModel } from "./pairs.ts";
import { quotaPrefix, threeLimitsAndABudget } from "./quotas.ts";

export const upstreamNames = ["openai", "anthropic", "responses", "gemini", "bedrock"] as const;

export type UpstreamPorts = Readonly<Record<(typeof upstreamNames)[number], number>>;

const listener = { host: "127.0.0.1", port: 0 } as const;

/** Each dialect goes to its own provider; Envoy reads no body. */
export function plainSetup(upstream: UpstreamPorts): EnvoySetup {
  return {
    listener,
    tollgate: [],
    clusters: clusters(upstream),
    routes: [
      { kind: "plain", name: "messages", prefix: "/v1/messages", cluster: "claude" },
      { kind: "plain", name: "responses", prefix: "/v1/responses", cluster: "responses" },
      { kind: "plain", name: "gemini", prefix: "/v1beta/", cluster: "gemini" },
      { kind: "plain", name: "bedrock", prefix: "/model/", cluster: "bedrock" },
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
      [pairModel("chat")]: { targets: [{ cluster: "chat", model: "gpt-4o" }] },
      [pairModel("responses")]: { targets: [{ cluster: "responses", model: "gpt-5.1" }] },
      [pairModel("anthropic")]: { targets: [{ cluster: "claude", model: "claude-sonnet-4-5" }] },
      [pairModel("gemini")]: { targets: [{ cluster: "gemini", model: "gemini-2.5-flash" }] },
      [pairModel("bedrock")]: {
        targets: [{ cluster: "bedrock", model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0" }],
      },
    },
  };
  return {
    listener,
    tollgate: [tollgate],
    clusters: clusters(upstream),
    policy: {
      targets: {
        openai: { provider: "openai" },
        // Chat alone, so that clients of Responses are translated.
        chat: { provider: "openai-compatible" },
        claude: { provider: "anthropic" },
        responses: { provider: "openai-responses" },
        gemini: { provider: "google" },
        bedrock: { provider: "bedrock" },
      },
    },
    routes: [
      {
        kind: "gated",
        name: "metered",
        prefix: quotaPrefix,
        policy: { ...policy, ...threeLimitsAndABudget },
      },
      { kind: "gated", name: "llm", prefix: "/", policy },
    ],
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
  const bare = (name: string, port: number): ClusterSetup => ({
    name,
    address: `127.0.0.1:${port}`,
    hostname: `${name}.test`,
  });
  return [
    bare("chat", upstream.openai),
    bare("responses", upstream.responses),
    bare("gemini", upstream.gemini),
    bare("bedrock", upstream.bedrock),
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
