import { type ChildProcess, fork } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { reasoningKey } from "../../src/reasoning-key.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tollgate-key-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const from = (dataDir: string, given?: Uint8Array) => reasoningKey({ dataDir, reasoningKey: given });
const hex = (key: Uint8Array) => Buffer.from(key).toString("hex");

describe("the key of the seals", () => {
  it("is the environment's, and then no file is written", () => {
    const given = Buffer.alloc(32, 3);
    expect(from(join(directory, "data"), given)).toEqual({ key: given });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("is made once, for the owner's eyes, in a directory that may be missing", () => {
    const dataDir = join(directory, "deep", "data");
    const first = from(dataDir);
    expect(first.warning).toBeUndefined();
    expect(first.key).toHaveLength(32);
    expect(from(dataDir)).toEqual(first);
    expect(readdirSync(dataDir)).toEqual(["reasoning.key"]);
    expect(statSync(join(dataDir, "reasoning.key")).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(dataDir, "reasoning.key"), "utf8")).toBe(`${hex(first.key)}\n`);
    expect(hex(from(join(directory, "other")).key)).not.toBe(hex(first.key));
  });

  it("is one when several processes start at once", async () => {
    const program = new URL("./reasoning-key-printed.mjs", import.meta.url).pathname;
    const children = Array.from({ length: 4 }, () => fork(program, { execArgv: [] }));
    const said = (child: ChildProcess) =>
      new Promise<unknown>((resolve, reject) => {
        child.once("message", resolve);
        child.once("exit", () => reject(new Error("a process ended")));
      });
    await Promise.all(children.map(said));
    const told = children.map(said);
    for (const child of children) child.send(join(directory, "data"));
    const keys = await Promise.all(told);
    const stored = readFileSync(join(directory, "data", "reasoning.key"), "utf8").trim();
    expect(keys).toEqual(children.map(() => stored));
    expect(readdirSync(join(directory, "data"))).toEqual(["reasoning.key"]);
  }, 60_000);

  it.each([
    ["hex", "0".repeat(62).concat("ff")],
    ["base64", Buffer.alloc(32, 250).toString("base64")],
  ])("may be brought along in %s", (_, text) => {
    writeFileSync(join(directory, "reasoning.key"), ` ${text}\n`);
    const { key, warning } = from(directory);
    expect([hex(key), Buffer.from(key).toString("base64")]).toContain(text);
    expect(warning).toBeUndefined();
  });

  it.each([
    [
      "a file that holds none",
      () => writeFileSync(join(directory, "reasoning.key"), "secret"),
      /reasoning\.key holds no key/,
    ],
    ["an empty file", () => writeFileSync(join(directory, "reasoning.key"), ""), /holds no key/],
    [
      "a directory in its place",
      () => mkdirSync(join(directory, "reasoning.key")),
      /cannot be used \(EISDIR\)/,
    ],
    [
      "a file in the directory's place",
      () => {
        rmSync(directory, { recursive: true });
        writeFileSync(directory, "");
      },
      /cannot be used \(ENOTDIR\)/,
    ],
  ])("is the process's own beside %s, and the log is told why and not what", (_, spoil, why) => {
    spoil();
    const first = from(directory);
    expect(first.warning).toMatch(why);
    expect(first.warning).toContain("TOLLGATE_REASONING_KEY");
    expect(first.warning).not.toContain("secret");
    expect(first.warning).not.toContain(hex(first.key));
    expect(first.key).toHaveLength(32);
    expect(hex(from(directory).key)).not.toBe(hex(first.key));
  });

  // The superuser may write anywhere.
  it.skipIf(process.getuid?.() === 0)("is the process's own where nothing may be written", () => {
    chmodSync(directory, 0o500);
    expect(from(directory).warning).toMatch(/cannot be used \(EACCES\)/);
    expect(readdirSync(directory)).toEqual([]);
  });
});
