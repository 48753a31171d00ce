/** One Tollgate worker: every part of it, put together from the settings. */
import { randomBytes } from "node:crypto";
import { anomalyBrake } from "./anomalies/rule.ts";
import { AnomalyWatch } from "./anomalies/watch.ts";
import { Seal } from "./dialects/seal.ts";
import { InFlight } from "./exchange/inflight.ts";
import { sessionsWith } from "./exchange/open-session.ts";
import { ownCount } from "./exchange/own-count.ts";
import type { Services } from "./exchange/services.ts";
import { createEdge, type Edge } from "./extproc/server.ts";
import { KnownKeys } from "./keys/known-keys.ts";
import { openKeyStore } from "./keys/open-store.ts";
import { Ledger } from "./ledger/ledger.ts";
import type { NewsOutlets } from "./ledger/news.ts";
import { roomInLedger } from "./ledger/rule.ts";
import { MediaFetcher } from "./media/fetcher.ts";
import { PolicyCache } from "./policy/cache.ts";
import { QuotaRule } from "./rules/quota/rule.ts";
import type { Rule } from "./rules/rule.ts";
import { addressText, isWildcard, workerListen } from "./settings/address.ts";
import type { Settings } from "./settings/settings.ts";
import { databaseFor } from "./settings/storage.ts";
import { type Counters, openCounters } from "./stores/open-counters.ts";
import { countersNews } from "./telemetry/counters-news.ts";
import { exchangeLog } from "./telemetry/exchange-log.ts";
import { outputLearning } from "./telemetry/learning.ts";
import { createLog, type Log } from "./telemetry/log.ts";
import { createMetrics, type Metrics } from "./telemetry/metrics.ts";
import { createNotices } from "./telemetry/notices.ts";
import { fanOut } from "./telemetry/recorder.ts";
import { cataloguePricing } from "./tokens/catalogue.ts";
import { CountingThread } from "./tokens/counting/counter.ts";
import { LearnedOutput } from "./tokens/learned-output.ts";
import { TranslationThreads } from "./translation/threads.ts";

/** A worker, before and while it serves. */
export interface Sidecar {
  readonly edge: Edge;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Before it serves: takes up what was left by an earlier process. */
  start(): Promise<void>;
  /** When no exchange is open any more: what was used and what was recorded gets where it is kept. */
  close(): Promise<void>;
}

/**
 * @param worker number of this worker, from 0
 * @param reasoningKey the same for all workers
 */
