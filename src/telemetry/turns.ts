/** For what a person should hear of without being told a thousand times a second. */

const intervalMs = 10_000;
const mostRemembered = 256;
const longestKey = 256;

/**
 * Whether the same thing may be said again: once per interval.
 *
 * @param monotonicMs for the intervals
 * @returns of a key: how often it was held back since it was last said; undefined: hold it back this time too
 */
export function turns(monotonicMs: () => number): (key: string) => number | undefined {
  const told = new Map<string, { readonly at: number; held: number }>();
  return (key) => {
    const short = key.slice(0, longestKey);
    const now = monotonicMs();
    const last = told.get(short);
    if (last !== undefined && now - last.at < intervalMs) {
      last.held++;
      return undefined;
    }
    // Every distinct notice at once, over and over, is itself held to the size of this map per interval.
    if (last === undefined && told.size >= mostRemembered) {
      for (const [oldest, entry] of told) if (now - entry.at >= intervalMs) told.delete(oldest);
      if (told.size >= mostRemembered) return undefined;
    }
    told.set(short, { at: now, held: 0 });
    return last?.held ?? 0;
  };
}
