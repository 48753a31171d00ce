/** `tollgate keys create`. */
import { randomBytes, randomInt } from "node:crypto";
import { cleaned, longestValue } from "../../identity/cleaned.ts";
import { mostTags, tagName } from "../../identity/tags.ts";
import { keyDigest, keyFrom } from "../../identity/virtual-key.ts";
import { parseObject } from "../../json/parse-object.ts";
import type { JsonObject } from "../../json/types.ts";
import type { KeyRecord } from "../../keys/store.ts";
import { keyQuotas } from "../../policy/key-quotas.ts";
import { PolicyError } from "../../policy/policy.ts";
import { UsageError } from "../command.ts";
import { parsed, timeToCome } from "./arguments.ts";
import { jsonLine } from "./print.ts";
import type { KeysCommand } from "./run.ts";

const text = { type: "string" } as const;
const options = {
  name: text,
  tenant: text,
  app: text,
  user: text,
  department: text,
  plan: text,
  tag: { type: "string", multiple: true },
  limits: text,
  expires: text,
  json: { type: "boolean", default: false },
} as const;

const secretBytes = 32;

export const create: KeysCommand = async (argv, store, { out, err, nowMs }) => {
  const { values, positionals } = parsed(argv, options);
  if (positionals.length > 0) throw new UsageError(`${positionals[0]} is not expected`);
  const createdMs = nowMs();
  const app = value("app", values.app);
  const key: KeyRecord = {
    id: newId(),
    name: value("name", values.name) ?? app ?? "unnamed",
    tenant: value("tenant", values.tenant),
    app,
    user: value("user", values.user),
    department: value("department", values.department),
    plan: value("plan", values.plan),
    tags: tagsOf(values.tag ?? []),
    limits: values.limits === undefined ? undefined : limitsOf(values.limits),
    createdMs,
    expiresMs: values.expires === undefined ? undefined : timeToCome(values.expires, createdMs),
    revokedMs: undefined,
  };
  const { secret, digest } = newSecret();
  await store.create(key, digest);
  if (values.json) out(jsonLine(key, createdMs, secret));
  else {
    // The secret alone, so that a script can take it.
    out(`${secret}\n`);
    err(`${key.id} (${key.name}) has been made. Its secret, above, is not shown again.\n`);
  }
  return 0;
};

/** A secret that has never been seen, and what is kept of it. */
export function newSecret(): { readonly secret: string; readonly digest: string } {
  const secret = keyFrom(randomBytes(secretBytes));
  const digest = keyDigest(secret);
  if (digest === undefined) throw new Error("a new key of the wrong form");
  return { secret, digest };
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
const idLetters = 16;

function newId(): string {
  const random = Array.from({ length: idLetters }, () => letters[randomInt(letters.length)]);
  return `key_${random.join("")}`;
}

/** Only what a caller's field can be: it is compared with those of calls. */
function value(option: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (given.trim() === given && cleaned(given) === given) return given;
  throw new UsageError(
    `--${option} must be 1 to ${longestValue} characters that can be seen, without blanks at the ends`,
  );
}

function tagsOf(given: readonly string[]): Record<string, string> {
  if (given.length > mostTags) throw new UsageError(`more than ${mostTags} tags`);
  const tags: Record<string, string> = {};
  for (const entry of given) {
    const equals = entry.indexOf("=");
    const name = entry.slice(0, Math.max(0, equals));
    if (!tagName.test(name) || name === "__proto__") {
      throw new UsageError(
        `--tag ${entry}: expected NAME=VALUE, the name of letters, digits, "_", "." and "-"`,
      );
    }
    tags[name] = value("tag", entry.slice(equals + 1)) ?? "";
  }
  return tags;
}

function limitsOf(given: string): JsonObject {
  const limits = parseObject(given);
  if (limits === undefined) throw new UsageError("--limits must be a JSON object");
  try {
    keyQuotas(limits);
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(`--limits: ${error.message}`);
    throw error;
  }
  return limits;
}
