/** What a policy asks of the watch over callers (`anomalies`), compiled. */

/** What can be out of the ordinary. */
export const anomalyKinds = ["tokens", "cost", "rate", "expensive_model", "errors", "retries"] as const;
export type AnomalyKind = (typeof anomalyKinds)[number];

export interface AnomalySettings {
  readonly mode: "observe" | "enforce";
  /** How many times the usual amount is an anomaly. */
  readonly factor: number;
  /** How many times the usual price for each token makes a model an expensive one. */
  readonly priceFactor: number;
  readonly kinds: readonly AnomalyKind[];
  /** Nothing is said of a caller that is known for less. Milliseconds. */
  readonly warmUpMs: number;
  /**
   * Smaller amounts in a minute are no anomaly, whatever is usual: tokens, nano-dollars, requests, nano-dollars (for
   * expensive models), errors, retries.
   */
  readonly atLeast: Readonly<Record<AnomalyKind, number>>;
  /** Undefined: it is only told of. */
  readonly brake: BrakeSettings | undefined;
}

/** A caller is refused for a while. Under `mode: enforce` only. */
export interface BrakeSettings {
  readonly forMs: number;
  /** The anomalies that it answers to. */
  readonly kinds: readonly AnomalyKind[];
}
