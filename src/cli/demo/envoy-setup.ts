/** What an Envoy in front of Tollgate is asked to be: the input of {@link ./envoy-config.ts}. */
import type { JsonObject } from "../../json/types.ts";

/** `host:port`, `[v6]:port`, or `unix:/path`; a host that is no IP address is resolved by DNS. */
export type Address = string;

/** Where Envoy finds a secret. Never a command line: other users of the machine can read those. */
export type Secret =
  | { readonly from: "value"; readonly value: string }
  /** An environment variable of the Envoy process. */
  | { readonly from: "environment"; readonly variable: string }
  /** An SDS resource file, watched by Envoy: a new key is picked up without a restart. */
  | { readonly from: "sds"; readonly path: string };

/** The header that a provider wants its key in. */
export interface HeaderCredential {
  readonly kind?: "header";
  readonly header: string;
  /** Put before the secret, e.g. `Bearer `. */
  readonly prefix?: string;
  readonly secret: Secret;
}

/** AWS's signature (SigV4), which Envoy makes of the whole request, its body included. */
export interface AwsSignature {
  readonly kind: "aws-signature";
  /** Name of the service in the signature, e.g. `bedrock`. */
  readonly service: string;
  readonly region: string;
  /** Absent in production: Envoy asks its environment, files, the instance or the container for them. */
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** How a provider knows who calls. */
export type Credential = HeaderCredential | AwsSignature;

/** Verified TLS towards a provider: the certificate must be issued by `caFile` for `serverName`. */
interface UpstreamTls {
  readonly serverName: string;
  /** PEM bundle on the machine that Envoy runs on. */
  readonly caFile: string;
}

/** One provider: an Envoy cluster with the filters that make a try at it safe. */
export interface ClusterSetup {
  readonly name: string;
  readonly address: Address;
  /** Becomes the Host header (`auto_host_rewrite`); the address's host unless given. */
  readonly hostname?: string;
  readonly tls?: UpstreamTls;
  readonly credential?: Credential;
}

/** Overrides of the route's retry policy; what is absent stays as in the production config. */
export interface RetrySetup {
  readonly retryOn?: string;
  readonly retries?: number;
  /** Duration as Envoy writes it, e.g. `2s`. */
  readonly perTryTimeout?: string;
  /** Backoff between tries; Envoy's own (25 ms, doubling) unless given. */
  readonly backOff?: { readonly baseInterval: string; readonly maxInterval: string };
}

/** A route that Tollgate sees. Without metadata on it or its virtual host the bytes pass unchanged. */
export interface GatedRoute {
  readonly kind: "gated";
  readonly name: string;
  readonly prefix: string;
  /** The `tollgate` metadata of the route. */
  readonly policy?: JsonObject;
  /** Serves when Tollgate did not choose: pass-through, or fail-open. The first cluster unless given. */
  readonly defaultCluster?: string;
  readonly failureModeAllow?: boolean;
  readonly retry?: RetrySetup;
  /** Of the whole exchange, all tries included, e.g. `600s`. */
  readonly timeout?: string;
}

/** A route that goes straight to a cluster; Tollgate does not see it. */
interface PlainRoute {
  readonly kind: "plain";
  readonly name: string;
  readonly prefix: string;
  readonly cluster: string;
}

/** A route that Envoy answers itself; Tollgate does not see it. */
interface AnsweredRoute {
  readonly kind: "answered";
  readonly name: string;
  readonly prefix: string;
  readonly status: number;
  readonly body: string;
}

export type RouteSetup = GatedRoute | PlainRoute | AnsweredRoute;

/** One listener, its routes in order, Tollgate, and the providers behind. */
export interface EnvoySetup {
  /** Port 0: any free one; {@link ./envoy-process.ts} tells which. */
  readonly listener: { readonly host: string; readonly port: number };
  readonly admin?: { readonly host: string; readonly port: number };
  /** Workers of one Tollgate; none: no ext_proc filters at all, a plain Envoy. */
  readonly tollgate: readonly Address[];
  readonly clusters: readonly ClusterSetup[];
  /** The `tollgate` metadata of the virtual host. */
  readonly policy?: JsonObject;
  readonly routes: readonly RouteSetup[];
  /** Largest body in either direction; 64 MiB unless given. Bytes. */
  readonly bodyLimitBytes?: number;
  /** How long Envoy waits for each verdict; `5s` unless given. */
  readonly messageTimeout?: string;
}

/** Envoy buffers 1 MiB unless told otherwise; requests with images and documents are larger. Bytes. */
export const DEFAULT_BODY_LIMIT_BYTES = 64 * 1024 * 1024;
/** A verdict takes under a millisecond; a larger bound only rides out a paused process. */
export const DEFAULT_MESSAGE_TIMEOUT = "5s";
/** As long as Tollgate may ask Envoy to wait for one verdict: it does when it has files to fetch. */
export const MAX_MESSAGE_TIMEOUT = "60s";
/** Whole answers of reasoning models come after minutes of silence; the SDKs wait ten. */
export const DEFAULT_ROUTE_TIMEOUT = "600s";
