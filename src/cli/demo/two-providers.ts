/**
 * The gateway that the demo shows and that `envoy/envoy.yaml` ships: OpenAI and Anthropic, each standing in for
 * the other.
 */
import type { JsonObject } from "../../json/types.ts";
import type { Address, ClusterSetup, EnvoySetup, HeaderCredential, Secret } from "./envoy-setup.ts";
import type { StandInName } from "./standin/server.ts";

/** A provider that the gateway goes to, by its cluster. */
export interface DemoProvider {
  readonly cluster: string;
  readonly provider: StandInName;
  readonly title: string;
  readonly host: string;
  readonly keyVariable: string;
  readonly keyHeader: Omit<HeaderCredential, "secret">;
}

export const DEMO_PROVIDERS: readonly DemoProvider[] = [
  {
    cluster: "openai",
    provider: "openai",
    title: "OpenAI",
    host: "api.openai.com",
    keyVariable: "OPENAI_API_KEY",
    keyHeader: { header: "authorization", prefix: "Bearer " },
  },
  {
    cluster: "claude",
    provider: "anthropic",
    title: "Anthropic",
    host: "api.anthropic.com",
    keyVariable: "ANTHROPIC_API_KEY",
    keyHeader: { header: "x-api-key" },
  },
];

const HOST_POLICY: JsonObject = {
  targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" } },
};

const ROUTE_POLICY: JsonObject = {
  models: {
    "gpt-4o-mini": {
      strategy: "fallback",
      targets: [{ cluster: "openai" }, { cluster: "claude", model: "claude-haiku-4-5" }],
    },
    "claude*": {
      strategy: "fallback",
      targets: [{ cluster: "claude" }, { cluster: "openai", model: "gpt-4o" }],
    },
    smart: {
      strategy: "fallback",
      targets: [
        { cluster: "claude", model: "claude-sonnet-5" },
        { cluster: "openai", model: "gpt-4o" },
      ],
    },
  },
};

/** Everything but where the processes are. */
export function twoProviders(places: {
  readonly listener: EnvoySetup["listener"];
  readonly admin?: EnvoySetup["admin"];
  readonly tollgate: readonly Address[];
  readonly clusters: readonly ClusterSetup[];
}): EnvoySetup {
  return {
    listener: places.listener,
    ...(places.admin === undefined ? {} : { admin: places.admin }),
    tollgate: places.tollgate,
    clusters: places.clusters,
    policy: HOST_POLICY,
    routes: [
      { kind: "gated", name: "gated", prefix: "/v1/", policy: ROUTE_POLICY },
      {
        kind: "answered",
        name: "unknown",
        prefix: "/",
        status: 404,
        body: "Nothing here: the API is below /v1/\n",
      },
    ],
  };
}

/** The provider itself, over TLS. `caFile` is a PEM bundle where Envoy runs. */
export function realCluster(provider: DemoProvider, secret: Secret, caFile: string): ClusterSetup {
  return {
    name: provider.cluster,
    address: `${provider.host}:443`,
    hostname: provider.host,
    tls: { serverName: provider.host, caFile },
    credential: { ...provider.keyHeader, secret },
  };
}

/** Its stand-in, in the clear. The key is injected all the same: a stand-in asks for one, as the provider does. */
export function standInCluster(provider: DemoProvider, address: Address): ClusterSetup {
  return {
    name: provider.cluster,
    address,
    hostname: provider.host,
    credential: { ...provider.keyHeader, secret: { from: "value", value: "stand-in" } },
  };
}
