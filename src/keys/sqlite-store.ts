/**
 * Keys in a SQLite file, for one machine: several processes may have it open. Calls are synchronous underneath; finding
 * a key by its digest takes some ten microseconds, and in WAL mode no reader waits for a writer.
 */
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { foundOf, keyColumns, keyOf, keyValues, lastMade, migration } from "./rows.ts";
import { type FoundKey, type KeyRecord, type KeyStore, mostListed } from "./store.ts";

/** Another process is writing, which takes a few milliseconds. The event loop waits with us. */
const usualWaitMs = 50;

export class SqliteKeyStore implements KeyStore {
  readonly #file: string;
  readonly #longestWaitMs: number;
  #opened: Database.Database | undefined;
  #find: Database.Statement | undefined;

  /**
   * Opened on first use, and made if need be.
   *
   * @param longestWaitMs for another process that is writing
   */
  constructor(file: string, longestWaitMs = usualWaitMs) {
    this.#file = file;
    this.#longestWaitMs = longestWaitMs;
  }

  async find(digest: string): Promise<FoundKey | undefined> {
    this.#find ??= this.#database.prepare(
      `select k.*, s.expires_ms as secret_expires_ms
       from tollgate_key_secrets s join tollgate_keys k on k.id = s.key_id where s.digest = ?`,
    );
    const row = this.#find.get(digest);
    return row === undefined ? undefined : foundOf(row);
  }

  async create(key: KeyRecord, digest: string): Promise<void> {
    const places = keyColumns.map(() => "?").join(", ");
    this.#change((database) => {
      database
        .prepare(`insert into tollgate_keys (${keyColumns.join(", ")}) values (${places})`)
        .run(...keyValues(key));
      database.prepare(addSecret).run(digest, key.id);
    });
  }

  async get(id: string): Promise<KeyRecord | undefined> {
    const row = this.#database.prepare("select * from tollgate_keys where id = ?").get(id);
    return row === undefined ? undefined : keyOf(row);
  }

  async list(tenant?: string): Promise<readonly KeyRecord[]> {
    return this.#database
      .prepare("select * from tollgate_keys where ? is null or tenant = ? order by created_ms, id limit ?")
      .all(tenant ?? null, tenant ?? null, mostListed)
      .map(keyOf);
  }

  async revoke(id: string, nowMs: number): Promise<KeyRecord | undefined> {
    this.#database
      .prepare("update tollgate_keys set revoked_ms = ? where id = ? and revoked_ms is null")
      .run(nowMs, id);
    return this.get(id);
  }

  async rotate(
    id: string,
    digest: string,
    nowMs: number,
    oldUntilMs: number,
  ): Promise<KeyRecord | undefined> {
    return this.#change((database) => {
      const row = database.prepare("select * from tollgate_keys where id = ? and revoked_ms is null").get(id);
      if (row === undefined) return undefined;
      database
        .prepare(
          `update tollgate_key_secrets set expires_ms = ?
           where key_id = ? and (expires_ms is null or expires_ms > ?)`,
        )
        .run(oldUntilMs, id, oldUntilMs);
      database
        .prepare("delete from tollgate_key_secrets where key_id = ? and expires_ms <= ?")
        .run(id, nowMs);
      database.prepare(addSecret).run(digest, id);
      return keyOf(row);
    });
  }

  async close(): Promise<void> {
    this.#opened?.close();
    this.#opened = undefined;
    this.#find = undefined;
  }

  get #database(): Database.Database {
    this.#opened ??= opened(this.#file, this.#longestWaitMs);
    return this.#opened;
  }

  #change<T>(action: (database: Database.Database) => T): T {
    const database = this.#database;
    return database.transaction(() => action(database)).immediate();
  }
}

const addSecret = "insert into tollgate_key_secrets (digest, key_id) values (?, ?)";

function opened(file: string, longestWaitMs: number): Database.Database {
  // What is in it names people: for this user alone.
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  const database = new Database(file, { timeout: longestWaitMs });
  try {
    database.pragma("journal_mode = WAL");
    database.pragma("foreign_keys = ON");
    const made = database.prepare("select 1 from sqlite_master where name = ?").get(lastMade);
    if (made === undefined) {
      database
        .transaction(() => {
          for (const statement of migration) database.exec(statement);
        })
        .immediate();
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
