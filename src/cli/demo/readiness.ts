/** Waiting for a process to be of use. */
import { type Child, epitaph } from "./child.ts";

const POLL_MS = 50;

/** Asks until the answer is something; fails when the process ends first or the time is over. */
export async function until<T>(
  child: Child,
  ask: () => Promise<T | undefined>,
  timeoutMs: number,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const ended = child.exit();
    if (ended !== undefined) throw new Error(epitaph(child, ended));
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) {
      const words = child.lastWords().map((line) => `  ${line}`);
      throw new Error([`${child.name} is not ready after ${timeoutMs} ms`, ...words].join("\n"));
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** True when a GET of the URL answers 200; undefined otherwise, as {@link until} wants it. */
export async function answersOk(url: string): Promise<true | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.status === 200 ? true : undefined;
}
