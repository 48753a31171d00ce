/** The parts of Envoy's configuration that Tollgate depends on, found once and named. */
import type { Policy, PolicyError } from "../../policy/policy.ts";
import type { ConfigNode } from "./node.ts";

/** An Envoy file: a bootstrap, or a file of xDS `resources`. */
export interface EnvoyConfig {
  readonly root: ConfigNode;
  /** False for a file of xDS resources, which holds only some of the parts. */
  readonly isBootstrap: boolean;
  readonly clusters: ReadonlyMap<string, Cluster>;
  /** False when some clusters come from elsewhere, so that an unknown name proves nothing. */
  readonly knowsAllClusters: boolean;
  readonly gates: readonly Gate[];
}

/** A cluster, with the options that matter here. */
export interface Cluster {
  readonly name: string;
  readonly node: ConfigNode;
  /** Envoy's HttpProtocolOptions. */
  readonly httpOptions: ConfigNode | undefined;
  /** TLS context towards the upstream. */
  readonly tls: ConfigNode | undefined;
}

/** A route configuration with what stands before it. */
export interface Gate {
  /** Undefined for route configurations in a file of their own. */
  readonly manager: ConfigNode | undefined;
  readonly listener: ConfigNode | undefined;
  /** Tollgate's filters in the manager: one, if all is well. */
  readonly exchangeFilters: readonly ExchangeFilter[];
  /** Upstream filters for clusters that have none of their own. */
  readonly routerUpstreamFilters: readonly ConfigNode[];
  readonly virtualHosts: readonly VirtualHost[];
  readonly routes: readonly GatedRoute[];
}

/** Tollgate's filter in front of the router. */
export interface ExchangeFilter {
  /** The key of per-route overrides. */
  readonly name: string;
  /** The ExternalProcessor message. */
  readonly processor: ConfigNode;
}

/** A virtual host; its metadata holds for all its gated routes. */
export interface VirtualHost {
  readonly node: ConfigNode;
  /** `tollgate` metadata. */
  readonly metadata: ConfigNode | undefined;
}

/** A route with `tollgate` metadata; the others pass through and need nothing. */
export interface GatedRoute {
  readonly node: ConfigNode;
  readonly virtualHost: VirtualHost;
  readonly metadata: ConfigNode;
  /** The `route` message; undefined for redirects and direct responses. */
  readonly action: ConfigNode | undefined;
  /** The PriorityGroupClusterSpecifier. */
  readonly priorityGroup: ConfigNode | undefined;
  readonly policy: Policy | PolicyError;
}
