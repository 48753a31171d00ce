/** A watched caller as a line of the file that outlives the process, and back. */
import { z } from "zod";
import { anomalyKinds } from "../policy/anomaly-settings.ts";
import type { Incident } from "./incident.ts";
import { PriceNorm } from "./price-norm.ts";
import { type Span, spans } from "./spans.ts";
import { Subject } from "./subject.ts";
import { Track, type TrackState } from "./track.ts";

/** Another one has other lines: who reads it begins anew. */
export const keptVersion = 1;

const amounts = z.array(z.number().min(0)).length(anomalyKinds.length);
const count = z.number().int().min(-1);
const track = z.object({
  endMs: count,
  day: count,
  intervals: count,
  days: count,
  disturbed: count,
  sums: amounts,
  means: amounts,
  highest: amounts,
  peaks: amounts,
});
const text = z.string().max(1_024);
const incident = z.object({
  id: text,
  kind: z.enum(anomalyKinds),
  mode: z.enum(["observe", "enforce"]),
  sinceMs: z.number(),
  interval: z.enum(["minute", "hour"]),
  observed: z.number(),
  expected: z.number(),
  factor: z.number(),
  model: text.optional(),
  app: text.optional(),
  department: text.optional(),
  brakeUntilMs: z.number().optional(),
  calmAtMs: z.number(),
  inMinute: z.boolean(),
  inHour: z.boolean(),
});
const line = z.object({
  name: z.object({ kind: z.enum(["app", "user"]), tenant: text, name: text }),
  sinceMs: z.number(),
  minute: track,
  hour: track,
  prices: z.object({ mean: z.number(), minutes: count, sum: z.number(), tokens: z.number().min(0) }),
  incidents: z.array(incident).max(anomalyKinds.length),
});

/** Without a line feed. */
export function lineOf(subject: Subject): string {
  const { name, sinceMs, minute, hour, prices, incidents } = subject;
  return JSON.stringify({
    name,
    sinceMs,
    minute: minute.state,
    hour: hour.state,
    prices: prices.state,
    incidents: [...incidents.values()],
  } satisfies z.input<typeof line>);
}

/** @throws Error when it is no line of ours */
export function subjectOf(text: string): Subject {
  const { name, sinceMs, minute, hour, prices, incidents } = line.parse(JSON.parse(text));
  const subject = new Subject(name, sinceMs, {
    minute: trackOf(spans.minute, minute),
    hour: trackOf(spans.hour, hour),
    prices: new PriceNorm(prices),
  });
  for (const kept of incidents) subject.incidents.set(kept.kind, incidentOf(kept));
  return subject;
}

function trackOf(span: Span, state: TrackState): Track {
  return new Track(span, state);
}

function incidentOf(kept: z.output<typeof incident>): Incident {
  const { model, app, department, brakeUntilMs } = kept;
  return { ...kept, model, app, department, brakeUntilMs };
}
