import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import { errorOf, type Failure, failureOf } from "../../../src/threads/messages.ts";
import { type ThreadOptions, ThreadPool, type ThreadWork } from "../../../src/threads/pool.ts";

class Unavailable extends Error {}

/** A thread of a few lines: what it does with `number` and `job`. */
function program(script: string): URL {
  const source = `import { parentPort, threadId } from "node:worker_threads";
    const answer = (outcome, number) => parentPort.postMessage({ number, outcome });
    parentPort.on("message", ({ number, job }) => { ${script} });`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

const echo = "answer(job, number)";
const who = "answer(threadId, number)";
/** Does as it is told. */
const obedient = `
  if (job === "crash") throw new Error("on purpose");
  else if (job === "exit") process.exit(3);
  else if (job !== "hang") answer(job, number);`;

const open: Array<{ stop(): Promise<void> }> = [];
const wanted = () => true;

function pool<Job = unknown>(
  script: string,
  options: ThreadOptions = {},
  work: Partial<ThreadWork<Job, Failure>> = {},
): ThreadPool<Job, unknown, Failure> {
  const made = new ThreadPool<Job, unknown, Failure>(
    { name: "a test", errorOf, unavailable: (why) => new Unavailable(why), ...work },
    { count: 1, maxWaiting: 100, timeoutMs: 20_000, maxHeapMib: 64, program: program(script), ...options },
  );
  open.push(made);
  return made;
}

afterEach(() => Promise.all(open.splice(0).map((made) => made.stop())));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("a pool of threads", { timeout: 30_000 }, () => {
  it("does one job after the other on one thread, in their order", async () => {
    const single = pool(echo);
    const jobs = Array.from({ length: 30 }, (_, index) => index);
    expect(await Promise.all(jobs.map((job) => single.run(job, wanted)))).toEqual(jobs);
  });

  it("starts another thread while all are busy, up to their number", async () => {
    const threads = pool(`setTimeout(() => ${who}, 50)`, { count: 2 });
    const ids = await Promise.all([1, 2, 3, 4].map((job) => threads.run(job, wanted)));
    expect(new Set(ids).size).toBe(2);
  });

  it("hands over what is packed for it, and leaves the caller's own", async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const packed = (job: Uint8Array) => {
      const copy = new Uint8Array(job);
      return { job: copy, transfer: [copy.buffer] };
    };
    const packing = pool("answer(job[0] + job.length, number)", {}, { packed });
    expect(await packing.run(bytes, wanted)).toBe(4);
    expect(bytes).toHaveLength(3);
  });

  it("refuses a job when too many wait", async () => {
    const busy = pool(echo, { maxWaiting: 2 });
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map((job) => busy.run(job, wanted)));
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    await expect(busy.run(6, wanted)).resolves.toBe(6);
  });

  it("asks whether a job is still wanted when its turn comes", async () => {
    const single = pool(echo);
    let isWanted = true;
    const first = single.run("first", wanted);
    const second = single.run("second", () => isWanted);
    isWanted = false;
    await expect(second).rejects.toThrow(Unavailable);
    await expect(first).resolves.toBe("first");
  });

  it("ends a thread that takes too long, and goes on with another", async () => {
    // Long enough for a thread to start where others run beside.
    const single = pool(obedient, { timeoutMs: 2_000 });
    const hanging = single.run("hang", wanted);
    const next = single.run("next", wanted);
    await expect(hanging).rejects.toThrow(/a test took longer than 2000 ms/);
    await expect(next).resolves.toBe("next");
  });

  it.each(["crash", "exit"])("replaces a thread that ends by itself: %s", async (how) => {
    const single = pool(obedient);
    const jobs = ["before", how, "after"].map((job) => single.run(job, wanted));
    const outcomes = await Promise.allSettled(jobs);
    expect(outcomes).toEqual([
      { status: "fulfilled", value: "before" },
      { status: "rejected", reason: expect.any(Unavailable) },
      { status: "fulfilled", value: "after" },
    ]);
    expect(String((outcomes[1] as PromiseRejectedResult).reason)).not.toContain("on purpose");
  });

  it("fails with what the work fails with", async () => {
    const failing = pool("parentPort.postMessage({ number, failure: job })");
    const invalid = failureOf(new InvalidRequestError("messages[0]", "no", 422, "code"));
    const refused = failing.run(invalid, wanted);
    await expect(refused).rejects.toThrow(InvalidRequestError);
    await expect(refused).rejects.toMatchObject({ path: "messages[0]", status: 422, code: "code" });
    const defect = failureOf(new TypeError("x is not a function"));
    await expect(failing.run(defect, wanted)).rejects.toMatchObject({ name: "TypeError" });
  });

  it("fails a job that is no plain data, and takes the next", async () => {
    const single = pool(echo);
    await expect(single.run(() => 1, wanted)).rejects.toThrow(/could not be cloned/);
    await expect(single.run("plain", wanted)).resolves.toBe("plain");
  });

  it("ends a thread that has been idle, and starts another when there is work again", async () => {
    const resting = pool(who, { idleMs: 20 });
    const first = await resting.run("x", wanted);
    let last = first;
    // Not at once, on a busy machine.
    while (last === first) {
      await pause(100);
      last = await resting.run("x", wanted);
    }
    expect(last).not.toBe(first);
  });

  it("lets no thread go between jobs unless told to", async () => {
    const staying = pool(who);
    const first = await staying.run("x", wanted);
    await pause(100);
    await expect(staying.run("x", wanted)).resolves.toBe(first);
  });

  it("fails everything when it is stopped", async () => {
    const single = pool(obedient);
    const outcomes = Promise.allSettled(["hang", "waits"].map((job) => single.run(job, wanted)));
    await single.stop();
    expect(await outcomes).toEqual(
      [1, 2].map(() => ({ status: "rejected", reason: expect.any(Unavailable) })),
    );
  });

  it("does not keep the process alive when nothing is to do", () => {
    const script = join(import.meta.dirname, "idle-pool.ts");
    const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", script], {
      encoding: "utf8",
      timeout: 25_000,
    });
    expect({ stdout, status }).toEqual({ stdout: "done\n", status: 0 });
  });
});
