/** The Tollgate of another revision, built in a worktree of its own that is removed at the end. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { PACKAGE_ROOT } from "../src/cli/demo/sidecar.ts";
import type { Ending } from "./ending.ts";
import type { Build } from "./variant.ts";

const BUILD_TIMEOUT_MS = 120_000;

export interface Baseline extends Build {
  /** Short hash. */
  readonly revision: string;
}

/**
 * Builds with this tree's packages, so that only our own code differs. Throws when the revision is unknown, does
 * not build, or has no generator of Envoy's configuration.
 */
export async function buildBaseline(revision: string, ending: Ending): Promise<Baseline> {
  const hash = await run(PACKAGE_ROOT, "git", ["rev-parse", "--verify", "--short", `${revision}^{commit}`]);
  const tree = join(await mkdtemp(join(tmpdir(), "tollgate-baseline-")), hash);
  ending.add(() => rm(join(tree, ".."), { recursive: true, force: true }));
  await run(PACKAGE_ROOT, "git", ["worktree", "add", "--detach", tree, hash]);
  ending.add(() => run(PACKAGE_ROOT, "git", ["worktree", "remove", "--force", tree]));
  await symlink(join(PACKAGE_ROOT, "node_modules"), join(tree, "node_modules"));
  await run(tree, "npm", ["run", "--silent", "build"]);
  const generator: unknown = await import(pathToFileURL(join(tree, "src/cli/demo/envoy-config.ts")).href);
  if (!isGenerator(generator)) throw new Error(`${hash} has no envoyConfig: it cannot be the baseline`);
  return { revision: hash, main: join(tree, "dist", "main.js"), envoyConfig: generator.envoyConfig };
}

function isGenerator(module: unknown): module is Pick<Build, "envoyConfig"> {
  return (
    typeof module === "object" &&
    module !== null &&
    "envoyConfig" in module &&
    typeof module.envoyConfig === "function"
  );
}

export async function run(directory: string, command: string, args: readonly string[]): Promise<string> {
  const options = { cwd: directory, timeout: BUILD_TIMEOUT_MS, maxBuffer: 16 << 20 };
  try {
    const { stdout } = await promisify(execFile)(command, args, options);
    return stdout.trim();
  } catch (cause) {
    const output = cause instanceof Error && "stdout" in cause ? String(cause.stdout) : "";
    throw new Error(`${command} ${args.join(" ")} failed\n${output.slice(-2_000)}`, { cause });
  }
}
