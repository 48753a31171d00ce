/**
 * Watches callers for one process: exchanges in, by way of the rule those that it has seen, by way of the recorder the
 * rest; news out; and what is usual from one process to the next.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../identity/caller.ts";
import type { Policy } from "../policy/policy.ts";
import type { ExchangeRecord, Recorder } from "../telemetry/record.ts";
import type { Pricing } from "../tokens/pricing.ts";
import { BaselineFile } from "./baseline-file.ts";
import { Detector } from "./detector.ts";
import { ModelPrices } from "./model-price.ts";
import { AnomalyNews, type AnomalyOutlets } from "./news.ts";
import type { Watcher } from "./rule.ts";

export interface AnomalyWatchOptions extends AnomalyOutlets {
  readonly dataDir: string;
  /** Number of this process, from 0. */
  readonly worker: number;
  readonly pricing: Pricing;
  readonly newId: () => string;
  /** Unix milliseconds. */
  readonly nowMs: () => number;
  readonly saveEveryMs?: number;
}

const tickEveryMs = 5_000;
/** What a SIGKILL takes. */
const defaultSaveMs = 300_000;
const mostRoutes = 1_000;
/** After SIGTERM, whatever the disk does. */
const closeWithinMs = 4_000;

export class AnomalyWatch implements Recorder, Watcher {
  readonly #options: AnomalyWatchOptions;
  readonly #detector: Detector;
  readonly #news: AnomalyNews;
  readonly #prices: ModelPrices;
  readonly #file: BaselineFile;
  /** As last seen on each route: for exchanges that are refused before any rule sees them. */
  readonly #policies = new Map<string, Policy>();
  /** The rule has told of it. */
  #last: ExchangeRecord | undefined;
  #timers: NodeJS.Timeout[] = [];
  #saving: Promise<void> | undefined;
  #changed = false;

  constructor(options: AnomalyWatchOptions) {
    this.#options = options;
    this.#news = new AnomalyNews(options);
    this.#detector = new Detector({
      newId: options.newId,
      tell: (event) => this.#news.tell(event),
      crowded: () => this.#news.crowded(),
    });
    this.#prices = new ModelPrices(options.pricing);
    this.#file = new BaselineFile(options.dataDir, options.worker);
  }

  /** Reads what an earlier process knew. Before anything is served. */
  async start(): Promise<void> {
    try {
      for (const subject of await this.#file.read()) {
        this.#detector.remember(subject);
        for (const kind of subject.incidents.keys()) this.#options.metrics.resumed(kind);
      }
    } catch (error) {
      this.#setAside(error);
    }
    const every = (ms: number, action: () => void) => this.#timers.push(setInterval(action, ms).unref());
    every(tickEveryMs, () => this.#detector.tick(this.#options.nowMs()));
    every(this.#options.saveEveryMs ?? defaultSaveMs, () => void this.#save());
  }

  brakedUntil(caller: Caller, nowMs: number): number | undefined {
    return this.#detector.brakedUntil(caller, nowMs);
  }

  entered(route: string, policy: Policy): void {
    if (this.#policies.get(route) === policy) return;
    this.#policies.delete(route);
    if (policy.anomalies === undefined) return;
    if (this.#policies.size >= mostRoutes) this.#policies.clear();
    this.#policies.set(route, policy);
  }

  settled(exchange: ExchangeRecord, policy: Policy): void {
    this.#last = exchange;
    this.#observe(exchange, policy);
  }

  refused(): void {
    this.#options.metrics.braked();
  }

  /** Those that no rule has seen: refused before, or without a model. */
  record(exchange: ExchangeRecord): void {
    const isTold = exchange === this.#last;
    this.#last = undefined;
    const policy = isTold ? undefined : this.#policies.get(exchange.route);
    if (policy !== undefined) this.#observe(exchange, policy);
  }

  /** Keeps what is usual, and hands over the last news. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    const closed = Promise.all([this.#news.close(), this.#saveLast()]);
    await Promise.race([closed, sleep(closeWithinMs, undefined, { ref: false })]);
  }

  #observe(exchange: ExchangeRecord, policy: Policy): void {
    const { anomalies } = policy;
    if (anomalies === undefined) return;
    this.#changed = true;
    const terms = { settings: anomalies, price: this.#prices.of(exchange, policy) };
    this.#detector.observe(exchange, terms, this.#options.nowMs());
  }

  async #saveLast(): Promise<void> {
    await this.#saving;
    await this.#save();
  }

  /** Never throws. */
  #save(): Promise<void> {
    if (!this.#changed) return Promise.resolve();
    this.#saving ??= this.#write();
    return this.#saving;
  }

  async #write(): Promise<void> {
    this.#changed = false;
    try {
      await this.#file.write(this.#detector.subjects());
    } catch (error) {
      this.#changed = true;
      this.#news.unwritten(error);
    }
    this.#saving = undefined;
  }

  /** What is usual is learned anew then. */
  #setAside(error: unknown): void {
    this.#news.unreadable(this.#file.path, error instanceof Error ? error.message : String(error));
    try {
      this.#file.setAside();
    } catch {
      // It is overwritten then.
    }
  }
}
