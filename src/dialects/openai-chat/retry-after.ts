/**
 * How long to wait, from the headers that providers say it in. Seconds; may be a fraction.
 *
 * Sources: RFC 9110 section 10.2.3 (`retry-after`: seconds or a date); `retry-after-ms` is OpenAI's.
 */

/** Undefined when nothing is said. A date counts from the answer's own `date` header, so no clock is needed. */
export function readRetryAfter(header: (name: string) => string | undefined): number | undefined {
  const milliseconds = positive(header("retry-after-ms"));
  if (milliseconds !== undefined) return milliseconds / 1000;
  const text = header("retry-after");
  const seconds = positive(text);
  if (seconds !== undefined) return seconds;
  const until = Date.parse(text ?? "");
  const from = Date.parse(header("date") ?? "");
  return until > from ? (until - from) / 1000 : undefined;
}

function positive(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*\d+(\.\d+)?\s*$/.test(text)) return undefined;
  return Number(text);
}