export async function createSidecar(
  settings: Settings,
  worker: number,
  reasoningKey: Uint8Array,
): Promise<Sidecar> {
  const log = createLog({ level: settings.logLevel, ...(settings.workers > 1 && { base: { worker } }) });
  const inFlight = new InFlight(settings.maxInFlight);
  const monotonicMs = () => performance.now();
  let counters: Counters | undefined;
  const metrics = createMetrics({
    inFlight: () => inFlight.size,
    counters: { isUp: () => counters?.isUp() ?? true, backlog: () => counters?.backlog() ?? 0 },
  });
  const notices = createNotices(log, metrics, monotonicMs);
  const ledger = ledgerOf(
    settings,
    worker,
    { log, metrics: metrics.ledger, monotonicMs },
    () => inFlight.size,
  );
  counters = await openCounters({
    redisUrl: settings.redisUrl,
    monotonicMs,
    wallMs: Date.now,
    notices: countersNews(log, metrics.counters),
  });
  const pricing = cataloguePricing();
  const learnedOutput = new LearnedOutput();
  const quota = new QuotaRule({
    store: counters.store,
    pricing,
    learnedOutput,
    monotonicMs,
    wallMs: Date.now,
    misconfigured: notices.misconfigured,
    failed: (error) => notices.defect("counters", error),
  });
  const anomalies = new AnomalyWatch({
    ...{ log, metrics: metrics.anomalies, monotonicMs, nowMs: Date.now, newId, pricing, worker },
    dataDir: settings.dataDir,
    webhookUrl: settings.anomalyWebhook,
  });
  const accounts = [
    exchangeLog(log),
    metrics,
    anomalies,
    ...(ledger === undefined ? [] : [ledger]),
    outputLearning(learnedOutput),
  ];
  const services: Services = {
    policies: new PolicyCache(),
    keys: new KnownKeys({
      store: openKeyStore(settings),
      monotonicMs,
      nowMs: Date.now,
      failed: (error) => notices.defect("virtual keys", error),
    }),
    // In the order in which requests pass them: who reserves comes last.
    rules: [anomalyBrake(anomalies, Date.now), ...ledgerRules(settings, ledger), quota],
    ownAnswers: new Map([["count_tokens", ownCount(new CountingThread())]]),
    inFlight,
    pricing,
    learnedOutput,
    recorder: fanOut(accounts, (error) => notices.defect("recorder", error)),
    notices,
    seal: new Seal(reasoningKey),
    translator: new TranslationThreads({ reasoningKey }),
    media: new MediaFetcher({ observe: (outcome, bytes) => metrics.mediaFetched(outcome, bytes) }),
    maxBodyBytes: settings.maxBodyBytes,
    workerAddress: addressForEnvoy(settings, worker),
    monotonicMs,
    unixSeconds: () => Math.floor(Date.now() / 1000),
    newId,
    random: Math.random,
  };
  const edge = createEdge({
    listen: addressText(workerListen(settings.listen, worker)),
    maxMessageBytes: settings.maxBodyBytes + roomAroundBodyBytes,
    openSession: sessionsWith(services),
    onDefect: (error) => notices.defect("ext_proc stream", error),
  });
  return {
    edge,
    log,
    metrics,
    async start() {
      ledger?.start();
      await anomalies.start();
    },
    async close() {
      await quota.close();
      await Promise.all([counters?.close(), ledger?.close(), anomalies.close()]);
    },
  };
}

function ledgerRules(settings: Settings, ledger: Ledger | undefined): Rule[] {
  if (ledger === undefined || settings.ledger?.whenFull !== "refuse") return [];
  return [roomInLedger(ledger)];
}

/** @throws Error when the data directory cannot be written */
function ledgerOf(
  settings: Settings,
  worker: number,
  outlets: NewsOutlets,
  openExchanges: () => number,
): Ledger | undefined {
  const { ledger, dataDir } = settings;
  if (ledger === undefined) return undefined;
  return new Ledger({
    ...outlets,
    location: databaseFor(settings, "ledger"),
    dataDir,
    openExchanges,
    maxSpoolBytes: ledger.maxSpoolBytes,
    // One sees to it for all.
    retentionMs: worker === 0 ? ledger.retentionMs : undefined,
  });
}

/** Headers and framing around a body in one message. */
const roomAroundBodyBytes = 1024 * 1024;

/** By which an attempt's stream comes back to the worker that has its exchange. One worker needs none. */
function addressForEnvoy(settings: Settings, worker: number): string | undefined {
  const { workers, workerHost } = settings;
  const listen = workerListen(settings.listen, worker);
  if (workers === 1 || listen.kind !== "tcp" || workerHost === undefined) return undefined;
  if (isWildcard({ ...listen, host: workerHost })) return undefined;
  return addressText({ ...listen, host: workerHost });
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const idLength = 24;
/** Random bytes for many ids at once: one system call in a hundred exchanges. */
let pool: Buffer = Buffer.alloc(0);

/** 24 characters, each from a random byte: some 140 bits. */
function newId(): string {
  if (pool.length < idLength) pool = randomBytes(idLength * 128);
  let id = "";
  for (let i = 0; i < idLength; i++) id += alphabet[(pool[i] ?? 0) % alphabet.length];
  pool = pool.subarray(idLength);
  return id;
}
