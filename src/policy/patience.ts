/** What a verdict may take beside the fetching: the request has still to be written when the files have come. */
const writingMs = 5_000;

/**
 * How long Envoy has to wait for a verdict that files are fetched for. It must let itself be asked for that
 * (`max_message_timeout`).
 */
export function patienceMs(fetchingMs: number): number {
  return Math.ceil(fetchingMs) + writingMs;
}
