/**
 * Makes any object fit for the log: no credentials, no header values, no unbounded text. Runs on every line, so
 * that a careless call cannot leak. Faster than path lists, and it needs no list of where secrets might stand.
 */

const MAX_TEXT = 512;
const MAX_STACK = 2_048;
const MAX_KEYS = 64;
const MAX_ITEMS = 32;
const MAX_DEPTH = 4;
/** The shortest text that `secretText` matches. */
const MIN_SECRET = 12;
/** Verdicts on keys are remembered: lines have the same few dozen. */
const MAX_KNOWN_KEYS = 500;
const REDACTED = "[redacted]";

/** Keys whose values are never shown, however they are spelled. */
const secretKey =
  /^(?:proxy-?)?authorization$|cookie|api[-_]?key|secret|password|passwd|credential|access[-_]?token|auth[-_]?token|security[-_]?token|bearer|private[-_]?key|x-amz-|^headers?$|^(?:prompt|messages|content|body)$/i;

/** Shapes of keys that are told apart from prose: our own, OpenAI, Anthropic, Google, AWS, GitHub, bearer tokens, JWTs, URLs with a password. */
const secretText =
  /\btg-[A-Za-z0-9_-]{20,}|\b(?:sk|pk|rk)-[A-Za-z0-9_-]{9,}|\bAIza[0-9A-Za-z_-]{20,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[opsu]_[A-Za-z0-9]{20,}|\b[Bb]earer\s+\S{8,}|\beyJ[A-Za-z0-9_-]{16,}(?:\.[A-Za-z0-9_-]+){0,4}|(?<=:\/\/)[^\s/@]{1,128}@/g;

/** The text without credentials, cut to a length. */
export function safeText(text: string, max: number = MAX_TEXT): string {
  // Cut with a margin first, so that the patterns run over bounded text; a key across the cut is still caught.
  const bounded = text.length > max ? text.slice(0, max + 64) : text;
  const clean = bounded.length < MIN_SECRET ? bounded : bounded.replace(secretText, REDACTED);
  return clean.length > max ? `${clean.slice(0, max)}…` : clean;
}

/** The fields as they may be logged. Never throws, whatever getters or cycles the object has. */
export function safeFields(fields: Record<string, unknown>): Record<string, unknown> {
  try {
    return safeObject(fields, 0);
  } catch {
    return { unloggable: true };
  }
}

const knownKeys = new Map<string, boolean>();

function isSecretKey(key: string): boolean {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const secret = secretKey.test(key);
  if (knownKeys.size < MAX_KNOWN_KEYS && key.length <= 64) knownKeys.set(key, secret);
  return secret;
}

function safeObject(fields: object, depth: number): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  let keys = 0;
  for (const key of Object.keys(fields)) {
    if (++keys > MAX_KEYS) break;
    const value: unknown = Reflect.get(fields, key);
    if (value === undefined) continue;
    const shown = key.length > 64 ? key.slice(0, 64) : key;
    safe[shown] = typeof value !== "number" && isSecretKey(key) ? REDACTED : safeValue(value, depth);
  }
  return safe;
}

function safeValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return safeText(value);
    case "number":
    case "boolean":
    case "undefined":
      return value;
    case "bigint":
      return value.toString();
    case "symbol":
    case "function":
      return `[${typeof value}]`;
    case "object":
      break;
  }
  if (value === null) return null;
  if (value instanceof Error) return safeError(value, depth);
  if (depth >= MAX_DEPTH || ArrayBuffer.isView(value)) return "[object]";
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => safeValue(item, depth + 1));
  return safeObject(value, depth + 1);
}

/** Name, message, code, stack and cause: an error's other properties may hold anything. */
function safeError(error: Error, depth: number): Record<string, unknown> {
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    type: safeText(error.name),
    message: safeMessage(error),
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: frames(error.stack) }),
    ...(error.cause === undefined || depth >= MAX_DEPTH ? {} : { cause: safeValue(error.cause, depth + 1) }),
  };
}

/** V8 quotes the offending text in what JSON.parse throws: that is somebody's prompt. */
function safeMessage(error: Error): string {
  return safeText(error instanceof SyntaxError ? error.message.replace(/["'].*["']/s, '"…"') : error.message);
}

/** A stack begins with the message, which may run over several lines; only the frames are kept. */
function frames(stack: string): string {
  const lines = stack.split("\n").filter((line) => line.startsWith("    at "));
  return safeText(lines.join("\n"), MAX_STACK);
}
