/**
 * Threads for the bodies that are too large for the event loop. They start when the first such body comes, one
 * after the other up to their number, and take one body at a time.
 */
import { Worker } from "node:worker_threads";
import type { ObjectSpans } from "../json/scan.ts";
import { type Translated, type TranslationJob, TranslationUnavailableError } from "./job.ts";
import { errorOf, type FromThread, type Job, type Outcome, type ThreadData, type ToThread } from "./wire.ts";

/**
 * The most bytes of JSON that one turn of the event loop may parse and translate. The worst JSON of this size
 * (nothing but empty lists) takes some 20 ms.
 */
export const largestBodyHere = 256 * 1024;

/** The largest body whose members are looked for on the event loop: 5 ns a byte when there is most to see. */
export const largestSurveyHere = 2 * 1024 * 1024;

/** Translates somewhere else than on the event loop. */
export interface Translator {
  /** As `surveyDocument`. @throws as `translate` does */
  survey(body: Uint8Array, wanted: () => boolean): Promise<ObjectSpans>;
  /**
   * @param wanted asked before the work begins: false drops the job, since nobody waits for it any more
   * @throws InvalidRequestError, UnreadableAnswerError as the translation does
   * @throws TranslationUnavailableError when there are too many jobs, or one took too long or too much memory
   */
  translate(job: TranslationJob, wanted: () => boolean): Promise<Translated>;
}

export interface ThreadOptions {
  /** Of the seals over reasoning: the same as on the event loop. */
  readonly reasoningKey: Uint8Array;
  /** At most. */
  readonly count?: number;
  /** Jobs waiting for a thread, at most. */
  readonly maxWaiting?: number;
  /** A thread that has been at one job for longer is ended. Milliseconds. */
  readonly timeoutMs?: number;
  /** Heap of one thread, in MiB. */
  readonly maxHeapMib?: number;
  /** What a thread runs; the built `thread.js` beside this file unless given. */
  readonly program?: URL;
}

interface Waiting {
  readonly job: Job;
  readonly wanted: () => boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  current: { readonly number: number; readonly task: Waiting; readonly timer: NodeJS.Timeout } | undefined;
}

const builtProgram = new URL("./thread.js", import.meta.url);

export class TranslationThreads implements Translator {
  readonly #data: ThreadData;
  readonly #count: number;
  readonly #maxWaiting: number;
  readonly #timeoutMs: number;
  readonly #maxHeapMib: number;
  readonly #program: URL;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Waiting[] = [];
  #jobs = 0;

  constructor(options: ThreadOptions) {
    this.#data = { reasoningKey: options.reasoningKey };
    this.#count = options.count ?? 2;
    this.#maxWaiting = options.maxWaiting ?? 256;
    this.#timeoutMs = options.timeoutMs ?? 20_000;
    this.#maxHeapMib = options.maxHeapMib ?? 2_048;
    this.#program = options.program ?? builtProgram;
  }

  translate(job: TranslationJob, wanted: () => boolean): Promise<Translated> {
    return this.#run(job, wanted) as Promise<Translated>;
  }

  survey(body: Uint8Array, wanted: () => boolean): Promise<ObjectSpans> {
    return this.#run({ kind: "survey", body }, wanted) as Promise<ObjectSpans>;
  }

  #run(job: Job, wanted: () => boolean): Promise<Outcome> {
    if (this.#waiting.length >= this.#maxWaiting) {
      return Promise.reject(new TranslationUnavailableError("too many large bodies at once"));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, wanted, resolve, reject });
      this.#assign();
    });
  }

  /** Ends all threads; what they were at fails. */
  async stop(): Promise<void> {
    const threads = [...this.#threads];
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#idle();
      if (thread === undefined) return;
      const task = this.#waiting.shift();
      if (task === undefined) return;
      if (task.wanted()) this.#begin(thread, task);
      else task.reject(new TranslationUnavailableError("nobody waits for it any more"));
    }
  }

  #idle(): Thread | undefined {
    for (const thread of this.#threads) if (thread.current === undefined) return thread;
    return this.#threads.size < this.#count ? this.#start() : undefined;
  }

  #begin(thread: Thread, task: Waiting): void {
    const number = ++this.#jobs;
    const timer = setTimeout(() => {
      this.#ended(thread, `a translation took longer than ${this.#timeoutMs} ms`);
      void thread.worker.terminate();
    }, this.#timeoutMs);
    thread.current = { number, task, timer };
    thread.worker.ref();
    // A copy: the original is needed for the next target.
    const body = new Uint8Array(task.job.body);
    const message: ToThread = { number, job: { ...task.job, body } };
    thread.worker.postMessage(message, [body.buffer]);
  }

  #start(): Thread {
    const worker = new Worker(this.#program, {
      workerData: this.#data,
      resourceLimits: { maxOldGenerationSizeMb: this.#maxHeapMib },
      // Not what the process itself was given: preloads and inspectors are meant for its main thread.
      execArgv: [],
    });
    const thread: Thread = { worker, current: undefined };
    this.#threads.add(thread);
    worker.unref();
    worker.on("message", (message: FromThread) => this.#done(thread, message));
    worker.on("error", (error) => this.#ended(thread, `a translation thread ended: ${codeOf(error)}`));
    worker.on("exit", () => this.#ended(thread, "a translation thread ended"));
    return thread;
  }

  #done(thread: Thread, message: FromThread): void {
    const current = thread.current;
    if (current === undefined || current.number !== message.number) return;
    clearTimeout(current.timer);
    thread.current = undefined;
    thread.worker.unref();
    if ("outcome" in message) current.task.resolve(message.outcome);
    else current.task.reject(errorOf(message.failure));
    this.#assign();
  }

  /** Once per thread; another takes its place when there is work for it. */
  #ended(thread: Thread, why: string): void {
    if (!this.#threads.delete(thread)) return;
    const current = thread.current;
    thread.current = undefined;
    if (current !== undefined) {
      clearTimeout(current.timer);
      current.task.reject(new TranslationUnavailableError(why));
    }
    this.#assign();
  }
}

/** Only the code: the message may be anything. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unexpectedly";
}
