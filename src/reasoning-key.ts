/**
 * The key of the seals over reasoning that clients keep: from the environment, else from a file in the data directory,
 * which the first process writes. Everybody who may get a conversation's next turn must have the same one, or the
 * reasoning in it is left out.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { sealKeyLength } from "./dialects/seal.ts";
import { formatKey, keyForm, parseKey } from "./settings/key-text.ts";
import type { Settings } from "./settings/settings.ts";

export interface ReasoningKey {
  readonly key: Uint8Array;
  /** A sentence for the log when the key will be gone with the process. */
  readonly warning?: string;
}

const fileName = "reasoning.key";

export function reasoningKey(settings: Pick<Settings, "reasoningKey" | "dataDir">): ReasoningKey {
  if (settings.reasoningKey !== undefined) return { key: settings.reasoningKey };
  const path = join(settings.dataDir, fileName);
  try {
    const key = parseKey(storedKey(settings.dataDir, path).trim());
    return key === undefined ? ownKey(`${path} holds no key (${keyForm})`) : { key };
  } catch (error) {
    return ownKey(`${path} cannot be used (${codeOf(error)})`);
  }
}

/** The file's text; written first when there is none. Whoever comes second reads what the first one wrote. */
function storedKey(directory: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeOnce(path, `${formatKey(randomBytes(sealKeyLength))}\n`);
  return readFileSync(path, "utf8");
}

/**
 * Nothing when the file is there by now. It is written under another name and linked to its own, so that nobody ever
 * reads half a key.
 */
function writeOnce(path: string, text: string): void {
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  try {
    const file = openSync(draft, "wx", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function ownKey(why: string): ReasoningKey {
  const warning =
    `${why}: reasoning is sealed with a key that ends with this process, so that conversations lose theirs at its end ` +
    "and at other processes. Set TOLLGATE_REASONING_KEY, or TOLLGATE_DATA_DIR to a directory that can be written.";
  return { key: randomBytes(sealKeyLength), warning };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unreadable";
}
