/** Processes that end with us, whichever way we end. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  /** The last lines that it wrote to either stream, oldest first. */
  lastWords(): readonly string[];
  /** SIGTERM, and SIGKILL if that does not end it in `graceMs` milliseconds. */
  stop(graceMs?: number): Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
}

export interface ChildSettings {
  /** For messages: `envoy`, `tollgate`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly onOutput?: (line: string) => void;
  readonly onError?: (line: string) => void;
}

const LAST_WORDS_LINES = 20;
const DEFAULT_GRACE_MS = 5_000;

/**
 * Starts a process in a group of its own, so that Ctrl-C reaches only us and we end it in order.
 *
 * Throws when the command cannot be started at all.
 */
export async function startChild(settings: ChildSettings): Promise<Child> {
  const child = spawn(settings.command, settings.args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(settings.env === undefined ? {} : { env: settings.env }),
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(new Error(`${settings.name} does not start: ${cause.message}`)));
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${settings.name} does not start`);
  const unleashed = leash(pid, exited);

  let ended: Exit | undefined;
  void exited.then((exit) => {
    ended = exit;
  });
  const words: string[] = [];
  const keep = (tell?: (line: string) => void) => (line: string) => {
    words.push(line);
    if (words.length > LAST_WORDS_LINES) words.shift();
    tell?.(line);
  };
  readLines(child.stdout, keep(settings.onOutput));
  readLines(child.stderr, keep(settings.onError));

  return {
    name: settings.name,
    pid,
    exited,
    exit: () => ended,
    lastWords: () => words,
    kill: (signal) => {
      child.kill(signal);
    },
    async stop(graceMs = DEFAULT_GRACE_MS) {
      if (ended === undefined) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      const exit = await exited;
      clearTimeout(timer);
      await unleashed;
      return exit;
    },
  };
}

/** The reason of an unexpected end, with what the process said last. */
export function epitaph(child: Child, exit: Exit): string {
  const how = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
  const words = child.lastWords();
  return [`${child.name} ${how}`, ...words.map((line) => `  ${line}`)].join("\n");
}

/**
 * A shell that waits for our end of a pipe to close, which the kernel does however we die, and then ends the
 * process's group. Killed itself as soon as the process is gone, so that it never meets a reused pid; resolves when
 * that is done.
 */
function leash(pid: number, exited: Promise<Exit>): Promise<void> {
  const script = `trap '' INT TERM HUP; read -r _; kill -s TERM -- -${pid}; sleep 2; kill -s KILL -- -${pid}`;
  const watcher: ChildProcess = spawn("/bin/sh", ["-c", script], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const gone = new Promise<void>((resolve) => {
    watcher.once("exit", () => resolve());
    watcher.once("error", () => resolve());
  });
  watcher.stdin?.on("error", () => {});
  watcher.unref();
  // A pipe under Node is a socket, and referenced: it would keep us alive.
  const pipe: unknown = watcher.stdin;
  if (isUnreferable(pipe)) pipe.unref();
  return exited.then(() => {
    watcher.ref();
    watcher.kill("SIGKILL");
    return gone;
  });
}

function isUnreferable(value: unknown): value is { unref(): void } {
  return typeof value === "object" && value !== null && "unref" in value && typeof value.unref === "function";
}

function readLines(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  if (stream === null) return;
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", take);
}
