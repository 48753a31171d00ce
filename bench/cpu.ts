/**
 * CPU time of processes, as the kernel accounts it. Linux only.
 *
 * Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
import { execFile, execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

interface Account {
  readonly parent: number;
  /** User and system time, of its own and of children it has waited for. */
  readonly ticks: number;
}

/** CPU time that a process, all its threads and its descendants have used so far. Milliseconds. */
export function cpuMs(pid: number): number {
  const accounts = readAccounts();
  const own = accounts.get(pid);
  if (own === undefined) throw new Error(`process ${pid} is gone: its CPU time cannot be read`);
  let ticks = own.ticks;
  const parents = [pid];
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const [child, account] of accounts) {
      if (account.parent !== parent) continue;
      ticks += account.ticks;
      parents.push(child);
    }
  }
  return (ticks * 1_000) / ticksPerSecond;
}

/** Binds a process with all its threads to one core; false where that is not possible. */
export async function pin(pid: number, core: number): Promise<boolean> {
  try {
    await promisify(execFile)("taskset", ["-a", "-c", "-p", String(core), String(pid)]);
    return true;
  } catch {
    return false;
  }
}

function readAccounts(): ReadonlyMap<number, Account> {
  const accounts = new Map<number, Account>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const account = readAccount(name);
    if (account !== undefined) accounts.set(Number(name), account);
  }
  return accounts;
}

/** Undefined when the process ended meanwhile. */
function readAccount(pid: string): Account | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the command in parentheses and may hold anything; the rest begins at field 3.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [parent, ...times] = [4, 14, 15, 16, 17].map((field) => Number(fields[field - 3]));
  return { parent: parent ?? 0, ticks: times.reduce((sum, ticks) => sum + ticks, 0) };
}
