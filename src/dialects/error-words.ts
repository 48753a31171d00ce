/** What providers' errors have in common, whatever their shape. */
import type { ErrorKind } from "../conversation/error.ts";
import type { JsonValue } from "../json/types.ts";

const kindOfStatus: ReadonlyMap<number, ErrorKind> = new Map<number, ErrorKind>([
  [401, "authentication"],
  [403, "permission"],
  [404, "not-found"],
  [408, "timeout"],
  [409, "conflict"],
  [413, "too-large"],
  [422, "unprocessable"],
  [429, "rate-limit"],
  [502, "bad-gateway"],
  [503, "unavailable"],
  [504, "timeout"],
]);

/** What an HTTP status says by itself. */
export function kindOf(status: number): ErrorKind {
  return kindOfStatus.get(status) ?? (status < 500 ? "invalid-request" : "server");
}

/** A text without the blanks around it; undefined when there is none. */
export function said(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** The same, cut to be passed on: a proxy's error page may be megabytes. @param most characters */
export function told(value: JsonValue | undefined, most = 1000): string | undefined {
  const text = said(value);
  return text === undefined || text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** What a page says without its marks. */
export function toldByPage(page: string): string | undefined {
  return told(page.replace(/<[^<>]*>/g, " ").replace(/\s+/g, " "));
}
