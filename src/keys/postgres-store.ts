/** Keys in Postgres, for gateways on several machines. */
import pg from "pg";
import { foundOf, keyColumns, keyOf, keyValues, lastMade, migration } from "./rows.ts";
import { type FoundKey, type KeyRecord, type KeyStore, mostListed } from "./store.ts";

/** Look-ups are joined and cached: a few connections serve thousands of calls a second. */
const mostConnections = 4;
const connectTimeoutMs = 2_000;
const queryTimeoutMs = 5_000;
/** Any number, as long as it is the same in every process: only one makes the tables. */
const migrationLock = 7_046_029_254;

export class PostgresKeyStore implements KeyStore {
  readonly #pool: pg.Pool;
  #ready: Promise<void> | undefined;

  /** Connects on first use, and makes the tables if need be. */
  constructor(url: string) {
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: "tollgate",
      max: mostConnections,
      connectionTimeoutMillis: connectTimeoutMs,
      query_timeout: queryTimeoutMs,
      // A command that is done ends, whatever connections are idle.
      allowExitOnIdle: true,
    });
    // The server closed an idle connection. Whoever asks next hears of it, if it lasts.
    this.#pool.on("error", () => undefined);
  }

  async find(digest: string): Promise<FoundKey | undefined> {
    const [row] = await this.#rows(
      `select k.*, s.expires_ms as secret_expires_ms
       from tollgate_key_secrets s join tollgate_keys k on k.id = s.key_id where s.digest = $1`,
      [digest],
    );
    return row === undefined ? undefined : foundOf(row);
  }

  async create(key: KeyRecord, digest: string): Promise<void> {
    const places = keyColumns.map((_, index) => `$${index + 1}`).join(", ");
    await this.#change(async (client) => {
      await client.query(
        `insert into tollgate_keys (${keyColumns.join(", ")}) values (${places})`,
        keyValues(key),
      );
      await client.query(addSecret, [digest, key.id]);
    });
  }

  async get(id: string): Promise<KeyRecord | undefined> {
    const [row] = await this.#rows("select * from tollgate_keys where id = $1", [id]);
    return row === undefined ? undefined : keyOf(row);
  }

  async list(tenant?: string): Promise<readonly KeyRecord[]> {
    const rows = await this.#rows(
      `select * from tollgate_keys where $1::text is null or tenant = $1 order by created_ms, id limit $2`,
      [tenant ?? null, mostListed],
    );
    return rows.map(keyOf);
  }

  async revoke(id: string, nowMs: number): Promise<KeyRecord | undefined> {
    await this.#rows("update tollgate_keys set revoked_ms = $2 where id = $1 and revoked_ms is null", [
      id,
      nowMs,
    ]);
    return this.get(id);
  }

  rotate(id: string, digest: string, nowMs: number, oldUntilMs: number): Promise<KeyRecord | undefined> {
    return this.#change(async (client) => {
      const found = await client.query(
        "select * from tollgate_keys where id = $1 and revoked_ms is null for update",
        [id],
      );
      const row: unknown = found.rows[0];
      if (row === undefined) return undefined;
      await client.query(
        `update tollgate_key_secrets set expires_ms = $2
         where key_id = $1 and (expires_ms is null or expires_ms > $2)`,
        [id, oldUntilMs],
      );
      await client.query("delete from tollgate_key_secrets where key_id = $1 and expires_ms <= $2", [
        id,
        nowMs,
      ]);
      await client.query(addSecret, [digest, id]);
      return keyOf(row);
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #rows(text: string, values: ReadonlyArray<string | number | null>): Promise<unknown[]> {
    await this.#prepared();
    const { rows } = await this.#pool.query<Record<string, unknown>>(text, [...values]);
    return rows;
  }

  async #change<T>(action: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    await this.#prepared();
    return this.#transaction(action);
  }

  async #transaction<T>(action: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken = true;
    try {
      await client.query("begin");
      const result = await action(client);
      await client.query("commit");
      broken = false;
      return result;
    } finally {
      // What is half done ends with its connection.
      client.release(broken);
    }
  }

  /** A gateway may have no right to make tables; it needs none when they are there. */
  #prepared(): Promise<void> {
    this.#ready ??= this.#migrate().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  async #migrate(): Promise<void> {
    const { rows } = await this.#pool.query<{ made: string | null }>("select to_regclass($1) as made", [
      lastMade,
    ]);
    if (rows[0]?.made != null) return;
    await this.#transaction(async (client) => {
      await client.query("select pg_advisory_xact_lock($1)", [migrationLock]);
      for (const statement of migration) await client.query(statement);
    });
  }
}

const addSecret = "insert into tollgate_key_secrets (digest, key_id) values ($1, $2)";
