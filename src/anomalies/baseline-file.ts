/**
 * What is usual for each caller, in a file that outlives the process: a head, then a line for each caller. Written beside
 * it and renamed, so that nobody ever reads half of one.
 */
import { existsSync, renameSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { keptVersion, lineOf, subjectOf } from "./kept-subject.ts";
import type { Subject } from "./subject.ts";

/** Ten thousand lines of a kilobyte or two. */
const mostBytes = 64 * 1_048_576;
/** Lines that are made in one turn of the event loop: some milliseconds. */
const linesInTurn = 100;

const format = "tollgate-anomaly-baselines";
const head = z.object({
  format: z.literal(format),
  version: z.literal(keptVersion),
  subjects: z.number().int().min(0),
});

export class BaselineFile {
  readonly path: string;

  constructor(dataDir: string, worker: number) {
    this.path = join(dataDir, "anomalies", `${worker}.jsonl`);
  }

  /**
   * Those that an earlier process kept, in its order; none when there is no file.
   *
   * @throws Error when the file cannot be read, or is none of this version's
   */
  async read(): Promise<Subject[]> {
    if (!existsSync(this.path)) return [];
    const { size } = await stat(this.path);
    if (size > mostBytes) throw new Error(`it has ${size} bytes, and ${mostBytes} at most are read`);
    const [first = "", ...lines] = (await readFile(this.path, "utf8")).trimEnd().split("\n");
    const { subjects } = parsed(
      () => head.parse(JSON.parse(first)),
      "its first line is none of this version's",
    );
    if (lines.length !== subjects) throw new Error(`it has ${lines.length} callers instead of ${subjects}`);
    return lines.map((line, index) => parsed(() => subjectOf(line), `line ${index + 2} cannot be read`));
  }

  /** Out of the way of the next one, for whoever wants to look at it. */
  setAside(): void {
    renameSync(this.path, `${this.path}.unreadable`);
  }

  /** @throws Error when it cannot be written; the earlier one is as it was */
  async write(subjects: readonly Subject[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const draft = `${this.path}.${process.pid}.draft`;
    try {
      const file = await open(draft, "w", 0o600);
      try {
        await writeLines(file, subjects);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
  }
}

async function writeLines(file: FileHandle, subjects: readonly Subject[]): Promise<void> {
  const first: z.input<typeof head> = { format, version: keptVersion, subjects: subjects.length };
  await file.write(`${JSON.stringify(first)}\n`);
  for (let from = 0; from < subjects.length; from += linesInTurn) {
    const lines = subjects.slice(from, from + linesInTurn).map((subject) => `${lineOf(subject)}\n`);
    await file.write(lines.join(""));
  }
}

/** What libraries say of a line quotes it. */
function parsed<Value>(read: () => Value, otherwise: string): Value {
  try {
    return read();
  } catch {
    throw new Error(otherwise);
  }
}
