/**
 * Tells what is far beyond the usual, caller by caller: apps and users apart, while the current minute and hour are
 * still going on. No clock and no input or output of its own; a few comparisons for each exchange.
 */
import type { Caller } from "../identity/caller.ts";
import { anomalyKinds } from "../policy/anomaly-settings.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";
import { isCounted, tokensOf, writeAmounts } from "./amounts.ts";
import type { SubjectName } from "./incident.ts";
import { type Excess, Incidents, type IncidentsOptions, type Terms } from "./incidents.ts";
import { KnownPseudonyms } from "./known-pseudonyms.ts";
import { calmBelow, limitOf } from "./limit.ts";
import { Subject } from "./subject.ts";
import { Subjects } from "./subjects.ts";
import { placeOf } from "./track.ts";

export interface DetectorOptions extends IncidentsOptions {
  readonly mostApps?: number;
  readonly mostUsers?: number;
}

/** Apps are few; users may be any number, and must not crowd them out. */
const defaultApps = 2_000;
const defaultUsers = 8_000;

export class Detector {
  readonly #apps: Subjects;
  readonly #users: Subjects;
  readonly #pseudonyms: KnownPseudonyms;
  readonly #incidents: Incidents;
  /** As last told. */
  #nowMs = 0;
  /** Of the exchange at hand, by place. */
  readonly #amounts = new Array<number>(anomalyKinds.length).fill(0);

  constructor(options: DetectorOptions) {
    const { mostApps = defaultApps, mostUsers = defaultUsers } = options;
    this.#incidents = new Incidents(options);
    const left = (subject: Subject) => this.#incidents.endAllOf(subject, this.#nowMs);
    this.#apps = new Subjects(mostApps, left);
    this.#users = new Subjects(mostUsers, left);
    this.#pseudonyms = new KnownPseudonyms(mostUsers);
  }

  /** @param nowMs unix */
  observe(exchange: ExchangeRecord, terms: Terms, nowMs: number): void {
    const { caller } = exchange;
    this.#nowMs = nowMs;
    if (caller === undefined || !isCounted(exchange)) return;
    const { tenant, app, user } = caller;
    if (app !== undefined) this.#step({ kind: "app", tenant, name: app }, exchange, terms);
    if (user === undefined) return;
    this.#step({ kind: "user", tenant, name: this.#pseudonyms.of(user) }, exchange, terms);
  }

  /** Until when the caller is to be refused; undefined: it is not. Unix milliseconds. */
  brakedUntil({ tenant, app, user }: Caller, nowMs: number): number | undefined {
    if (this.#incidents.size === 0) return undefined;
    const ofApp = app === undefined ? undefined : this.#apps.find(tenant, app);
    const ofUser = user === undefined ? undefined : this.#users.find(tenant, this.#pseudonyms.of(user));
    const untilMs = Math.max(ofApp?.brakeUntilMs ?? 0, ofUser?.brakeUntilMs ?? 0);
    return untilMs > nowMs ? untilMs : undefined;
  }

  /** Ends what is over, for callers who do not call any more. */
  tick(nowMs: number): void {
    this.#incidents.endAllCalm(nowMs);
  }

  /** Under way. */
  get incidents(): number {
    return this.#incidents.size;
  }

  /** Callers remembered. */
  get size(): number {
    return this.#apps.size + this.#users.size;
  }

  /** Everybody who is remembered, those unseen for longest first. */
  subjects(): Subject[] {
    return [...this.#apps.all(), ...this.#users.all()];
  }

  /** Of an earlier process, in the order of `subjects`. */
  remember(subject: Subject): void {
    this.#seen(subject.name, 0, () => subject);
    this.#incidents.resume(subject, subject.incidents.size);
  }

  #seen(name: SubjectName, nowMs: number, make: () => Subject): Subject {
    return (name.kind === "app" ? this.#apps : this.#users).seen(name.tenant, name.name, nowMs, make);
  }

  #step(name: SubjectName, exchange: ExchangeRecord, terms: Terms): void {
    const nowMs = this.#nowMs;
    const { settings } = terms;
    const subject = this.#seen(name, nowMs, () => new Subject(name, nowMs));
    if (subject.incidents.size > 0) this.#incidents.endCalm(subject, nowMs);
    subject.learn(settings, nowMs);
    this.#measure(subject, exchange, terms);
    for (const kind of anomalyKinds) {
      const amount = this.#amounts[placeOf[kind]] ?? 0;
      if (amount === 0) continue;
      const least = settings.kinds.includes(kind) ? settings.atLeast[kind] : Number.POSITIVE_INFINITY;
      for (const track of subject.tracks) {
        const sum = track.add(placeOf[kind], amount);
        // Most are far below, and need no look at what is usual.
        if (sum > calmBelow(least * track.span.leastTimes))
          this.#judge(subject, { kind, track, exchange, terms }, sum);
      }
    }
  }

  /** A model is an expensive one for whom cheaper ones are usual. */
  #measure(subject: Subject, exchange: ExchangeRecord, { settings, price }: Terms): void {
    const amounts = this.#amounts;
    writeAmounts(exchange, amounts);
    if (price === undefined || price <= 0) return;
    const usual = subject.prices.usual;
    if (usual !== undefined && price >= settings.priceFactor * usual)
      amounts[placeOf.expensive_model] = amounts[placeOf.cost] ?? 0;
    subject.prices.add(price, tokensOf(exchange));
  }

  #judge(subject: Subject, found: Excess, sum: number): void {
    const { kind, track, terms } = found;
    if (!subject.isKnown(track, terms.settings, this.#nowMs)) return;
    const limit = limitOf(kind, track, terms.settings);
    const incident = subject.incidents.get(kind);
    if (incident === undefined) {
      if (sum > limit) this.#incidents.begin(subject, found, this.#nowMs);
      return;
    }
    if (sum > limit) this.#incidents.goOn(subject, incident, found, this.#nowMs);
    if (sum > calmBelow(limit)) this.#incidents.extend(incident, found, this.#nowMs);
  }
}
