/** Traffic as applications make it, minute by minute, by a clock and chance of its own. */
import { Detector, type DetectorOptions } from "../../../src/anomalies/detector.ts";
import type { AnomalyEvent } from "../../../src/anomalies/incident.ts";
import { noUsage } from "../../../src/conversation/usage.ts";
import type { Caller } from "../../../src/identity/caller.ts";
import { anomalySettingsOf, anomalies as schema } from "../../../src/policy/anomaly-schema.ts";
import type { AnomalySettings } from "../../../src/policy/anomaly-settings.ts";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";
import { exchangeRecord } from "../telemetry/records.ts";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
/** A Monday, midnight. */
export const monday = Date.UTC(2026, 0, 5);
/** Nano-dollars for a million tokens. */
export const prices = { cheap: 300_000_000, dear: 5_000_000_000 };

const crm = { app: "crm" };
const nobody: Caller = {
  ...{ tenant: "acme", app: undefined, user: undefined, department: "sales", plan: undefined },
  ...{ ip: undefined, keyId: undefined, keyLimits: undefined, tags: {} },
};
/** To begin with, by caller: there are a million of them. */
const plainOf = new WeakMap<object, ExchangeRecord>();

function settings(policy: object = {}): AnomalySettings {
  return anomalySettingsOf(schema.parse(policy));
}

/** What a minute brings. */
export interface Traffic {
  /** Exchanges, on average. */
  readonly perMinute: number;
  /** Of each of them, on average. */
  readonly tokens?: number;
  readonly price?: number;
  /** How many of a hundred fail. */
  readonly failing?: number;
  /** How many of a hundred are tried twice. */
  readonly retried?: number;
}

export class Simulation {
  readonly detector: Detector;
  readonly events: AnomalyEvent[] = [];
  crowded = 0;
  nowMs = monday;
  settings: AnomalySettings;
  readonly #random: () => number;

  constructor(policy: object = {}, options: Partial<DetectorOptions> = {}, seed = 1) {
    this.settings = settings(policy);
    this.#random = randomFrom(seed);
    let ids = 0;
    this.detector = new Detector({
      newId: () => `anomaly-${++ids}`,
      tell: (event) => this.events.push(event),
      crowded: () => this.crowded++,
      ...options,
    });
  }

  /** One exchange of that caller, now. */
  exchange(changes: Partial<ExchangeRecord> = {}, caller: object = crm, price = prices.cheap): void {
    const plain = plainOf.get(caller) ?? exchangeRecord({ caller: { ...nobody, ...caller } });
    plainOf.set(caller, plain);
    this.detector.observe({ ...plain, ...changes }, { settings: this.settings, price }, this.nowMs);
  }

  /** @param trafficAt by the time of the minute */
  run(ms: number, trafficAt: Traffic | ((atMs: number) => Traffic), caller?: object): void {
    for (let minute = 0; minute < ms / minuteMs; minute++) {
      const beganMs = this.nowMs;
      const traffic = typeof trafficAt === "function" ? trafficAt(beganMs) : trafficAt;
      const count = this.#poisson(traffic.perMinute);
      for (let n = 0; n < count; n++) {
        this.nowMs = beganMs + Math.floor((n * minuteMs) / count);
        this.#one(traffic, caller);
      }
      this.nowMs = beganMs + minuteMs;
      this.detector.tick(this.nowMs);
    }
  }

  /** What was told, in words: `begin tokens` at which minute of the simulation. */
  told(): string[] {
    return this.events.map(({ phase, incident }) => `${phase} ${incident.kind}`);
  }

  #one(traffic: Traffic, caller?: object): void {
    const { tokens = 1_000, price = prices.cheap, failing = 0, retried = 0 } = traffic;
    // Answers are short more often than long.
    const taken = Math.round(-Math.log(1 - this.#random()) * tokens);
    const fails = this.#random() * 100 < failing;
    this.exchange(
      {
        usage: { ...noUsage, input: fails ? 0 : taken },
        chargedNanoUsd: fails ? 0 : (taken * price) / 1e6,
        status: fails ? 500 : 200,
        attempts: this.#random() * 100 < retried ? 2 : 1,
      },
      caller,
      price,
    );
  }

  #poisson(mean: number): number {
    if (mean > 50) {
      const [a, b] = [this.#random(), this.#random()];
      const normal = Math.sqrt(-2 * Math.log(1 - a)) * Math.cos(2 * Math.PI * b);
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
    }
    let count = -1;
    for (let left = Math.exp(mean); left > 1 || count < 0; count++) left *= this.#random() || 1e-9;
    return count;
  }
}

/** Between `low` at night and `high` at noon; on weekends always `low`. */
export function officeHours(low: number, high: number): (atMs: number) => Traffic {
  return (atMs) => {
    const day = Math.floor((atMs - monday) / dayMs) % 7;
    const hour = (atMs % dayMs) / hourMs;
    const height = day >= 5 ? 0 : Math.max(0, Math.sin(((hour - 7) / 12) * Math.PI));
    return { perMinute: low + (high - low) * height };
  };
}

/** mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
