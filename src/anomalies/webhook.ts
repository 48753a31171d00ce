/**
 * Hands anomalies to a URL of the operator's, one after the other, in their order. What cannot be delivered is tried again
 * a few times, then given up; nothing waits for it. The URL may hold a secret, and is in no message.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AnomalyPayload } from "./payload.ts";

export interface WebhookOptions {
  readonly url: string;
  readonly delivered: () => void;
  /** Given up. @param why without anything secret */
  readonly failed: (why: string) => void;
  /** Not even tried: too many wait. The one that waits for longest leaves first. */
  readonly dropped: () => void;
  readonly mostWaiting?: number;
  readonly timeoutMs?: number;
  /** Before each further try. */
  readonly backoffMs?: readonly number[];
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

const defaultWaiting = 200;
const defaultTimeoutMs = 5_000;
const defaultBackoffMs = [1_000, 5_000, 25_000];
/** After SIGTERM. */
const closeWithinMs = 2_000;
const timedOut = new Error("timeout");
/** Whoever says so may take it later: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9 and 6585. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

export class Webhook {
  readonly #options: WebhookOptions;
  readonly #waiting: AnomalyPayload[] = [];
  /** Ends pauses between tries. */
  readonly #closing = new AbortController();
  #posting: AbortController | undefined;
  #isOver = false;
  #delivering: Promise<void> | undefined;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** Neither throws nor blocks. */
  send(payload: AnomalyPayload): void {
    if (this.#closing.signal.aborted) return this.#options.dropped();
    if (this.#waiting.length >= (this.#options.mostWaiting ?? defaultWaiting)) {
      this.#waiting.shift();
      this.#options.dropped();
    }
    this.#waiting.push(payload);
    this.#delivering ??= this.#deliverAll();
  }

  /** Tries once more to be rid of what waits, for a moment. */
  async close(): Promise<void> {
    this.#closing.abort();
    const timer = setTimeout(() => {
      this.#isOver = true;
      this.#posting?.abort();
    }, closeWithinMs);
    await this.#delivering;
    clearTimeout(timer);
  }

  async #deliverAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#isOver) this.#options.dropped();
      else await this.#deliver(JSON.stringify(next));
    }
    this.#delivering = undefined;
  }

  async #deliver(body: string): Promise<void> {
    const { delivered, failed, backoffMs = defaultBackoffMs, random = Math.random } = this.#options;
    for (let tries = 0; ; tries++) {
      const isLast = this.#closing.signal.aborted;
      const trouble = await this.#post(body);
      if (trouble === undefined) return delivered();
      const waitMs = isLast || this.#isOver ? undefined : backoffMs[tries];
      if (waitMs === undefined || !trouble.isPassing) return failed(trouble.why);
      // Several gateways are not to come back at the same moment.
      const spread = waitMs * (0.5 + random());
      await sleep(spread, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
    }
  }

  async #post(body: string): Promise<{ readonly why: string; readonly isPassing: boolean } | undefined> {
    const { url, timeoutMs = defaultTimeoutMs } = this.#options;
    const posting = new AbortController();
    this.#posting = posting;
    const timer = setTimeout(() => posting.abort(timedOut), timeoutMs);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "tollgate" },
        body,
        // What is told is for that address alone.
        redirect: "manual",
        signal: posting.signal,
      });
      await response.body?.cancel();
      if (response.ok) return undefined;
      return {
        why: `status ${response.status}`,
        isPassing: response.status >= 500 || passing.has(response.status),
      };
    } catch (error) {
      return { why: reasonOf(error), isPassing: true };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The code of what the network said: messages may hold the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  if (error === timedOut) return "timeout";
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.name;
}
