/** The inside of a thread: one job after the other, until the pool or the process ends it. */
import { parentPort } from "node:worker_threads";
import type { FromThread, ToThread } from "./messages.ts";

/** What came of a job, and which of its buffers are handed over without a copy. */
export interface Done<Outcome> {
  readonly outcome: Outcome;
  readonly transfer?: readonly ArrayBuffer[];
}

/** @throws Error when this is not a thread */
export function serve<Job, Outcome, Failure>(
  work: (job: Job) => Done<Outcome> | Promise<Done<Outcome>>,
  failureOf: (error: unknown) => Failure,
): void {
  const port = parentPort;
  if (port === null) throw new Error("this program is a thread of Tollgate");
  port.on("message", ({ number, job }: ToThread<Job>) => {
    const say = (answer: FromThread<Outcome, Failure>, transfer: readonly ArrayBuffer[] = []) =>
      port.postMessage(answer, transfer);
    const succeed = ({ outcome, transfer }: Done<Outcome>) => say({ number, outcome }, transfer);
    const fail = (error: unknown) => say({ number, failure: failureOf(error) });
    try {
      const done = work(job);
      if (done instanceof Promise) done.then(succeed, fail);
      else succeed(done);
    } catch (error) {
      fail(error);
    }
  });
}
