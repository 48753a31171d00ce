/** A process whose pool has done its work: it must end by itself. */
import { errorOf, type Failure } from "../../../src/threads/messages.ts";
import { ThreadPool } from "../../../src/threads/pool.ts";

const source = `import { parentPort } from "node:worker_threads";
  parentPort.on("message", ({ number, job }) => parentPort.postMessage({ number, outcome: job }));`;
const pool = new ThreadPool<string, string, Failure>(
  { name: "a test", errorOf, unavailable: (why) => new Error(why) },
  {
    count: 1,
    maxWaiting: 1,
    timeoutMs: 60_000,
    maxHeapMib: 64,
    idleMs: 60_000,
    program: new URL(`data:text/javascript,${encodeURIComponent(source)}`),
  },
);

process.stdout.write(`${await pool.run("done", () => true)}\n`);
