/** What every store of keys does, whatever the database. */
import { mkdtempSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openKeyStore } from "../../../src/keys/open-store.ts";
import type { KeyRecord, KeyStore } from "../../../src/keys/store.ts";
import { findPostgres, type RunningPostgres, startPostgres } from "./postgres.ts";

const plain: KeyRecord = {
  id: "key_plain",
  name: "a key",
  tenant: undefined,
  app: undefined,
  user: undefined,
  department: undefined,
  plan: undefined,
  tags: {},
  limits: undefined,
  createdMs: 1_790_000_000_000,
  expiresMs: undefined,
  revokedMs: undefined,
};
const full: KeyRecord = {
  id: "key_full",
  name: "Zoë's key; drop table 'x'",
  tenant: "acme",
  app: "billing",
  user: "zoë@acme.test",
  department: "finance",
  plan: "gold",
  tags: { team: "blue" },
  limits: { requests: 5, nested: { usd: "1.50" } },
  createdMs: 1_790_000_000_001,
  expiresMs: 1_790_000_000_000_000,
  revokedMs: undefined,
};

interface Place {
  /** Another process would open it like this. */
  open(): KeyStore;
  close(): Promise<void>;
}

async function sqlite(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-keys-"));
  return {
    open: () => openKeyStore({ databaseUrl: undefined, dataDir: join(folder, "data") }),
    close: () => rm(folder, { recursive: true }),
  };
}

async function postgres(): Promise<Place> {
  const server: RunningPostgres = await startPostgres();
  return {
    open: () => openKeyStore({ databaseUrl: server.url, dataDir: "/nowhere" }),
    close: () => server.stop(),
  };
}

const missing = findPostgres();
const why = "missing" in missing ? `, skipped: ${missing.missing}` : "";

describe.each<[string, () => Promise<Place>, boolean]>([
  ["SQLite", sqlite, true],
  [`Postgres${why}`, postgres, why === ""],
])("%s", (_, start, isThere) => {
  describe.runIf(isThere)("a store of keys", () => {
    let place: Place;
    let store: KeyStore;
    /** Another process on the same database. */
    let other: KeyStore;

    beforeAll(async () => {
      place = await start();
      store = place.open();
      other = place.open();
    }, 180_000);

    afterAll(async () => {
      await store?.close();
      await other?.close();
      await place?.close();
    });

    test("is made by whoever comes first, several at once included", async () => {
      expect(await Promise.all([store.find("none"), other.find("none")])).toEqual([undefined, undefined]);
      expect(await store.list()).toEqual([]);
    });

    test.each([plain, full])("finds $id again by its secret's digest, as it was", async (key) => {
      await store.create(key, `digest of ${key.id}`);
      expect(await other.find(`digest of ${key.id}`)).toEqual({ key, secretExpiresMs: undefined });
      expect(await other.get(key.id)).toEqual(key);
      expect(await other.find(key.id)).toBeUndefined();
    });

    test("takes no id and no secret twice, and nothing of what it refuses", async () => {
      await expect(store.create(plain, "another digest")).rejects.toThrow();
      await expect(store.create({ ...plain, id: "key_other" }, "digest of key_plain")).rejects.toThrow();
      expect(await store.get("key_other")).toBeUndefined();
      expect(await store.find("another digest")).toBeUndefined();
    });

    test("lists all, or those of a tenant, the oldest first", async () => {
      expect((await other.list()).map(({ id }) => id)).toEqual(["key_plain", "key_full"]);
      expect((await other.list("acme")).map(({ id }) => id)).toEqual(["key_full"]);
      expect(await other.list("nobody")).toEqual([]);
    });

    test("rotates: the old secret is good for a while, the new one until the key ends", async () => {
      expect(await store.rotate("key_full", "second", 2_000, 5_000)).toEqual(full);
      expect(await other.find("digest of key_full")).toEqual({ key: full, secretExpiresMs: 5_000 });
      expect(await other.find("second")).toEqual({ key: full, secretExpiresMs: undefined });
    });

    test("rotates again: no secret lives longer for it, and what is over is gone", async () => {
      await store.rotate("key_full", "third", 3_000, 9_000);
      expect(await other.find("digest of key_full")).toMatchObject({ secretExpiresMs: 5_000 });
      expect(await other.find("second")).toMatchObject({ secretExpiresMs: 9_000 });
      await store.rotate("key_full", "fourth", 6_000, 6_000);
      expect(await other.find("digest of key_full")).toBeUndefined();
      expect(await other.find("second")).toBeUndefined();
      expect(await other.find("third")).toBeUndefined();
      expect(await other.find("fourth")).toEqual({ key: full, secretExpiresMs: undefined });
    });

    test("revokes for good: the first time stands, and no new secret helps", async () => {
      expect(await store.revoke("key_full", 7_000)).toEqual({ ...full, revokedMs: 7_000 });
      expect(await store.revoke("key_full", 8_000)).toEqual({ ...full, revokedMs: 7_000 });
      expect(await other.find("fourth")).toEqual({
        key: { ...full, revokedMs: 7_000 },
        secretExpiresMs: undefined,
      });
      expect(await store.rotate("key_full", "fifth", 9_000, 9_000)).toBeUndefined();
      expect(await other.find("fifth")).toBeUndefined();
    });

    test("knows nothing of keys that there are not", async () => {
      expect(await store.get("key_none")).toBeUndefined();
      expect(await store.revoke("key_none", 1)).toBeUndefined();
      expect(await store.rotate("key_none", "sixth", 1, 1)).toBeUndefined();
    });
  });
});

test("a SQLite file is for its owner alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-keys-"));
  const dataDir = join(folder, "data");
  const store = openKeyStore({ databaseUrl: undefined, dataDir });
  await store.list();
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  expect([mode(dataDir), mode(join(dataDir, "tollgate.db"))]).toEqual(["700", "600"]);
  await store.close();
  await rm(folder, { recursive: true });
});

describe.runIf(why === "")("a Postgres that goes away", () => {
  test("is an error while it is gone, and is found again", async () => {
    const server = await startPostgres();
    const store = openKeyStore({ databaseUrl: server.url, dataDir: "/nowhere" });
    try {
      await store.create(plain, "digest");
      await server.halt();
      await expect(store.find("digest")).rejects.toThrow();
      await server.resume();
      expect(await store.find("digest")).toMatchObject({ key: { id: "key_plain" } });
    } finally {
      await store.close();
      await server.stop();
    }
  }, 60_000);
});
