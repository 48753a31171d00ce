/** Keys as rows: what both databases have in common. Times are numbers, tags and limits JSON text. */
import { isObject } from "../json/types.ts";
import type { FoundKey, KeyRecord } from "./store.ts";

/** Version 1. Each statement by itself, understood by SQLite and Postgres alike. */
export const migration: readonly string[] = [
  `create table if not exists tollgate_keys (
    id text primary key,
    name text not null,
    tenant text,
    app text,
    user_id text,
    department text,
    plan text,
    tags text not null,
    limits text,
    created_ms bigint not null,
    expires_ms bigint,
    revoked_ms bigint
  )`,
  `create table if not exists tollgate_key_secrets (
    digest text primary key,
    key_id text not null references tollgate_keys (id),
    expires_ms bigint
  )`,
  "create index if not exists tollgate_key_secrets_of on tollgate_key_secrets (key_id)",
];

/** The last thing that the migration makes: with it, all is there. */
export const lastMade = "tollgate_key_secrets_of";

export const keyColumns = [
  "id",
  "name",
  "tenant",
  "app",
  "user_id",
  "department",
  "plan",
  "tags",
  "limits",
  "created_ms",
  "expires_ms",
  "revoked_ms",
] as const;

/** The values of a key, in the order of its columns. */
export function keyValues(key: KeyRecord): Array<string | number | null> {
  return [
    key.id,
    key.name,
    key.tenant ?? null,
    key.app ?? null,
    key.user ?? null,
    key.department ?? null,
    key.plan ?? null,
    JSON.stringify(key.tags),
    key.limits === undefined ? null : JSON.stringify(key.limits),
    key.createdMs,
    key.expiresMs ?? null,
    key.revokedMs ?? null,
  ];
}

/** @param row as a driver gives it; Postgres's bigints are text there */
export function keyOf(row: unknown): KeyRecord {
  if (!isObject(row)) throw new TypeError("a row that is none");
  const text = (column: string) => (typeof row[column] === "string" ? row[column] : undefined);
  const time = (column: string) => (row[column] === null ? undefined : Number(row[column]));
  const limits: unknown = JSON.parse(text("limits") ?? "null");
  const tags: unknown = JSON.parse(text("tags") ?? "{}");
  return {
    id: text("id") ?? "",
    name: text("name") ?? "",
    tenant: text("tenant"),
    app: text("app"),
    user: text("user_id"),
    department: text("department"),
    plan: text("plan"),
    tags: isObject(tags) ? (tags as Record<string, string>) : {},
    limits: isObject(limits) ? limits : undefined,
    createdMs: time("created_ms") ?? 0,
    expiresMs: time("expires_ms"),
    revokedMs: time("revoked_ms"),
  };
}

/** @param row of a key, joined with `secret_expires_ms` */
export function foundOf(row: unknown): FoundKey {
  const until = isObject(row) ? row["secret_expires_ms"] : null;
  return { key: keyOf(row), secretExpiresMs: until === null ? undefined : Number(until) };
}
