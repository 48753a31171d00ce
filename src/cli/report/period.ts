/** Times as they are written on a command line. What does not say its zone is UTC. */

/** From its first to the next one's first millisecond; undefined when the text is no month. */
export function monthOf(text: string): { readonly fromMs: number; readonly toMs: number } | undefined {
  const match = /^(\d{4})-(\d{2})$/.exec(text);
  const [year, month] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || month < 1 || month > 12) return undefined;
  return { fromMs: Date.UTC(year, month - 1), toMs: Date.UTC(year, month) };
}

const written = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2}))?$/;

/** Unix milliseconds of a day's beginning or of a time with its zone; undefined when it is neither. */
export function instant(text: string): number | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const [, day = "", time = "00:00", zone = "Z"] = match;
  const ms = Date.parse(`${day}T${time}${zone}`);
  // JavaScript takes the 31st of November for the first of December.
  const midnight = Date.parse(`${day}T00:00Z`);
  if (Number.isNaN(ms) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  return ms;
}
