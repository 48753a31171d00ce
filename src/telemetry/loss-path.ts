/** JSON paths of losses, made fit for labels and logs. */

const MAX_LENGTH = 96;
const index = /\[\d+\]/g;
/** Field names come from clients: only what looks like an identifier is shown. */
const unusual = /[^A-Za-z0-9_.$[\]-]/g;

/** The path without its indices and oddities: `messages[2].content[1]` → `messages[].content[]`. */
export function generalPath(path: string): string {
  return path.slice(0, MAX_LENGTH).replace(index, "[]").replace(unusual, "?");
}
