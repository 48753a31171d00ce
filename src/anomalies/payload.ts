/** What is told of an anomaly, in the words of the webhook and of the log. See docs/anomalies.md. */
import type { AnomalyKind } from "../policy/anomaly-settings.ts";
import type { AnomalyEvent } from "./incident.ts";

/** JSON of the webhook. Times are ISO 8601. */
export interface AnomalyPayload {
  /** The same at the beginning and at the end. */
  readonly id: string;
  readonly kind: AnomalyKind;
  readonly phase: "begin" | "end";
  readonly at: string;
  readonly since: string;
  readonly mode: "observe" | "enforce";
  readonly subject: "app" | "user";
  readonly tenant: string;
  readonly app: string | null;
  /** A pseudonym. */
  readonly user: string | null;
  readonly department: string | null;
  readonly interval: "minute" | "hour";
  readonly unit: string;
  readonly observed: number;
  readonly expected: number;
  readonly factor: number;
  readonly model: string | null;
  readonly brake_until: string | null;
}

const units: Readonly<Record<AnomalyKind, string>> = {
  tokens: "tokens",
  cost: "nano_usd",
  rate: "requests",
  expensive_model: "nano_usd_per_million_tokens",
  errors: "errors",
  retries: "retries",
};

export function payloadOf({ phase, atMs, subject, incident }: AnomalyEvent): AnomalyPayload {
  const { brakeUntilMs } = incident;
  return {
    id: incident.id,
    kind: incident.kind,
    phase,
    at: iso(atMs),
    since: iso(incident.sinceMs),
    mode: incident.mode,
    subject: subject.kind,
    tenant: subject.tenant,
    app: (subject.kind === "app" ? subject.name : incident.app) ?? null,
    user: subject.kind === "user" ? subject.name : null,
    department: incident.department ?? null,
    interval: incident.interval,
    unit: units[incident.kind],
    observed: hundredths(incident.observed),
    expected: hundredths(incident.expected),
    factor: incident.factor,
    model: incident.model ?? null,
    brake_until: brakeUntilMs === undefined ? null : iso(brakeUntilMs),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function hundredths(amount: number): number {
  return Math.round(amount * 100) / 100;
}
