/**
 * A folder that belongs to one process for as long as it lives, whichever way it ends: the kernel lets go of a lock on a
 * file when its process is gone. Node itself cannot lock files; SQLite can (https://www.sqlite.org/lockingv3.html).
 */
import { join } from "node:path";
import Sqlite from "better-sqlite3";

export interface FolderLock {
  release(): void;
}

/** The name of the file that is locked. */
const lockFile = "lock";

/**
 * @returns undefined when another process has the folder
 * @throws Error when the folder does not exist, cannot be written, or lies where files cannot be locked
 */
export function lockFolder(folder: string): FolderLock | undefined {
  const connection = new Sqlite(join(folder, lockFile), { timeout: 0 });
  try {
    connection.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    connection.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith("SQLITE_BUSY")) return undefined;
    throw error;
  }
  return { release: () => void connection.close() };
}
