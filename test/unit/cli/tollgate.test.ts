import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

function tollgate(...argv: string[]) {
  const command = ["--import", "tsx", "src/cli/tollgate.ts", ...argv];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("the tollgate command", () => {
  it("hands its arguments to check, and check's exit code on", () => {
    expect(tollgate("check", "test/fixtures/envoy/reference.yaml")).toMatchObject({ status: 0, stderr: "" });
    const broken = tollgate("check", "test/fixtures/envoy/misspelt.yaml");
    expect(broken).toMatchObject({ status: 1, stderr: "" });
    expect(broken.stdout).toMatch(/^test\/fixtures\/envoy\/misspelt\.yaml:\d+:\d+ error /);
  }, 20_000);

  it("says its version", () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
    expect(tollgate("--version")).toMatchObject({ status: 0, stdout: `${version}\n` });
  }, 20_000);

  it("lists its commands", () => {
    const { status, stdout } = tollgate("--help");
    expect(status).toBe(0);
    for (const name of ["check", "demo", "keys"]) expect(stdout).toContain(`\n  ${name} `);
  }, 20_000);

  it("refuses what it does not know, and says what is near", () => {
    const { status, stderr } = tollgate("chekc");
    expect(status).toBe(2);
    expect(stderr).toContain('(did you mean "check"?)');
  }, 20_000);
});
