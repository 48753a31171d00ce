/** One anomaly of one caller, from its first moment to its last. */
import type { AnomalyKind, AnomalySettings } from "../policy/anomaly-settings.ts";

export interface Incident {
  /** 24 characters; of its beginning and its end alike. */
  readonly id: string;
  readonly kind: AnomalyKind;
  readonly mode: AnomalySettings["mode"];
  /** Unix milliseconds. */
  readonly sinceMs: number;
  readonly interval: "minute" | "hour";
  /**
   * The most in an interval since then, and what is usual, in the kind's unit: tokens, nano-dollars, requests, errors,
   * retries; for expensive models nano-dollars for a million tokens.
   */
  observed: number;
  readonly expected: number;
  /** How many times the usual makes an anomaly of this kind, by the policy. */
  readonly factor: number;
  /** Of the exchange with which it began. */
  readonly model: string | undefined;
  readonly app: string | undefined;
  readonly department: string | undefined;
  /** Unix milliseconds; undefined: nobody is refused for it. */
  readonly brakeUntilMs: number | undefined;
  /** When it is over unless amounts are high again before. Unix milliseconds. */
  calmAtMs: number;
  /** The intervals in which the limit was passed. */
  inMinute: boolean;
  inHour: boolean;
}

/** Whose anomaly it is. */
export interface SubjectName {
  readonly kind: "app" | "user";
  readonly tenant: string;
  /** Users are people: a pseudonym. */
  readonly name: string;
}

/** Something to tell people. */
export interface AnomalyEvent {
  readonly phase: "begin" | "end";
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly subject: SubjectName;
  readonly incident: Readonly<Incident>;
}
