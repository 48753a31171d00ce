/**
 * How a caller stands with its limits, as OpenAI's clients know it: on every answer, the tightest of each kind.
 *
 * Source: https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers
 */
import type { Level } from "../../stores/counter-store.ts";
import type { Counted } from "./counted.ts";

interface Standing {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

const kinds = ["requests", "tokens"] as const;

/** @param levels per counter, with this exchange */
export function rateLimitHeaders(
  counted: readonly Counted[],
  levels: readonly Level[],
): Array<readonly [name: string, value: string]> {
  const headers: Array<readonly [string, string]> = [];
  for (const kind of kinds) {
    const tightest = tightestOf(kind, counted, levels);
    if (tightest === undefined) continue;
    headers.push(
      [`x-ratelimit-limit-${kind}`, String(tightest.limit)],
      [`x-ratelimit-remaining-${kind}`, String(tightest.remaining)],
      [`x-ratelimit-reset-${kind}`, durationText(tightest.resetMs)],
    );
  }
  return headers;
}

function tightestOf(
  kind: (typeof kinds)[number],
  counted: readonly Counted[],
  levels: readonly Level[],
): Standing | undefined {
  let tightest: Standing | undefined;
  counted.forEach(({ measure, claim }, index) => {
    const level = levels[index];
    if (measure !== kind || !claim.enforce || level === undefined) return;
    const remaining = Math.max(0, claim.limit - level.used - level.reserved);
    if (tightest !== undefined && tightest.remaining <= remaining) return;
    tightest = { limit: claim.limit, remaining, resetMs: level.resetMs };
  });
  return tightest;
}

/** As OpenAI writes them: `120ms`, `1s`, `6m0s`, `1h0m5s`. */
export function durationText(ms: number): string {
  if (ms <= 999) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (h > 0) return `${h}h${m}m${s}s`;
  return m > 0 ? `${m}m${s}s` : `${s}s`;
}
