/** What a person should hear of the ledger: in the metrics always, in the log without being told a thousand times. */

import { DatabaseTrouble } from "../database/trouble.ts";
import type { LedgerMetrics, LossReason } from "../telemetry/ledger-metrics.ts";
import type { Log } from "../telemetry/log.ts";
import { logMessages } from "../telemetry/names.ts";
import { turns } from "../telemetry/turns.ts";
import type { LedgerOutcome } from "./job.ts";
import type { SpoolFolder } from "./spool/folder.ts";

export interface NewsOutlets {
  readonly log: Log;
  readonly metrics: LedgerMetrics;
  /** Milliseconds. */
  readonly monotonicMs: () => number;
}

export class LedgerNews {
  readonly #outlets: NewsOutlets;
  readonly #turns: (key: string) => number | undefined;
  #lost = { rows: 0, chargedNanoUsd: 0 };
  #lostFor: LossReason = "full";
  #databaseFails = false;
  #spoolFails = false;
  #backlogBytes = 0;

  constructor(outlets: NewsOutlets) {
    this.#outlets = outlets;
    this.#turns = turns(outlets.monotonicMs);
  }

  lost(reason: LossReason, rows: number, chargedNanoUsd: number): void {
    this.#outlets.metrics.lost(reason, rows, chargedNanoUsd);
    this.#lost.rows += rows;
    this.#lost.chargedNanoUsd += chargedNanoUsd;
    this.#lostFor = reason;
    this.remind();
  }

  /** Losses that were not told of yet. */
  remind(): void {
    if (this.#lost.rows === 0 || !this.#turn("lost")) return;
    const reason = this.#lostFor;
    const { rows: lost_rows, chargedNanoUsd: charged_nano_usd } = this.#lost;
    this.#lost = { rows: 0, chargedNanoUsd: 0 };
    this.#outlets.log.error({ reason, lost_rows, charged_nano_usd }, logMessages.ledgerLost);
  }

  stored({ stored, known, rejected, torn }: LedgerOutcome): void {
    const { log, metrics } = this.#outlets;
    metrics.rows("stored", stored);
    metrics.rows("known", known);
    if (rejected > 0) {
      metrics.rows("rejected", rejected);
      if (this.#turn("rejected")) log.error({ rows: rejected }, logMessages.ledgerRejected);
    }
    if (torn > 0) this.lost("torn", torn, 0);
    if (this.#databaseFails) log.info({ rows: stored }, logMessages.ledgerRecovered);
    this.#databaseFails = false;
  }

  /** The database does not take rows now. */
  failed(error: unknown): void {
    const kind = error instanceof DatabaseTrouble ? error.kind : "unavailable";
    this.#outlets.metrics.failed(kind);
    this.#databaseFails = true;
    if (!this.#turn("failed")) return;
    const problem = error instanceof Error ? error.message : String(error);
    const fields = { where: kind, problem, backlog_bytes: this.#backlogBytes };
    this.#outlets.log.error(fields, logMessages.ledgerFailed);
  }

  spoolFailed(error: Error): void {
    this.#outlets.metrics.failed("spool");
    this.#spoolFails = true;
    if (!this.#turn("spool")) return;
    const fields = { where: "spool", problem: error.message, backlog_bytes: this.#backlogBytes };
    this.#outlets.log.error(fields, logMessages.ledgerFailed);
  }

  spooled(): void {
    if (this.#spoolFails) this.#outlets.log.info({ where: "spool" }, logMessages.ledgerRecovered);
    this.#spoolFails = false;
  }

  /** @param sinceMs of the oldest row that waits */
  backlog(bytes: number, sinceMs: number | undefined, nowMs: number): void {
    this.#backlogBytes = bytes;
    const seconds = sinceMs === undefined ? 0 : Math.max(0, (nowMs - sinceMs) / 1_000);
    this.#outlets.metrics.backlog(bytes, seconds);
  }

  /** Of a process that is gone. */
  takenOver(folder: SpoolFolder, bytes: number): void {
    const { log, metrics } = this.#outlets;
    if (folder.endedInOrder) return log.info({ bytes }, logMessages.ledgerTakenOver);
    metrics.uncleanEnd();
    const sign = folder.lastSign();
    const lastSign = sign === undefined ? undefined : new Date(sign.atMs).toISOString();
    // What ended in its last tenth of a second, and what was still open, is in Envoy's access log alone.
    log.warn(
      { bytes, last_sign: lastSign, open_exchanges: sign?.openExchanges },
      logMessages.ledgerUncleanEnd,
    );
  }

  left(bytes: number, path: string): void {
    this.#outlets.log.warn({ bytes, path }, logMessages.ledgerLeft);
  }

  #turn(what: string): boolean {
    return this.#turns(what) !== undefined;
  }
}
