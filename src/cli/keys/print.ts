/** Keys as a person or a program reads them. */
import type { KeyRecord } from "../../keys/store.ts";

type State = "active" | "expired" | "revoked";

function stateOf({ revokedMs, expiresMs }: KeyRecord, nowMs: number): State {
  if (revokedMs !== undefined) return "revoked";
  return expiresMs !== undefined && expiresMs <= nowMs ? "expired" : "active";
}

const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

/** @param secret only when it has just been made */
export function jsonLine(key: KeyRecord, nowMs: number, secret?: string): string {
  const { createdMs, expiresMs, revokedMs, ...facts } = key;
  const times = { created: iso(createdMs), expires: iso(expiresMs), revoked: iso(revokedMs) };
  return `${JSON.stringify({ ...facts, state: stateOf(key, nowMs), ...times, key: secret })}\n`;
}

const headings = ["ID", "STATE", "NAME", "TENANT", "APP", "USER", "DEPARTMENT", "PLAN", "CREATED", "EXPIRES"];

/** A table, with `-` for what is not known. */
export function table(keys: readonly KeyRecord[], nowMs: number): string {
  const day = (ms: number | undefined) => iso(ms)?.slice(0, 10);
  const rows = keys.map((key) =>
    [
      key.id,
      stateOf(key, nowMs),
      key.name,
      key.tenant,
      key.app,
      key.user,
      key.department,
      key.plan,
      day(key.createdMs),
      day(key.expiresMs),
    ].map((cell) => cell ?? "-"),
  );
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return `${all.map(line).join("\n")}\n`;
}
