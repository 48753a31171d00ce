/** The upstream's process, which the load's core is enough for. */
import { fileURLToPath } from "node:url";
import { startChild } from "../src/cli/demo/child.ts";
import { until } from "../src/cli/demo/readiness.ts";
import { isObject } from "../src/json/types.ts";
import type { Ending } from "./ending.ts";
import { type UpstreamPorts, upstreamNames } from "./envoys.ts";

const READY_TIMEOUT_MS = 20_000;

export async function startUpstream(ending: Ending): Promise<UpstreamPorts> {
  let ports: UpstreamPorts | undefined;
  const child = await startChild({
    name: "upstream",
    command: process.execPath,
    // Ours name the loader that lets Node read TypeScript.
    args: [...process.execArgv, fileURLToPath(new URL("./upstream.ts", import.meta.url))],
    onOutput: (line) => {
      ports ??= portsIn(line);
    },
    onError: (line) => process.stderr.write(`upstream: ${line}\n`),
  });
  ending.add(() => child.stop());
  return until(child, async () => ports, READY_TIMEOUT_MS);
}

function portsIn(line: string): UpstreamPorts | undefined {
  const value: unknown = JSON.parse(line);
  if (!isObject(value)) return undefined;
  const isWhole = upstreamNames.every((name) => typeof value[name] === "number");
  return isWhole ? (value as unknown as UpstreamPorts) : undefined;
}
