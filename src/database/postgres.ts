/** Postgres by pg: one connection, with an end to every wait. */
import pg from "pg";
import { type Database, declared, type Insertion, type Row, type Value } from "./database.ts";
import { postgresTrouble } from "./trouble.ts";

const connectTimeoutMs = 5_000;
/** A batch takes milliseconds: what takes longer waits for somebody, and is tried again. */
const statementTimeoutMs = 30_000;
const lockTimeoutMs = 10_000;

/** Of the types that our statements return (https://www.postgresql.org/docs/current/catalog-pg-type.html). */
const parsers = new Map<number, (text: string) => string | bigint>([
  [pg.types.builtins.INT8, BigInt],
  [pg.types.builtins.INT4, BigInt],
  [pg.types.builtins.INT2, BigInt],
  // Sums of whole numbers; nothing of ours has digits after the point.
  [pg.types.builtins.NUMERIC, BigInt],
  [pg.types.builtins.BOOL, (text: string) => (text === "t" ? 1n : 0n)],
]);

/** @throws DatabaseTrouble */
export async function connectPostgres(url: string): Promise<Database> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "tollgate",
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    // The server's own clock may stand still with it.
    query_timeout: statementTimeoutMs + 5_000,
    types: { getTypeParser: (oid: number) => parsers.get(oid) ?? ((text: string) => text) },
  });
  // A connection that breaks between statements: the next one finds out.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw postgresTrouble(error);
  }
  return new PostgresDatabase(client);
}

class PostgresDatabase implements Database {
  readonly kind = "postgres";
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  async rows(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    try {
      const { rows } = await this.#client.query<Row>(sql, [...values]);
      return rows;
    } catch (error) {
      throw postgresTrouble(error);
    }
  }

  /** As one parameter, so that a batch may have any number of rows. */
  async insert({ table, columns, rows, tail }: Insertion): Promise<Row[]> {
    const names = columns.map(({ name }) => name).join(", ");
    const types = columns.map(({ name, type }) => `${name} ${declared(type, "postgres")}`).join(", ");
    const source = `SELECT ${names} FROM json_to_recordset($1::json) AS batch(${types})`;
    return this.rows(`INSERT INTO ${table} (${names}) ${source} ${tail}`, [textOf(rows, columns)]);
  }

  async script(sql: string): Promise<void> {
    try {
      await this.#client.query(sql);
    } catch (error) {
      throw postgresTrouble(error);
    }
  }

  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.script("BEGIN");
    try {
      const result = await work();
      await this.script("COMMIT");
      return result;
    } catch (error) {
      await this.script("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}

function textOf(rows: Insertion["rows"], columns: Insertion["columns"]): string {
  const jsons = columns.filter(({ type }) => type === "json").map(({ name }) => name);
  const withJson = rows.map((row) => {
    const parsed = jsons.map((name) => [name, typeof row[name] === "string" ? JSON.parse(row[name]) : null]);
    return { ...row, ...Object.fromEntries(parsed) };
  });
  // JSON.stringify has no form for a bigint; Postgres reads a whole number from text as well.
  return JSON.stringify(withJson, (_name, value) => (typeof value === "bigint" ? String(value) : value));
}
