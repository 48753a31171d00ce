import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keyDigest, keyFrom } from "../../../src/identity/virtual-key.ts";
import { KnownKeys } from "../../../src/keys/known-keys.ts";
import type { FoundKey, KeyRecord } from "../../../src/keys/store.ts";

const secret = keyFrom(Buffer.alloc(32, 1));
const record: KeyRecord = {
  id: "key_1",
  name: "one",
  tenant: undefined,
  app: "billing",
  user: undefined,
  department: undefined,
  plan: undefined,
  tags: {},
  limits: undefined,
  createdMs: 0,
  expiresMs: undefined,
  revokedMs: undefined,
};
const nth = (index: number) => {
  const random = Buffer.alloc(32);
  random.writeUInt32BE(index + 1);
  return keyFrom(random);
};

/** A database that answers what it is told to, and counts. */
class Database {
  readonly keys = new Map<string, FoundKey>();
  asked = 0;
  answer: "at once" | "never" | "with an error" = "at once";

  find = (digest: string): Promise<FoundKey | undefined> => {
    this.asked += 1;
    switch (this.answer) {
      case "at once":
        return Promise.resolve(this.keys.get(digest));
      case "never":
        return new Promise(() => undefined);
      case "with an error":
        return Promise.reject(new Error("connection refused"));
    }
  };

  put(key: string, changes: Partial<KeyRecord> = {}, secretExpiresMs?: number): void {
    this.keys.set(keyDigest(key) ?? "", { key: { ...record, ...changes }, secretExpiresMs });
  }
}

let database: Database;
let failures: string[];
let clockMs: number;
let keys: KnownKeys;

beforeEach(() => {
  database = new Database();
  failures = [];
  clockMs = 1_000_000;
  keys = new KnownKeys({
    store: database,
    monotonicMs: () => clockMs,
    nowMs: () => clockMs,
    failed: (error) => failures.push(String(error)),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

const kind = async (key = secret) => (await keys.find(key)).kind;

describe("a key", () => {
  it.each<[string, Partial<KeyRecord>, number | undefined, string]>([
    ["that is there", {}, undefined, "good"],
    ["that expires", { expiresMs: 1_000_001 }, undefined, "good"],
    ["that has expired", { expiresMs: 1_000_000 }, undefined, "expired"],
    ["whose secret was replaced, and still good", {}, 1_000_001, "good"],
    ["whose secret was replaced", {}, 1_000_000, "expired"],
    ["that is revoked", { revokedMs: 999 }, undefined, "revoked"],
    ["that is revoked and has expired", { revokedMs: 999, expiresMs: 1 }, undefined, "revoked"],
  ])("%s", async (_, changes, secretExpiresMs, expected) => {
    database.put(secret, changes, secretExpiresMs);
    expect(await keys.find(secret)).toEqual({ kind: expected, key: expect.objectContaining(changes) });
  });

  it("that is not there", async () => {
    expect(await kind()).toBe("unknown");
  });

  it("that cannot be one costs no question", () => {
    expect(keys.find("tg-short")).toEqual({ kind: "unknown" });
    expect(database.asked).toBe(0);
  });

  it("expires on time, however lately it was looked up", async () => {
    database.put(secret, { expiresMs: 1_000_500 });
    expect(await kind()).toBe("good");
    clockMs += 500;
    expect(keys.find(secret)).toMatchObject({ kind: "expired" });
  });
});

describe("what was found", () => {
  it("is believed for less than a second, without a promise", async () => {
    database.put(secret);
    await keys.find(secret);
    database.put(secret, { revokedMs: 1_000_000 });
    clockMs += 999;
    expect(keys.find(secret)).toMatchObject({ kind: "good" });
    clockMs += 1;
    expect(await kind()).toBe("revoked");
    expect(database.asked).toBe(2);
  });

  it("is believed for as long when it is nothing", async () => {
    await keys.find(secret);
    database.put(secret);
    clockMs += 999;
    expect(keys.find(secret)).toEqual({ kind: "unknown" });
    clockMs += 1;
    expect(await kind()).toBe("good");
  });

  it("is shared by those that ask meanwhile", async () => {
    database.put(secret);
    const answers = await Promise.all(Array.from({ length: 50 }, () => keys.find(secret)));
    expect(new Set(answers.map((answer) => answer.kind))).toEqual(new Set(["good"]));
    expect(database.asked).toBe(1);
  });

  it("is counted from the question, not from the answer", async () => {
    let answer: (found: FoundKey) => void = () => undefined;
    database.find = () => {
      database.asked += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const asked = keys.find(secret);
    clockMs += 900;
    answer({ key: record, secretExpiresMs: undefined });
    expect((await asked).kind).toBe("good");
    clockMs += 100;
    expect(keys.find(secret)).toBeInstanceOf(Promise);
  });
});

describe("while the database cannot be had", () => {
  const outage = async () => {
    database.put(secret);
    await keys.find(secret);
    database.answer = "with an error";
    clockMs += 1_000;
  };

  it("known keys go on for a minute", async () => {
    await outage();
    expect(await kind()).toBe("good");
    clockMs += 58_999;
    expect(await kind()).toBe("good");
    clockMs += 1;
    expect(await kind()).toBe("unavailable");
    expect(failures[0]).toBe("Error: connection refused");
  });

  it("what is known of them goes on being heeded", async () => {
    database.put(secret, { expiresMs: 1_002_000 });
    database.put(nth(1), { revokedMs: 1 });
    await Promise.all([keys.find(secret), keys.find(nth(1))]);
    database.answer = "with an error";
    clockMs += 2_000;
    expect([await kind(), await kind(nth(1))]).toEqual(["expired", "revoked"]);
  });

  it("others are neither taken nor called unknown, those included that were", async () => {
    await keys.find(nth(1));
    await outage();
    expect([await kind(nth(1)), await kind(nth(2))]).toEqual(["unavailable", "unavailable"]);
  });

  it("it is asked once a second, and nobody waits for it in between", async () => {
    await outage();
    await keys.find(secret);
    expect(database.asked).toBe(2);
    clockMs += 999;
    expect(keys.find(secret)).toMatchObject({ kind: "good" });
    expect(keys.find(nth(1))).toEqual({ kind: "unavailable" });
    expect(database.asked).toBe(2);
    clockMs += 1;
    database.answer = "at once";
    database.put(secret, { revokedMs: 1 });
    expect(await kind()).toBe("revoked");
  });

  it("silence is a failure after a second", async () => {
    await outage();
    vi.useFakeTimers();
    database.answer = "never";
    const asked = keys.find(secret);
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await asked).kind).toBe("good");
    expect(failures).toEqual(["Error: no answer from the database in 1000 ms"]);
  });
});

describe("there is an end", () => {
  it("to the questions at once", async () => {
    database.answer = "never";
    const waiting = Array.from({ length: 256 }, (_, index) => keys.find(nth(index)));
    expect(waiting.every((answer) => answer instanceof Promise)).toBe(true);
    expect(keys.find(nth(256))).toEqual({ kind: "unavailable" });
    expect(database.asked).toBe(256);
  });

  it("to what is remembered, and random keys do not push out good ones", async () => {
    database.put(secret);
    await keys.find(secret);
    for (let index = 0; index < 5_000; index++) {
      await keys.find(nth(index));
      if (index % 500 === 0) await nextTurn();
    }
    const before = database.asked;
    expect(keys.find(secret)).toMatchObject({ kind: "good" });
    expect(keys.find(nth(4_999))).toEqual({ kind: "unknown" });
    expect(database.asked).toBe(before);
    await keys.find(nth(0));
    expect(database.asked).toBe(before + 1);
  });
});
