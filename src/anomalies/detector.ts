/**
 * Tells what is far beyond the usual, caller by caller: apps and users apart, while the current minute and hour are
 * still going on. No clock and no input or output of its own; a few comparisons for each exchange.
 */
import type { Caller } from "../identity/caller.ts";
import { type AnomalyKind, type AnomalySettings, anomalyKinds } from "../policy/anomaly-settings.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";
import { isCounted, tokensOf, writeAmounts } from "./amounts.ts";
import type { AnomalyEvent, Incident, SubjectName } from "./incident.ts";
import { KnownPseudonyms } from "./known-pseudonyms.ts";
import { calmBelow, limitOf } from "./limit.ts";
import { Subject } from "./subject.ts";
import { Subjects } from "./subjects.ts";
import { placeOf, type Track } from "./track.ts";

export interface DetectorOptions {
  /** Of incidents. */
  readonly newId: () => string;
  readonly tell: (event: AnomalyEvent) => void;
  /** An anomaly is not told of: too many are under way. */
  readonly crowded: () => void;
  readonly mostApps?: number;
  readonly mostUsers?: number;
  readonly mostIncidents?: number;
}

/** What the policy and the price list say of an exchange. */
export interface Terms {
  readonly settings: AnomalySettings;
  /** Of the model, in nano-dollars for a million tokens; undefined: not known. */
  readonly price: number | undefined;
}

/** Apps are few; users may be any number, and must not crowd them out. */
const defaultApps = 2_000;
const defaultUsers = 8_000;
/** Under way at once. When every caller has one, a thousand messages say it as well as ten thousand. */
const defaultIncidents = 1_000;

export class Detector {
  readonly #options: DetectorOptions;
  readonly #apps: Subjects;
  readonly #users: Subjects;
  readonly #pseudonyms: KnownPseudonyms;
  /** Subjects with something under way. */
  readonly #disturbed = new Set<Subject>();
  #incidents = 0;
  /** As last told. */
  #nowMs = 0;
  /** Of the exchange at hand. */
  readonly #amounts = new Array<number>(anomalyKinds.length).fill(0);

  constructor(options: DetectorOptions) {
    this.#options = options;
    this.#apps = new Subjects(options.mostApps ?? defaultApps, (subject) => this.#left(subject));
    const mostUsers = options.mostUsers ?? defaultUsers;
    this.#users = new Subjects(mostUsers, (subject) => this.#left(subject));
    this.#pseudonyms = new KnownPseudonyms(mostUsers);
  }

