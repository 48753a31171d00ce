#!/usr/bin/env node
/** The `tollgate` command: finds the subcommand and hands over. The sidecar itself is `main.ts`. */
import { readFileSync } from "node:fs";
import { suggestion } from "../policy/suggestion.ts";

interface Command {
  readonly summary: string;
  /** Loaded on use, so that a check does not pay for the demo. Resolves to the exit code. */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    "check",
    {
      summary: "find mistakes in envoy.yaml before Envoy does",
      run: async (argv) => (await import("./check/run.ts")).run(argv),
    },
  ],
  [
    "report",
    {
      summary: "say who used what, and what it comes to",
      run: async (argv) => (await import("./report/run.ts")).run(argv),
    },
  ],
  [
    "demo",
    {
      summary: "start Envoy, Tollgate and, without API keys, stand-in providers",
      run: async (argv) => (await import("./demo/demo.ts")).run([...argv]),
    },
  ],
  [
    "keys",
    {
      summary: "make, show, end and renew virtual keys",
      run: async (argv) => (await import("./keys/run.ts")).run(argv),
    },
  ],
]);

const usage = `Usage: tollgate <command> [arguments]

${[...commands].map(([name, { summary }]) => `  ${name.padEnd(8)}${summary}`).join("\n")}

  --help     this text; after a command, that command's
  --version  the version
`;

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(usage);
    return 0;
  }
  const command = commands.get(name ?? "");
  if (command !== undefined) return command.run(argv);
  const complaint =
    name === undefined ? "no command given" : `unknown command ${name}${suggestion(name, commands.keys())}`;
  process.stderr.write(`${complaint}\n\n${usage}`);
  return 2;
}

/** package.json lies two folders up, in the sources as in the build. */
function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version?: unknown }).version);
}

// Not process.exit: what is still being written to a pipe would be lost.
process.exitCode = await main(process.argv.slice(2));
