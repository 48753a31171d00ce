/** `tollgate check`: reads the files, prints the findings, says by its exit code whether there are errors. */
import { readFileSync } from "node:fs";
import { type Output, standardOutput } from "../command.ts";
import { checkConfig } from "./check.ts";
import type { Finding } from "./finding.ts";

const usage = `Usage: tollgate check <envoy.yaml>…

Checks Envoy configuration files (YAML or JSON; a bootstrap or a file of xDS resources) for mistakes in tollgate
metadata and in the wiring that Tollgate depends on. One finding per line: file:line:column severity message [id].

Exit code: 0 no errors (there may be warnings), 1 errors, 2 wrong usage or a file that cannot be read.
`;

/**
 * @param argv what follows the command's name
 * @returns the exit code
 */
export function run(argv: readonly string[], output: Output = standardOutput): number {
  if (argv.includes("--help") || argv.includes("-h")) {
    output.out(usage);
    return 0;
  }
  const option = argv.find((argument) => argument.startsWith("-"));
  if (option !== undefined || argv.length === 0) {
    output.err(`${option === undefined ? "no file given" : `unknown option ${option}`}\n\n${usage}`);
    return 2;
  }
  const findings: Finding[] = [];
  for (const file of argv) {
    try {
      findings.push(...checkConfig(readFileSync(file, "utf8"), file));
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
      output.err(`${file} cannot be read: ${error.message}\n`);
      return 2;
    }
  }
  for (const finding of findings) output.out(printed(finding));
  const errors = findings.filter(({ severity }) => severity === "error").length;
  output.out(`${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}\n`);
  return errors > 0 ? 1 : 0;
}

function printed({ file, line, column, severity, message, id, hint }: Finding): string {
  return `${file}:${line}:${column} ${severity} ${message} [${id}]\n    hint: ${hint}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
