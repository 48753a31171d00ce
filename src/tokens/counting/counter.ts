/** Counts tokens on a thread of its own: an encoding takes a moment to load, and long texts take seconds. */
import { errorOf, type Failure } from "../../threads/messages.ts";
import { type ThreadOptions, ThreadPool } from "../../threads/pool.ts";
import type { CountedRequest } from "./conversation.ts";
import type { ClientBody, CountJob } from "./job.ts";
import { mostCounted } from "./tally.ts";
import { CountUnavailableError, type TokenCount } from "./token-count.ts";

/**
 * What a model would count. Of every method:
 * @param model as the provider names it
 * @param wanted asked before the work begins: false drops the job, since nobody waits for it any more
 * @throws CountUnavailableError when there are too many jobs, or one took too long or too much memory
 */
export interface TokenCounter {
  /**
   * The input of a request that is decoded already. For those that a rule has changed: copying thousands of messages
   * for the thread takes ten milliseconds of the event loop, and handing over the body does not.
   */
  count(request: CountedRequest, model: string, wanted: () => boolean): Promise<TokenCount>;
  /**
   * The same for a request of any size, decoded on the thread.
   * @throws InvalidRequestError as its dialect does
   */
  countBody(body: ClientBody, model: string, wanted: () => boolean): Promise<TokenCount>;
  /** Text alone, without anything around it. */
  countText(text: string, model: string, wanted: () => boolean): Promise<TokenCount>;
}

const builtProgram = new URL("./thread.js", import.meta.url);

/**
 * One thread. It starts with the first job and ends after minutes without one: it holds some 40 MB, and starting again
 * costs a fifth of a second.
 */
export class CountingThread implements TokenCounter {
  readonly #pool: ThreadPool<CountJob, TokenCount, Failure>;

  constructor(options: ThreadOptions = {}) {
    this.#pool = new ThreadPool(
      {
        name: "a count of tokens",
        packed,
        errorOf,
        unavailable: (why) => new CountUnavailableError(why),
      },
      {
        count: 1,
        maxWaiting: 64,
        timeoutMs: 20_000,
        maxHeapMib: 1_024,
        idleMs: 5 * 60_000,
        program: builtProgram,
        ...options,
      },
    );
  }

  count(request: CountedRequest, model: string, wanted: () => boolean): Promise<TokenCount> {
    return this.#pool.run({ kind: "request", model, request: counted(request) }, wanted);
  }

  countBody(body: ClientBody, model: string, wanted: () => boolean): Promise<TokenCount> {
    return this.#pool.run({ kind: "body", model, ...body }, wanted);
  }

  countText(text: string, model: string, wanted: () => boolean): Promise<TokenCount> {
    // No more than is counted: the message copies it.
    return this.#pool.run(
      { kind: "text", model, text: text.slice(0, mostCounted), length: text.length },
      wanted,
    );
  }

  /** Ends the thread; what it was at fails. */
  stop(): Promise<void> {
    return this.#pool.stop();
  }
}

/** Without what does not become tokens: all of it is copied. */
function counted({ turns, tools, foreignTools, output, kept }: CountedRequest): CountedRequest {
  return {
    turns,
    tools,
    foreignTools,
    ...(output !== undefined && { output }),
    ...(kept !== undefined && { kept }),
  };
}

/** A body is copied and handed over: the original is needed for the target. */
function packed(job: CountJob): { job: CountJob; transfer: ArrayBuffer[] } {
  if (job.kind !== "body") return { job, transfer: [] };
  const body = new Uint8Array(job.body);
  return { job: { ...job, body }, transfer: [body.buffer] };
}
