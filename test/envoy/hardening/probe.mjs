// Preloaded into Tollgate with --import: tells a test how long the event loop was held, and how large the heap is.
//
// Held is the CPU time that the main thread spent between two turns of a timer that is always due: nothing else
// could run meanwhile. CPU time and not time on the clock, because a thread that the system does not let run on a
// busy machine holds nothing, and would be blamed for it. Node 20 has no such clock for one thread
// (process.cpuUsage counts the threads for translation and garbage collection in), so Linux is asked; its numbers
// move with the scheduler's tick, 4 ms at most.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const schedstat = `/proc/self/task/${process.pid}/schedstat`;
  const cpuMs = () => {
    try {
      return Number(readFileSync(schedstat, "latin1").split(" ")[0]) / 1e6;
    } catch {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    }
  };
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc");

  let last = cpuMs();
  let heldMs = 0;
  const look = () => {
    const now = cpuMs();
    heldMs = Math.max(heldMs, now - last);
    last = now;
  };
  setInterval(look, 1).unref();

  const server = createServer((request, response) => {
    look();
    const report = { heldMs, heapBytes: 0, rssBytes: 0 };
    heldMs = 0;
    if (request.url === "/settled") {
      collectGarbage();
      collectGarbage();
      last = cpuMs();
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    report.heapBytes = heapUsed + external;
    report.rssBytes = rss;
    response.end(JSON.stringify(report));
  });
  server.listen(0, "127.0.0.1", () => {
    process.stderr.write(`${JSON.stringify({ probe: server.address().port })}\n`);
  });
  server.unref();
}
