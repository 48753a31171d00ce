/** What a check reports, and what a check is. */
import type { EnvoyConfig } from "./envoy-config.ts";
import type { Place } from "./node.ts";

/** `error`: calls will fail, leak or go unmetered. `warning`: they may. */
type Severity = "error" | "warning";

export interface Finding extends Place {
  /** Stable name of the kind of mistake. */
  readonly id: string;
  readonly severity: Severity;
  readonly file: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** One place where a rule found something. */
export interface Spot {
  readonly at: Place;
  readonly message: string;
  /** When it differs from the rule's. */
  readonly severity?: Severity;
  readonly hint?: string;
}

/** One kind of mistake. Pure: the configuration in, places out. */
export interface CheckRule {
  readonly id: string;
  readonly severity: Severity;
  readonly hint: string;
  find(config: EnvoyConfig): Iterable<Spot>;
}
