import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { epitaph, startChild } from "../../../../src/cli/demo/child.ts";
import { freePort, portFrom } from "../../../../src/cli/demo/port.ts";
import { until } from "../../../../src/cli/demo/readiness.ts";

const node = (program: string) =>
  startChild({ name: "sleeper", command: process.execPath, args: ["-e", program] });

test("a command that cannot be started is an error with its name", async () => {
  await expect(startChild({ name: "ghost", command: "/nowhere/ghost", args: [] })).rejects.toThrow(
    /^ghost does not start/,
  );
});

test("keeps its last lines for the epitaph, and no more than twenty", async () => {
  const child = await node("for (let i = 0; i < 50; i++) console.error('line ' + i); process.exitCode = 3");
  const exit = await child.exited;
  await expect.poll(() => child.lastWords().at(-1)).toBe("line 49");
  expect(child.lastWords()).toHaveLength(20);
  expect(epitaph(child, exit)).toMatch(/^sleeper ended with code 3\n {2}line 30\n/);
});

test("stops what ends when asked, and what does not", async () => {
  const ready = "console.log('ready'); setInterval(() => {}, 1000);";
  for (const [program, signal] of [
    [ready, "SIGTERM"],
    [`process.on('SIGTERM', () => {}); ${ready}`, "SIGKILL"],
  ] as const) {
    const child = await node(program);
    await until(child, async () => child.lastWords()[0], 5_000);
    expect(await child.stop(300)).toEqual({ code: null, signal });
    expect(await child.stop()).toEqual({ code: null, signal });
  }
});

test("waiting ends with the process, or with the time", async () => {
  const gone = await node("console.error('no luck'); process.exit(1)");
  await expect(until(gone, async () => undefined, 10_000)).rejects.toThrow(/ended with code 1/);
  const slow = await node("setInterval(() => {}, 1000)");
  onTestFinished(() => void slow.stop());
  await expect(until(slow, async () => undefined, 100)).rejects.toThrow("sleeper is not ready after 100 ms");
});

test("passes over a port that is taken", async () => {
  const wanted = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  expect(await portFrom(wanted)).toBeGreaterThan(wanted);
  await expect(portFrom(65_536)).rejects.toThrow("no free port");
});
