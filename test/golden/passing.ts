/** Checks of streams that pass unchanged, alike for every dialect. */
import { expect } from "vitest";
import type { StreamEvent } from "../../src/conversation/events.ts";
import type { ClientDialect } from "../../src/dialects/dialect.ts";

/** Whatever the size of the chunks, the very same bytes come out. */
export function expectUntouched(dialect: ClientDialect, bytes: Uint8Array, isComplete: boolean): void {
  for (const size of [1, 7, 1000, bytes.length]) {
    const stream = dialect.passthrough.stream(true);
    const out: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) out.push(stream.push(bytes.subarray(at, at + size)));
    out.push(stream.end());
    expect(Buffer.concat(out).equals(bytes)).toBe(true);
    expect(stream.started).toBe(true);
    expect(stream.complete).toBe(isComplete);
  }
}

/** What passes is metered as what is translated. @param events of the same bytes, decoded */
export function expectMeteredAlike(
  dialect: ClientDialect,
  bytes: Uint8Array,
  events: readonly StreamEvent[],
  model: RegExp,
): void {
  const stream = dialect.passthrough.stream(true);
  stream.push(bytes);
  const usage = events.findLast((event) => event.kind === "usage");
  expect(stream.usage).toEqual(usage?.kind === "usage" ? usage.usage : "missing");
  expect(stream.model).toMatch(model);
  expect(stream.firstError).toBeUndefined();
}
