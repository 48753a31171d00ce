/** What is under way, of all callers: begins it, ends it, and tells of both. */
import type { AnomalyKind, AnomalySettings } from "../policy/anomaly-settings.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";
import type { AnomalyEvent, Incident } from "./incident.ts";
import type { Subject } from "./subject.ts";
import { placeOf, type Track } from "./track.ts";

export interface IncidentsOptions {
  /** Of incidents. */
  readonly newId: () => string;
  readonly tell: (event: AnomalyEvent) => void;
  /** An anomaly is not told of: too many are under way. */
  readonly crowded: () => void;
  readonly mostIncidents?: number;
}

/** What the policy and the price list say of an exchange. */
export interface Terms {
  readonly settings: AnomalySettings;
  /** Of the model, in nano-dollars for a million tokens; undefined: not known. */
  readonly price: number | undefined;
}

/** An exchange with which an interval of that track has come to much, perhaps too much. */
export interface Excess {
  readonly kind: AnomalyKind;
  readonly track: Track;
  readonly exchange: ExchangeRecord;
  readonly terms: Terms;
}

/** When every caller has one, a thousand messages say it as well as ten thousand. */
const defaultIncidents = 1_000;

export class Incidents {
  readonly #options: IncidentsOptions;
  readonly #most: number;
  /** Subjects with something under way. */
  readonly #disturbed = new Set<Subject>();
  #size = 0;

  constructor(options: IncidentsOptions) {
    this.#options = options;
    this.#most = options.mostIncidents ?? defaultIncidents;
  }

  get size(): number {
    return this.#size;
  }

  begin(subject: Subject, { kind, track, exchange, terms }: Excess, nowMs: number): void {
    if (this.#size >= this.#most) return this.#options.crowded();
    const { settings, price = 0 } = terms;
    const isModel = kind === "expensive_model";
    const incident: Incident = {
      id: this.#options.newId(),
      kind,
      mode: settings.mode,
      sinceMs: nowMs,
      interval: track.span.name,
      observed: isModel ? price : track.sum(placeOf[kind]),
      expected: isModel ? (subject.prices.usual ?? 0) : track.mean(placeOf[kind]),
      factor: isModel ? settings.priceFactor : settings.factor,
      model: exchange.modelServed,
      app: exchange.caller?.app,
      department: exchange.caller?.department,
      brakeUntilMs: brakes(kind, settings) ? nowMs + settings.brake.forMs : undefined,
      calmAtMs: nowMs + track.span.calmMs,
      inMinute: track.span.name === "minute",
      inHour: track.span.name === "hour",
    };
    subject.incidents.set(kind, incident);
    this.resume(subject, 1);
    this.#options.tell({ phase: "begin", atMs: nowMs, subject: subject.name, incident: { ...incident } });
  }

  /** The limit is passed, be it once more. */
  goOn(subject: Subject, incident: Incident, excess: Excess, nowMs: number): void {
    const { track, terms } = excess;
    if (incident.brakeUntilMs === undefined && brakes(incident.kind, terms.settings)) {
      // It began where, or when, the policy did not ask for a brake.
      this.#end(subject, incident, nowMs);
      return this.begin(subject, excess, nowMs);
    }
    incident[track.span.name === "minute" ? "inMinute" : "inHour"] = true;
  }

  /** The amounts are not low yet: it is not over. */
  extend(incident: Incident, { kind, track, terms }: Excess, nowMs: number): void {
    const { name, calmMs } = track.span;
    const observed = kind === "expensive_model" ? (terms.price ?? 0) : track.sum(placeOf[kind]);
    if (incident.interval === name) incident.observed = Math.max(incident.observed, observed);
    const wasBeyond = name === "minute" ? incident.inMinute : incident.inHour;
    if (wasBeyond) incident.calmAtMs = Math.max(incident.calmAtMs, nowMs + calmMs);
  }

  /** What is over. */
  endCalm(subject: Subject, nowMs: number): void {
    for (const incident of subject.incidents.values()) {
      const { brakeUntilMs, calmAtMs } = incident;
      if (nowMs < (brakeUntilMs ?? calmAtMs)) continue;
      // The brake has made it calm; what comes now is judged anew, and may be refused anew.
      if (brakeUntilMs !== undefined) subject.forgive();
      this.#end(subject, incident, nowMs);
    }
  }

  endAllCalm(nowMs: number): void {
    for (const subject of this.#disturbed) this.endCalm(subject, nowMs);
  }

  /** For a caller who is forgotten: nobody will see the end. */
  endAllOf(subject: Subject, nowMs: number): void {
    for (const incident of subject.incidents.values()) this.#end(subject, incident, nowMs);
  }

  /** @param count of the subject's, that are not known here yet */
  resume(subject: Subject, count: number): void {
    if (count === 0) return;
    this.#disturbed.add(subject);
    this.#size += count;
  }

  #end(subject: Subject, incident: Incident, nowMs: number): void {
    subject.incidents.delete(incident.kind);
    this.#size--;
    if (subject.incidents.size === 0) this.#disturbed.delete(subject);
    this.#options.tell({ phase: "end", atMs: nowMs, subject: subject.name, incident: { ...incident } });
  }
}

type Braking = AnomalySettings & { readonly brake: NonNullable<AnomalySettings["brake"]> };

function brakes(kind: AnomalyKind, settings: AnomalySettings): settings is Braking {
  return settings.mode === "enforce" && settings.brake?.kinds.includes(kind) === true;
}
