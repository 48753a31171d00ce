/**
 * Several worker processes behind one admin address. Each listens on a port of its own and serves its own
 * exchanges; the pool starts them, replaces one that died, adds up their metrics, and drains them together.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { ToPool, ToWorker } from "./link.ts";

export interface PoolOptions {
  readonly count: number;
  /** The program that a worker runs; it gets `--worker <number>`. */
  readonly program: string;
  /** Of the workers. */
  readonly env: NodeJS.ProcessEnv;
  /** A worker ended that was not told to. */
  readonly died: (worker: number, how: string) => void;
}

/** A worker that keeps dying is started again, but not faster than this. */
const restartDelayMs = 1_000;
/** A worker that is too busy to answer is missing from one scrape. */
const snapshotTimeoutMs = 2_000;

export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #workers = new Map<number, ChildProcess>();
  readonly #serving = new Set<number>();
  #requests = 0;
  #draining = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  start(): void {
    for (let worker = 0; worker < this.#options.count; worker++) this.#fork(worker);
  }

  /** Every worker takes exchanges. */
  get serving(): boolean {
    return !this.#draining && this.#serving.size === this.#options.count;
  }

  /** One entry per worker that answered in time. */
  async snapshots(): Promise<ReadonlyArray<readonly unknown[]>> {
    const answers = await Promise.all([...this.#workers.values()].map((child) => this.#snapshot(child)));
    return answers.filter((answer) => answer !== undefined);
  }

  /** Tells every worker to drain and waits until all have ended. */
  async drain(): Promise<void> {
    this.#draining = true;
    const children = [...this.#workers.values()];
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, "exit");
        tell(child, { kind: "drain" });
        await ended;
      }),
    );
  }

  #fork(worker: number): void {
    const { program, env } = this.#options;
    const child = fork(program, ["--worker", String(worker)], { execArgv: process.execArgv, env });
    this.#workers.set(worker, child);
    child.on("message", (message: ToPool) => {
      if (message.kind === "serving") this.#serving.add(worker);
    });
    child.once("exit", (code, signal) => {
      this.#serving.delete(worker);
      if (this.#draining) return;
      this.#options.died(worker, signal ?? `exit code ${code}`);
      setTimeout(() => {
        if (!this.#draining) this.#fork(worker);
      }, restartDelayMs).unref();
    });
  }

  #snapshot(child: ChildProcess): Promise<readonly unknown[] | undefined> {
    const request = ++this.#requests;
    return new Promise((resolve) => {
      const finish = (metrics: readonly unknown[] | undefined) => {
        clearTimeout(timer);
        child.off("message", listener);
        resolve(metrics);
      };
      const listener = (message: ToPool) => {
        if (message.kind === "snapshot" && message.request === request) finish(message.metrics);
      };
      const timer = setTimeout(() => finish(undefined), snapshotTimeoutMs);
      child.on("message", listener);
      tell(child, { kind: "snapshot", request });
    });
  }
}

function tell(child: ChildProcess, message: ToWorker): void {
  // A child that has just died has no channel any more; its exit is being handled.
  if (child.connected) child.send(message, () => undefined);
}
