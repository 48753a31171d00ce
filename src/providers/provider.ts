/**
 * Who serves a dialect: where on the server the endpoint is, which headers it wants, and how it differs from
 * the dialect's home. A compatible vendor is a row of data, not code.
 */
import type { AnyDialectName } from "../conversation/parts.ts";
import type { Quirks } from "../dialects/dialect.ts";
import type { Abandonment } from "./abandonment.ts";

/** What the operator wrote about one cluster (`targets.<cluster>` in the policy). */
export interface TargetSettings {
  /** Name of a provider. */
  readonly provider: string;
  /** Replaces the provider's own path prefix, e.g. `/openai/v1`. Without trailing slash. */
  readonly basePath?: string;
  readonly quirks?: Quirks;
  /** Behind the base path, in place of the provider's own path; `{model}` stands for the model. By dialect. */
  readonly paths?: Readonly<Partial<Record<AnyDialectName, string>>>;
  readonly headers?: HeaderQuirks;
  /** Vertex AI: the Google Cloud project that is asked and pays. */
  readonly project?: string;
  /** Vertex AI: the region, or `global`. The cluster's host must be that region's. */
  readonly location?: string;
  /** Cloudflare: the id of the account that is asked and pays. */
  readonly account?: string;
  /** Azure OpenAI: the version of the API, e.g. `2024-10-21`; without it the v1 paths are used, which need none. */
  readonly apiVersion?: string;
}

/** How a server's headers differ. Lower-case names. */
export interface HeaderQuirks {
  /** A value, or false for a header that the server must not see. */
  readonly set: Readonly<Record<string, string | false>>;
  /** Headers under another name, the client's and the provider's own alike. */
  readonly renamed: Readonly<Record<string, string>>;
}

/** What a provider must know to address a request. */
export interface Addressing {
  readonly settings: TargetSettings;
  readonly model: string;
  readonly stream: boolean;
  /** Time for one try, where the policy says. Milliseconds. */
  readonly tryTimeoutMs?: number;
  /** A header of the client's request, by lower-case name. */
  readonly clientHeader: (name: string) => string | undefined;
  /** Of the client's call, without its query. */
  readonly clientPath: string;
  /** The client speaks this endpoint's dialect, so its protocol headers may be forwarded. */
  readonly sameDialect: boolean;
}

/** For `Provider.callsAt`: below the base path, which the policy may have set. */
export function basePathOr(usual: string): (settings: TargetSettings) => CallPlace {
  return ({ basePath }) => ({ basePath: basePath ?? usual });
}

/** One thing that a provider serves: in which dialect, where, and how it differs from the dialect's home. */
export interface Endpoint {
  readonly dialect: AnyDialectName;
  /** The models that it is for; absent: all that the provider has. */
  serves?(model: string): boolean;
  readonly quirks: Quirks;
  path(addressing: Addressing): string;
  /** Headers to set beside content-type and credentials, which are Envoy's. */
  headers(addressing: Addressing): ReadonlyArray<readonly [name: string, value: string]>;
  /**
   * Its answers differ from the dialect's in ways that the dialect's own SDKs trip over: they are read and written
   * anew, for clients of this dialect too.
   */
  readonly answersDiffer?: boolean;
  /** Of the dialect's calls, those that the server takes, by the client's path; all unless given. */
  takes?(clientPath: string): boolean;
}

/** Where a provider takes calls that name no model. */
export interface CallPlace {
  /** In place of what the client's path begins with, up to the version. */
  readonly basePath: string;
  /** Parameters of the query that the provider demands. */
  readonly query?: Readonly<Record<string, string>>;
}

/** One row: how a provider is addressed. It is the endpoint that conversations of other dialects go to. */
export interface Provider extends Endpoint {
  readonly name: string;
  /** The provider's id in the price table, e.g. `openai`; undefined: found by the model's name alone. */
  readonly priceId: string | undefined;
  /** What is billed of a request that nobody waits for any more. */
  readonly abandoned: Abandonment;
  /**
   * What else it serves. A client's call goes to the endpoint of its own dialect where there is one, else to the first
   * of its operation.
   */
  readonly also?: readonly Endpoint[];
  /** Where calls go that name no model (files, batches); absent: it takes none. */
  callsAt?(settings: TargetSettings, version: string): CallPlace;
  /** Client headers to keep from this provider beyond credentials, e.g. another dialect's version header. */
  readonly foreignHeaders: readonly string[];
}
