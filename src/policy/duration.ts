/** Durations as people write them: `500ms`, `30s`, `2m`, `1h`, `30d`. */

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const pattern = /^(\d{1,9})(?:\.(\d{1,3}))?(ms|s|m|h|d)$/;

/** @returns milliseconds, or undefined when the text is no duration or finer than a millisecond */
export function durationMs(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  const unit = match === null ? undefined : unitsMs[match[3] ?? ""];
  if (match === null || unit === undefined) return undefined;
  const fraction = match[2] ?? "";
  const scaled = Number((match[1] ?? "") + fraction) * unit;
  const divisor = 10 ** fraction.length;
  return scaled % divisor === 0 ? scaled / divisor : undefined;
}
