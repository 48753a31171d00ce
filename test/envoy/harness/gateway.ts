/** Scripted upstreams, Tollgate and Envoy, wired as in production. */
import { envoyConfig } from "../../../src/cli/demo/envoy-config.ts";
import type { Address, Credential, EnvoySetup, RouteSetup } from "../../../src/cli/demo/envoy-setup.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { type EnvoyOptions, type RunningEnvoy, startEnvoy } from "./envoy.ts";
import { type RunningTollgate, startTollgate } from "./tollgate.ts";
import { type Script, startUpstream, type Upstream } from "./upstream.ts";

/** A cluster and the scripted upstream behind it. */
interface GatewayCluster {
  readonly name: string;
  readonly script?: Script;
  readonly credential?: Credential;
  /** Seen by the upstream as Host; `<name>.test` unless given. */
  readonly hostname?: string;
  /** Goes there instead of to an upstream of its own, e.g. where nobody listens. */
  readonly address?: Address;
}

export interface GatewayOptions {
  readonly clusters: readonly GatewayCluster[];
  /** `tollgate` metadata of the virtual host. */
  readonly policy?: JsonObject;
  /** `tollgate` metadata of the route `gated` at `/v1/`; absent: that route is a pass-through. */
  readonly routePolicy?: JsonObject;
  /** Instead of the one route at `/v1/`. */
  readonly routes?: readonly RouteSetup[];
  /** Parts of the Envoy setup that differ from production. */
  readonly setup?: Partial<Pick<EnvoySetup, "bodyLimitBytes" | "messageTimeout">>;
  /** Last changes to Envoy's configuration, in place. */
  readonly configure?: (config: JsonObject) => void;
  /** Runs when the configuration is final and Envoy is not started yet, e.g. to write files that it names. */
  readonly beforeEnvoy?: () => Promise<void>;
  readonly envoy?: EnvoyOptions;
  /** Tollgate's environment; false: no Tollgate and no ext_proc filters. */
  readonly tollgate?: Readonly<Record<string, string>> | false;
  /** Where Tollgate's workers listen, when its environment asks for several. */
  readonly workers?: readonly Address[];
  /** An entry point other than `dist/main.js`. */
  readonly main?: string;
}

export interface RunningGateway {
  /** Of Envoy's listener: `http://127.0.0.1:port`. */
  readonly url: string;
  readonly envoy: RunningEnvoy;
  /** Throws when started without. */
  readonly tollgate: RunningTollgate;
  /** By cluster name; throws for a name without an upstream. */
  upstream(name: string): Upstream;
  stop(): Promise<void>;
}

/** Starts all, or nothing: what did start is stopped when the rest fails. */
export async function gateway(options: GatewayOptions): Promise<RunningGateway> {
  const started: Array<{ stop(): Promise<void> }> = [];
  const stop = async (): Promise<void> => {
    for (let part = started.pop(); part !== undefined; part = started.pop()) await part.stop();
  };
  try {
    const upstreams = new Map<string, Upstream>();
    for (const cluster of options.clusters) {
      if (cluster.address !== undefined) continue;
      const upstream = await startUpstream(cluster.script);
      started.push(upstream);
      upstreams.set(cluster.name, upstream);
    }
    const tollgate =
      options.tollgate === false ? undefined : await startTollgate(options.tollgate ?? {}, options.main);
    if (tollgate !== undefined) started.push(tollgate);
    const config = envoyConfig(envoySetup(options, upstreams, tollgate?.listen));
    options.configure?.(config);
    await options.beforeEnvoy?.();
    const envoy = await startEnvoy(config, options.envoy);
    started.push(envoy);
    return {
      url: envoy.url,
      envoy,
      get tollgate() {
        return present(tollgate, "this gateway was started without Tollgate");
      },
      upstream: (name) => present(upstreams.get(name), `no upstream behind ${name}`),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function envoySetup(
  options: GatewayOptions,
  upstreams: ReadonlyMap<string, Upstream>,
  listen: Address | undefined,
): EnvoySetup {
  const gated: RouteSetup = {
    kind: "gated",
    name: "gated",
    prefix: "/v1/",
    // Tests have no use for Envoy's backoff between tries.
    retry: { backOff: { baseInterval: "0.001s", maxInterval: "0.002s" } },
    ...(options.routePolicy === undefined ? {} : { policy: options.routePolicy }),
  };
  return {
    listener: { host: "127.0.0.1", port: 0 },
    tollgate: listen === undefined ? [] : (options.workers ?? [listen]),
    clusters: options.clusters.map((cluster) => ({
      name: cluster.name,
      address: cluster.address ?? `127.0.0.1:${upstreams.get(cluster.name)?.port ?? 0}`,
      hostname: cluster.hostname ?? `${cluster.name}.test`,
      ...(cluster.credential === undefined ? {} : { credential: cluster.credential }),
    })),
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    routes: options.routes ?? [gated],
    ...options.setup,
  };
}

function present<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new Error(otherwise);
  return value;
}