  /** @param nowMs unix */
  observe(exchange: ExchangeRecord, terms: Terms, nowMs: number): void {
    const { caller } = exchange;
    this.#nowMs = nowMs;
    if (caller === undefined || !isCounted(exchange)) return;
    const { tenant, app, user } = caller;
    if (app !== undefined)
      this.#step(this.#seen({ kind: "app", tenant, name: app }, nowMs), exchange, terms, nowMs);
    if (user === undefined) return;
    this.#step(
      this.#seen({ kind: "user", tenant, name: this.#pseudonyms.of(user) }, nowMs),
      exchange,
      terms,
      nowMs,
    );
  }

  /** Until when the caller is to be refused; undefined: it is not. Unix milliseconds. */
  brakedUntil({ tenant, app, user }: Caller, nowMs: number): number | undefined {
    if (this.#disturbed.size === 0) return undefined;
    const ofApp = app === undefined ? undefined : this.#apps.find(tenant, app);
    const ofUser = user === undefined ? undefined : this.#users.find(tenant, this.#pseudonyms.of(user));
    const untilMs = Math.max(ofApp?.brakeUntilMs ?? 0, ofUser?.brakeUntilMs ?? 0);
    return untilMs > nowMs ? untilMs : undefined;
  }

  /** Ends what is over, for callers who do not call any more. */
  tick(nowMs: number): void {
    for (const subject of this.#disturbed) this.#endCalm(subject, nowMs);
  }

  /** Under way. */
  get incidents(): number {
    return this.#incidents;
  }

  get size(): number {
    return this.#apps.size + this.#users.size;
  }

  /** Everybody who is remembered, those unseen for longest first. */
  subjects(): Subject[] {
    return [...this.#apps.all(), ...this.#users.all()];
  }

  /** Of an earlier process, in the order of `subjects`. */
  remember(subject: Subject): void {
    const { kind, tenant, name } = subject.name;
    (kind === "app" ? this.#apps : this.#users).seen(tenant, name, 0, () => subject);
    if (subject.incidents.size === 0) return;
    this.#disturbed.add(subject);
    this.#incidents += subject.incidents.size;
  }

  #seen(name: SubjectName, nowMs: number): Subject {
    const subjects = name.kind === "app" ? this.#apps : this.#users;
    return subjects.seen(name.tenant, name.name, nowMs, () => new Subject(name, nowMs));
  }

  #step(subject: Subject, exchange: ExchangeRecord, { settings, price }: Terms, nowMs: number): void {
    if (subject.incidents.size > 0) this.#endCalm(subject, nowMs);
    subject.learn(settings, nowMs);
    const amounts = this.#amounts;
    writeAmounts(exchange, amounts);
    if (price !== undefined && price > 0) {
      const usual = subject.prices.usual;
      if (usual !== undefined && price >= settings.priceFactor * usual)
        amounts[placeOf.expensive_model] = amounts[placeOf.cost] ?? 0;
      subject.prices.add(price, tokensOf(exchange));
    }
    for (const kind of anomalyKinds) {
      const amount = amounts[placeOf[kind]] ?? 0;
      if (amount === 0) continue;
      const least = settings.kinds.includes(kind) ? settings.atLeast[kind] : Number.POSITIVE_INFINITY;
      for (const track of subject.tracks) {
        const sum = track.add(placeOf[kind], amount);
        // Most are far below, and need no look at what is usual.
        if (sum > calmBelow(least * track.span.leastTimes))
          this.#judge(kind, subject, track, exchange, { settings, price }, nowMs);
      }
    }
  }

  #judge(
    kind: AnomalyKind,
    subject: Subject,
    track: Track,
    exchange: ExchangeRecord,
    terms: Terms,
    nowMs: number,
  ): void {
    const { settings, price = 0 } = terms;
    const sum = track.sum(placeOf[kind]);
    if (!subject.isKnown(track, settings, nowMs)) return;
    const limit = limitOf(kind, track, settings);
    const isBeyond = sum > limit;
    const incident = subject.incidents.get(kind);
    if (incident === undefined) {
      if (isBeyond) this.#begin(kind, subject, track, exchange, terms, nowMs);
      return;
    }
    const isMinute = track.span.name === "minute";
    if (isBeyond) incident[isMinute ? "inMinute" : "inHour"] = true;
    const observed = kind === "expensive_model" ? price : sum;
    if (incident.interval === track.span.name) incident.observed = Math.max(incident.observed, observed);
    if (sum > calmBelow(limit) && (isMinute ? incident.inMinute : incident.inHour))
      incident.calmAtMs = Math.max(incident.calmAtMs, nowMs + track.span.calmMs);
  }

  #begin(
    kind: AnomalyKind,
    subject: Subject,
    track: Track,
    exchange: ExchangeRecord,
    { settings, price = 0 }: Terms,
    nowMs: number,
  ): void {
    if (this.#incidents >= (this.#options.mostIncidents ?? defaultIncidents)) return this.#options.crowded();
    const { mode, brake } = settings;
    const isModel = kind === "expensive_model";
    const brakes = mode === "enforce" && brake?.kinds.includes(kind) === true;
    const incident: Incident = {
      id: this.#options.newId(),
      kind,
      mode,
      sinceMs: nowMs,
      interval: track.span.name,
      observed: isModel ? price : track.sum(placeOf[kind]),
      expected: isModel ? (subject.prices.usual ?? 0) : track.mean(placeOf[kind]),
      factor: isModel ? settings.priceFactor : settings.factor,
      model: exchange.modelServed,
      app: exchange.caller?.app,
      department: exchange.caller?.department,
      brakeUntilMs: brakes ? nowMs + brake.forMs : undefined,
      calmAtMs: nowMs + track.span.calmMs,
      inMinute: track.span.name === "minute",
      inHour: track.span.name === "hour",
    };
    subject.incidents.set(kind, incident);
    this.#incidents++;
    this.#disturbed.add(subject);
    this.#options.tell({ phase: "begin", atMs: nowMs, subject: subject.name, incident: { ...incident } });
  }

  #endCalm(subject: Subject, nowMs: number): void {
    for (const incident of subject.incidents.values()) {
      const { brakeUntilMs, calmAtMs } = incident;
      if (nowMs < (brakeUntilMs ?? calmAtMs)) continue;
      // The brake has made it calm; what comes now is judged anew, and may be refused anew.
      if (brakeUntilMs !== undefined) subject.forgive();
      this.#end(subject, incident, nowMs);
    }
  }

  #end(subject: Subject, incident: Incident, nowMs: number): void {
    subject.incidents.delete(incident.kind);
    this.#incidents--;
    if (subject.incidents.size === 0) this.#disturbed.delete(subject);
    this.#options.tell({ phase: "end", atMs: nowMs, subject: subject.name, incident: { ...incident } });
  }

  /** Forgotten with what is under way: nobody will see its end. */
  #left(subject: Subject): void {
    for (const incident of subject.incidents.values()) this.#end(subject, incident, this.#nowMs);
  }
}
