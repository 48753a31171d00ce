/** An anomaly to start from; tests change what they are about. */
import type { AnomalyEvent, Incident } from "../../../src/anomalies/incident.ts";

const atMs = Date.UTC(2026, 0, 5, 9, 30);

export function anomalyEvent(
  changes: Partial<Incident> = {},
  phase: AnomalyEvent["phase"] = "begin",
): AnomalyEvent {
  const incident: Incident = {
    id: "anomaly-1",
    kind: "tokens",
    mode: "enforce",
    sinceMs: atMs,
    interval: "minute",
    observed: 123_456,
    expected: 1_234.5678,
    factor: 10,
    model: "gpt-4o",
    app: "crm",
    department: "sales",
    brakeUntilMs: atMs + 300_000,
    calmAtMs: atMs + 300_000,
    inMinute: true,
    inHour: false,
    ...changes,
  };
  return { phase, atMs, subject: { kind: "user", tenant: "acme", name: "3ba15ffe92f6" }, incident };
}
