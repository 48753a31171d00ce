/**
 * What a route asks for, compiled: requests only look up.
 *
 * Parsed from the `tollgate` metadata of route and virtual host (DESIGN section 5), validated once per distinct
 * text, and shared by every exchange on the route; so it is deeply read-only.
 */
import type { Modality } from "../conversation/modalities.ts";
import type { CallerField } from "../identity/caller.ts";
import type { Identity } from "../identity/identity.ts";
import type { TargetSettings } from "../providers/provider.ts";
import type { AnomalySettings } from "./anomaly-settings.ts";
import type { Quotas } from "./quotas.ts";

/** One place that can serve a model. */
export interface Target {
  /** Envoy's cluster name. */
  readonly cluster: string;
  readonly settings: TargetSettings;
  /** The model to ask for; undefined: as the client asked. */
  readonly model: string | undefined;
  /** Share of the traffic under `split`; 1 unless said otherwise. */
  readonly weight: number;
  /** Sent when the client gave no limit and the target's format demands one. Tokens. */
  readonly maxTokens: number | undefined;
  /** What the model takes, `text` included; undefined: everything. */
  readonly accepts: readonly Modality[] | undefined;
}

type Strategy = "fallback" | "split";

/** What clients may ask for, and who then answers. */
export interface ModelRoute {
  /** As written: an exact name, or a prefix with `*`. */
  readonly pattern: string;
  readonly strategy: Strategy;
  /** At least one. Under `fallback` in order of preference. */
  readonly targets: readonly Target[];
  readonly sticky: readonly CallerField[];
  /** Tries in all, the first included; undefined: as Envoy's retry policy says. */
  readonly attempts: number | undefined;
  /** Milliseconds per try; undefined: as Envoy's route says. */
  readonly perTryTimeoutMs: number | undefined;
}

/**
 * Nano-dollars per million tokens, by kind; undefined kinds cost what `input` or `output` costs. And nano-dollars per
 * piece of what is not counted in tokens. At least one of them all.
 */
export interface PriceOverride {
  /** Undefined together with `output`: tokens are not what is paid for. */
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  /** Per answered call. */
  readonly request?: number | undefined;
  readonly image?: number | undefined;
  readonly audioHour?: number | undefined;
  readonly search?: number | undefined;
}

/** Where calls that name no model go: files, batches, kept responses. */
export interface CallRoute {
  /** As written: a whole path, or a prefix with `*`. */
  readonly pattern: string;
  readonly cluster: string;
  readonly settings: TargetSettings;
}

/** Where the gateway may fetch files that a request names by URL, for targets that take only bytes. */
export interface MediaFetch {
  /** @param host of a URL, in lower case, without brackets and without a dot at its end */
  allows(host: string, port: number): boolean;
  /** All files of one request. */
  readonly maxBytes: number;
  /** Different files of one request. */
  readonly maxFiles: number;
  /** For all files of one request. Milliseconds. */
  readonly timeoutMs: number;
  /** Hosts may have addresses that are not public. */
  readonly allowPrivate: boolean;
}

/** What the policy says of a model's price. */
export interface PriceTerms {
  /** Instead of the price list's; undefined: those of the list. */
  readonly rates: PriceOverride | undefined;
  /** Taken off the rates: what the provider is paid. Parts per million, at most a million. */
  readonly discountPpm: number;
  /** Put upon what the provider is paid: what the caller is charged. Parts per million. */
  readonly marginPpm: number;
}

/** Everything that a gated route asks for. */
export interface Policy {
  /** How callers are known, and what must be known of them. */
  readonly identity: Identity;
  readonly targets: ReadonlyMap<string, TargetSettings>;
  /** Exact match first, then the longest prefix. */
  model(name: string): ModelRoute | undefined;
  /** Every pattern in the order written, for `/v1/models`. */
  readonly models: readonly ModelRoute[];
  /**
   * Every pattern of paths in the order written; undefined: the policy says nothing of calls that name no model, and
   * they pass as they come.
   */
  readonly calls: readonly CallRoute[] | undefined;
  /** By the client's path without its query, exact first, then the longest prefix. */
  call(path: string): CallRoute | undefined;
  /** What callers may use. */
  readonly quotas: Quotas;
  /** A request that would lose anything is refused with 422. */
  readonly strict: boolean;
  /** Undefined: the gateway fetches nothing. */
  readonly mediaFetch: MediaFetch | undefined;
  /** Undefined: callers are not watched. */
  readonly anomalies: AnomalySettings | undefined;
  /** By model name, exact first, then the longest prefix. */
  price(model: string): PriceTerms | undefined;
}

/** Something is wrong with the metadata. `path` is where: `models.gpt-4o.targets[1].cluster`. */
export interface PolicyIssue {
  /** Begins with `route:` or `virtual_host:` where it is known whose metadata is at fault. */
  readonly path: string;
  readonly message: string;
  /** Whose metadata; undefined when a key is missing from both. */
  readonly origin?: "route" | "virtual_host";
  /** `path` in pieces, down to the offending key, for tools that look for its line. */
  readonly segments?: ReadonlyArray<string | number>;
}

/** The metadata cannot be used; `issues` says all that is wrong with it. */
export class PolicyError extends Error {
  readonly issues: readonly PolicyIssue[];

  constructor(issues: readonly PolicyIssue[]) {
    super(issues.map((issue) => `${issue.path}: ${issue.message}`).join("; "));
    this.name = "PolicyError";
    this.issues = issues;
  }
}
