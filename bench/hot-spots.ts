/**
 * The functions of a V8 CPU profile by the time spent in them alone.
 *
 * Source: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile
 */
import { table } from "./table.ts";

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** The `top` functions, then the same time by package; shares are of the busy time. */
export function hotSpots(text: string, top: number): string {
  const profile = JSON.parse(text) as Profile;
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFunction = new Map<string, number>();
  const byPackage = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of profile.samples.entries()) {
    const frame = frames.get(id);
    const time = profile.timeDeltas[index] ?? 0;
    if (frame === undefined || isAside(frame)) continue;
    busy += time;
    const place = shortened(frame.url);
    const line = place === "" ? "" : ` ${place}:${frame.lineNumber + 1}`;
    add(byFunction, `${frame.functionName || "(anonymous)"}${line}`, time);
    add(byPackage, owner(frame.url, frame.functionName), time);
  }
  const lines = (times: ReadonlyMap<string, number>) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, top)
      .map(([name, time]) => [
        `  ${name}`,
        (time / 1_000).toFixed(0),
        `${((100 * time) / busy).toFixed(1)} %`,
      ]);
  return [
    table([["function", "self ms", "share"], ...lines(byFunction)]),
    table([["package", "self ms", "share"], ...lines(byPackage)]),
  ].join("\n");
}

/** Waiting, and the profiler's own beginning and end. */
function isAside({ functionName, url }: Profile["nodes"][number]["callFrame"]): boolean {
  return functionName === "(idle)" || (functionName === "dispatch" && url === "");
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}

/** From the package or from `dist` on. */
function shortened(url: string): string {
  return url.replace(/^.*\/(?:node_modules|dist)\//, "");
}

function owner(url: string, functionName: string): string {
  const named = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (named !== undefined) return named;
  if (url.startsWith("node:")) return url;
  const folder = /\/dist\/([^/]+)/.exec(url)?.[1];
  if (folder !== undefined) return `tollgate: ${folder}`;
  return functionName.startsWith("(") ? functionName : "V8 and native code";
}
