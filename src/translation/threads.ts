/** Threads for the bodies that are too large for the event loop. */
import type { ObjectSpans } from "../json/scan.ts";
import { type ThreadOptions, ThreadPool } from "../threads/pool.ts";
import { type Translated, type TranslationJob, TranslationUnavailableError } from "./job.ts";
import { errorOf, type Failure, type Job, type Outcome, type ThreadData } from "./wire.ts";

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

export interface TranslationOptions extends ThreadOptions {
  /** Of the seals over reasoning: the same as on the event loop. */
  readonly reasoningKey: Uint8Array;
}

const builtProgram = new URL("./thread.js", import.meta.url);

export class TranslationThreads implements Translator {
  readonly #pool: ThreadPool<Job, Outcome, Failure>;

  constructor({ reasoningKey, ...options }: TranslationOptions) {
    const data: ThreadData = { reasoningKey };
    this.#pool = new ThreadPool(
      {
        name: "a translation",
        data,
        packed: withOwnBody,
        errorOf,
        unavailable: (why) => new TranslationUnavailableError(why),
      },
      {
        count: 2,
        maxWaiting: 256,
        timeoutMs: 20_000,
        maxHeapMib: 2_048,
        program: builtProgram,
        ...options,
      },
    );
  }

  translate(job: TranslationJob, wanted: () => boolean): Promise<Translated> {
    return this.#pool.run(job, wanted) as Promise<Translated>;
  }

  survey(body: Uint8Array, wanted: () => boolean): Promise<ObjectSpans> {
    return this.#pool.run({ kind: "survey", body }, wanted) as Promise<ObjectSpans>;
  }

  /** Ends all threads; what they were at fails. */
  stop(): Promise<void> {
    return this.#pool.stop();
  }
}

/** With a copy of the body: the original is needed for the next target. */
function withOwnBody(job: Job): { job: Job; transfer: ArrayBuffer[] } {
  const body = new Uint8Array(job.body);
  return { job: { ...job, body }, transfer: [body.buffer] };
}
