/** A Postgres of which each test has an empty database; undefined where this machine has none and may not install one. */
import pg from "pg";
import { findPostgres, startPostgres as startCluster } from "../keys/postgres.ts";

export interface RunningPostgres {
  /** Of a new, empty database in it. */
  database(): Promise<string>;
  /** Like pulling the plug. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<RunningPostgres | undefined> {
  if ("missing" in findPostgres()) return undefined;
  const cluster = await startCluster();
  let databases = 0;
  return {
    crash: () => cluster.halt(),
    start: () => cluster.resume(),
    stop: () => cluster.stop(),
    async database() {
      const name = `test_${++databases}`;
      const client = new pg.Client({ connectionString: cluster.url });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      const url = new URL(cluster.url);
      url.pathname = `/${name}`;
      return url.href;
    },
  };
}
