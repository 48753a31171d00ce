import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../../src/cli/keys/run.ts";
import { keyDigest } from "../../../src/identity/virtual-key.ts";
import { openKeyStore } from "../../../src/keys/open-store.ts";
import type { FoundKey } from "../../../src/keys/store.ts";

const start = Date.parse("2026-11-01T12:00:00Z");
let dataDir: string;
let nowMs: number;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "tollgate-keys-"));
  nowMs = start;
});

afterEach(() => rm(dataDir, { recursive: true }));

async function keys(...argv: string[]) {
  const printed = { out: "", err: "" };
  const status = await run(argv, {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    nowMs: () => nowMs,
    env: { TOLLGATE_DATA_DIR: dataDir },
  });
  return { status, ...printed };
}

async function created(...argv: string[]): Promise<{ id: string; secret: string }> {
  const { out } = await keys("create", "--json", ...argv);
  const { id, key } = JSON.parse(out) as { id: string; key: string };
  return { id, secret: key };
}

/** As a gateway finds it. */
async function found(secret: string): Promise<FoundKey | undefined> {
  const store = openKeyStore({ databaseUrl: undefined, dataDir });
  try {
    return await store.find(keyDigest(secret) ?? "");
  } finally {
    await store.close();
  }
}

describe("keys create", () => {
  it("prints the secret, alone and once, and keeps a digest", async () => {
    const { status, out, err } = await keys("create", "--app", "billing");
    expect(status).toBe(0);
    expect(out).toMatch(/^tg-[\w-]{43}\n$/);
    expect(err).toMatch(
      /^key_[a-z0-9]{16} \(billing\) has been made\. Its secret, above, is not shown again\.\n$/,
    );
    expect((await keys("list", "--json")).out).not.toContain(out.trim());
    const files = readdirSync(dataDir).map((name) => readFileSync(join(dataDir, name), "latin1"));
    expect(files.join("")).not.toContain(out.trim());
    expect(files.join("")).toContain(keyDigest(out.trim()));
  });

  it("keeps all that it is told", async () => {
    const { id, secret } = await created(
      ...["--name", "Billing, production", "--tenant", "acme", "--app", "billing", "--user", "zoë"],
      ...["--department", "finance", "--plan", "gold", "--tag", "team=blue", "--tag", "url=a=b"],
      ...["--limits", '{"limits":[{"name":"x","requests":5,"window":"1m"}]}', "--expires", "90d"],
    );
    expect(await found(secret)).toEqual({
      key: {
        id,
        name: "Billing, production",
        tenant: "acme",
        app: "billing",
        user: "zoë",
        department: "finance",
        plan: "gold",
        tags: { team: "blue", url: "a=b" },
        limits: { limits: [{ name: "x", requests: 5, window: "1m" }] },
        createdMs: start,
        expiresMs: start + 90 * 86_400_000,
        revokedMs: undefined,
      },
      secretExpiresMs: undefined,
    });
  });

  it.each([
    ["12h", start + 12 * 3_600_000],
    ["2027-01-31", Date.parse("2027-01-31T00:00:00Z")],
    ["2027-01-31T12:00:00+01:00", Date.parse("2027-01-31T11:00:00Z")],
  ])("takes %s for an end", async (expires, expected) => {
    const { secret } = await created("--expires", expires);
    expect((await found(secret))?.key.expiresMs).toBe(expected);
  });

  it.each<[string, string[], string]>([
    ["an unknown option", ["--usr", "ada"], "Unknown option '--usr'"],
    ["an empty value", ["--app", ""], "--app must be 1 to 256 characters"],
    ["a long value", ["--app", "x".repeat(257)], "--app must be 1 to 256 characters"],
    ["what cannot be seen", ["--user", "ad\u202ea"], "--user must be 1 to 256 characters"],
    ["a blank at the end", ["--user", "ada "], "--user must be 1 to 256 characters"],
    ["a tag without a value", ["--tag", "team"], "--tag team: expected NAME=VALUE"],
    ["a tag with a bad name", ["--tag", "a b=1"], "--tag a b=1: expected NAME=VALUE"],
    ["too many tags", Array.from({ length: 17 }, (_, n) => ["--tag", `t${n}=1`]).flat(), "more than 16 tags"],
    ["limits that are no object", ["--limits", "[]"], "--limits must be a JSON object"],
    [
      "limits that cannot be kept",
      ["--limits", '{"limits": [{"name": "x", "requests": 5}]}'],
      "--limits: limits[0].window: required",
    ],
    ["an end in the past", ["--expires", "2026-01-01"], "2026-01-01 is not to come"],
    ["an end that is none", ["--expires", "2027-13-01"], "2027-13-01 is no date"],
    ["a duration that is none", ["--expires", "soon"], "soon is no duration such as 90d, 24h or 30m"],
    ["an argument", ["billing"], "billing is not expected"],
  ])("refuses %s, and makes nothing", async (_, argv, message) => {
    const { status, out, err } = await keys("create", ...argv);
    expect([status, out]).toEqual([2, ""]);
    expect(err.startsWith(message)).toBe(true);
    expect((await keys("list")).err).toBe("there are no keys\n");
  });
});

