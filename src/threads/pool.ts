/**
 * Threads for work that is too long for the event loop. They start when the first job comes, one after the other up
 * to their number, and take one job at a time.
 */
import { Worker } from "node:worker_threads";
import type { FromThread, ToThread } from "./messages.ts";

export interface ThreadOptions {
  /** At most. */
  readonly count?: number;
  /** Jobs waiting for a thread, at most. */
  readonly maxWaiting?: number;
  /** A thread that has been at one job for longer is ended. Milliseconds. */
  readonly timeoutMs?: number;
  /** Heap of one thread, in MiB. */
  readonly maxHeapMib?: number;
  /** A thread that had nothing to do for so long is ended, to give its memory back; never unless given. */
  readonly idleMs?: number;
  /** What a thread runs. */
  readonly program?: URL;
}

/** What the threads are for. */
export interface ThreadWork<Job, Failure> {
  /** One job, for messages: "a translation". */
  readonly name: string;
  /** What each thread is started with; plain data. */
  readonly data?: unknown;
  /** What of a job must not be copied by the message, but is handed over. The caller keeps its own. */
  readonly packed?: (job: Job) => { readonly job: Job; readonly transfer: readonly ArrayBuffer[] };
  readonly errorOf: (failure: Failure) => Error;
  /** The error for a job that was not done for want of time, memory or room. */
  readonly unavailable: (why: string) => Error;
}

interface Waiting<Job, Outcome> {
  readonly job: Job;
  readonly wanted: () => boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

interface Thread<Job, Outcome> {
  readonly worker: Worker;
  current:
    | { readonly number: number; readonly task: Waiting<Job, Outcome>; readonly timer: NodeJS.Timeout }
    | undefined;
  idle: NodeJS.Timeout | undefined;
}

export class ThreadPool<Job, Outcome, Failure> {
  readonly #work: ThreadWork<Job, Failure>;
  readonly #options: Required<Omit<ThreadOptions, "idleMs">> & Pick<ThreadOptions, "idleMs">;
  readonly #threads = new Set<Thread<Job, Outcome>>();
  readonly #waiting: Waiting<Job, Outcome>[] = [];
  #jobs = 0;

  constructor(
    work: ThreadWork<Job, Failure>,
    options: Required<Omit<ThreadOptions, "idleMs">> & Pick<ThreadOptions, "idleMs">,
  ) {
    this.#work = work;
    this.#options = options;
  }

  /**
   * @param wanted asked before the work begins: false drops the job, since nobody waits for it any more
   * @throws what the work throws, or `unavailable`
   */
  run(job: Job, wanted: () => boolean): Promise<Outcome> {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(this.#work.unavailable(`too many wait for ${this.#work.name}`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, wanted, resolve, reject });
      this.#assign();
    });
  }

  /** Ends all threads; what they were at fails, and so does what waits for them. */
  async stop(): Promise<void> {
    for (const task of this.#waiting.splice(0)) task.reject(this.#work.unavailable("the threads are ended"));
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#free();
      if (thread === undefined) return;
      const task = this.#waiting.shift();
      if (task === undefined) return;
      if (task.wanted()) this.#begin(thread, task);
      else task.reject(this.#work.unavailable("nobody waits for it any more"));
    }
  }

  #free(): Thread<Job, Outcome> | undefined {
    for (const thread of this.#threads) if (thread.current === undefined) return thread;
    return this.#threads.size < this.#options.count ? this.#start() : undefined;
  }

  #begin(thread: Thread<Job, Outcome>, task: Waiting<Job, Outcome>): void {
    const number = ++this.#jobs;
    const { job, transfer } = this.#work.packed?.(task.job) ?? { job: task.job, transfer: [] };
    const message: ToThread<Job> = { number, job };
    try {
      thread.worker.postMessage(message, transfer);
    } catch (error) {
      // Not plain data: a defect of ours, and the thread knows nothing of it.
      task.reject(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    clearTimeout(thread.idle);
    const timer = setTimeout(() => {
      this.#ended(thread, `${this.#work.name} took longer than ${this.#options.timeoutMs} ms`);
      void thread.worker.terminate();
    }, this.#options.timeoutMs);
    thread.current = { number, task, timer };
    thread.worker.ref();
  }

  #start(): Thread<Job, Outcome> {
    const worker = new Worker(this.#options.program, {
      workerData: this.#work.data,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.maxHeapMib },
      // Not what the process itself was given: preloads and inspectors are meant for its main thread.
      execArgv: [],
    });
    const thread: Thread<Job, Outcome> = { worker, current: undefined, idle: undefined };
    this.#threads.add(thread);
    worker.unref();
    worker.on("message", (message: FromThread<Outcome, Failure>) => this.#done(thread, message));
    worker.on("error", (error) =>
      this.#ended(thread, `${this.#work.name}: its thread ended: ${codeOf(error)}`),
    );
    worker.on("exit", () => this.#ended(thread, `${this.#work.name}: its thread ended`));
    return thread;
  }

  #done(thread: Thread<Job, Outcome>, message: FromThread<Outcome, Failure>): void {
    const current = thread.current;
    if (current === undefined || current.number !== message.number) return;
    clearTimeout(current.timer);
    thread.current = undefined;
    thread.worker.unref();
    if ("outcome" in message) current.task.resolve(message.outcome);
    else current.task.reject(this.#work.errorOf(message.failure));
    this.#assign();
    if (thread.current === undefined) this.#rest(thread);
  }

  #rest(thread: Thread<Job, Outcome>): void {
    if (this.#options.idleMs === undefined) return;
    thread.idle = setTimeout(() => {
      this.#threads.delete(thread);
      void thread.worker.terminate();
    }, this.#options.idleMs).unref();
  }

  /** Once per thread; another takes its place when there is work for it. */
  #ended(thread: Thread<Job, Outcome>, why: string): void {
    if (!this.#threads.delete(thread)) return;
    clearTimeout(thread.idle);
    const current = thread.current;
    thread.current = undefined;
    if (current !== undefined) {
      clearTimeout(current.timer);
      current.task.reject(this.#work.unavailable(why));
    }
    this.#assign();
  }
}

/** Only the code: the message may be anything. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unexpectedly";
}