describe("keys list", () => {
  it("shows states, none of the secrets", async () => {
    const active = await created("--tenant", "acme", "--app", "billing", "--plan", "gold");
    nowMs += 1_000;
    const expired = await created("--name", "short", "--expires", "1h");
    nowMs += 1_000;
    const revoked = await created("--tenant", "acme", "--user", "ada");
    await keys("revoke", revoked.id);
    nowMs += 3_600_000;
    const { out } = await keys("list");
    expect(out.replaceAll(/ +\n/g, "\n")).toBe(
      [
        "ID                    STATE    NAME     TENANT  APP      USER  DEPARTMENT  PLAN  CREATED     EXPIRES",
        `${active.id}  active   billing  acme    billing  -     -           gold  2026-11-01  -`,
        `${expired.id}  expired  short    -       -        -     -           -     2026-11-01  2026-11-01`,
        `${revoked.id}  revoked  unnamed  acme    -        ada   -           -     2026-11-01  -`,
        "",
      ].join("\n"),
    );
    const lines = (await keys("list", "--json", "--tenant", "acme")).out.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        id: active.id,
        name: "billing",
        tenant: "acme",
        app: "billing",
        plan: "gold",
        tags: {},
        state: "active",
        created: "2026-11-01T12:00:00.000Z",
      },
      {
        id: revoked.id,
        name: "unnamed",
        tenant: "acme",
        user: "ada",
        tags: {},
        state: "revoked",
        created: "2026-11-01T12:00:02.000Z",
        revoked: "2026-11-01T12:00:02.000Z",
      },
    ]);
  });
});

describe("keys revoke", () => {
  it("ends a key", async () => {
    const { id, secret } = await created();
    expect(await keys("revoke", id)).toEqual({
      status: 0,
      out: `${id} (unnamed) has been revoked\n`,
      err: "",
    });
    expect((await found(secret))?.key.revokedMs).toBe(start);
  });

  it("knows none but those that there are", async () => {
    expect(await keys("revoke", "key_none")).toEqual({
      status: 1,
      out: "",
      err: "there is no key key_none\n",
    });
    expect(await keys("revoke")).toMatchObject({ status: 2 });
    expect(await keys("revoke", "a", "b")).toMatchObject({ status: 2 });
  });
});

describe("keys rotate", () => {
  it("ends the old secret at once", async () => {
    const { id, secret } = await created("--app", "billing");
    const { status, out, err } = await keys("rotate", id);
    expect(status).toBe(0);
    expect(err).toBe(
      `${id} (billing) has a new secret, above, which is not shown again. The old one has ended.\n`,
    );
    expect(await found(secret)).toBeUndefined();
    expect(await found(out.trim())).toMatchObject({
      key: { id, app: "billing" },
      secretExpiresMs: undefined,
    });
  });

  it("leaves it for a while if asked to", async () => {
    const { id, secret } = await created();
    const { err } = await keys("rotate", id, "--grace", "24h");
    expect(err).toContain("The old one is good until 2026-11-02T12:00:00.000Z.");
    expect(await found(secret)).toMatchObject({ key: { id }, secretExpiresMs: start + 86_400_000 });
  });

  it("does not bring a revoked key back", async () => {
    const { id } = await created();
    await keys("revoke", id);
    expect(await keys("rotate", id)).toEqual({ status: 1, out: "", err: `${id} has been revoked\n` });
    expect(await keys("rotate", "key_none")).toEqual({
      status: 1,
      out: "",
      err: "there is no key key_none\n",
    });
  });
});

describe("keys", () => {
  it("says how it is used", async () => {
    expect(await keys("--help")).toMatchObject({
      status: 0,
      out: expect.stringContaining("Usage: tollgate keys"),
    });
    expect(await keys()).toMatchObject({ status: 2, err: expect.stringContaining("no command given") });
    expect(await keys("mint")).toMatchObject({
      status: 2,
      err: expect.stringContaining("unknown command mint"),
    });
  });

  it("says when the database cannot be had, without its password", async () => {
    let err = "";
    const status = await run(["list"], {
      out: () => undefined,
      err: (text) => {
        err += text;
      },
      nowMs: Date.now,
      env: { DATABASE_URL: "postgres://gateway:hunter2@127.0.0.1:1/none" },
    });
    expect(status).toBe(1);
    expect(err).toContain("ECONNREFUSED");
    expect(err).not.toContain("hunter2");
  });
});
