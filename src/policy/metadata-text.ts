/** The metadata as it arrives: JSON text in a gRPC header, its non-ASCII characters perhaps mangled on the way. */
import { isObject, type JsonObject } from "../json/types.ts";
import { PolicyError } from "./policy.ts";

/** Which of the two texts. */
export type PolicyOrigin = "route" | "virtual_host";

/** Far above what fits in headers. Characters. */
const longestText = 1024 * 1024;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Undoes latin1 decoding of UTF-8. Envoy sends raw UTF-8 bytes; Node's http2 hands them over one character a byte.
 * Text that was decoded right already holds characters beyond a byte, or bytes that are no UTF-8, and is left alone.
 */
export function repairedUtf8(text: string): string {
  let hasHighBytes = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return text;
    if (code > 0x7f) hasHighBytes = true;
  }
  if (!hasHighBytes) return text;
  try {
    return strictUtf8.decode(Buffer.from(text, "latin1"));
  } catch {
    return text;
  }
}

/**
 * @returns undefined when there is no metadata: the header is missing, empty, or `-`, Envoy's word for nothing
 * @throws PolicyError when the text is not a JSON object
 */
export function metadataOf(text: string | undefined, origin: PolicyOrigin): JsonObject | undefined {
  if (text === undefined || text === "" || text === "-") return undefined;
  if (text.length > longestText) throw unreadable(origin, `is longer than ${longestText} characters`);
  let value: unknown;
  try {
    value = JSON.parse(repairedUtf8(text), refuseProto);
  } catch (error) {
    throw unreadable(origin, `is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  if (!isObject(value)) throw unreadable(origin, "is not a mapping");
  return value;
}

/** The schema library skips this key without a word, and nothing is dropped in silence. */
function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new Error("the key __proto__ cannot be used");
  return value;
}

function unreadable(origin: PolicyOrigin, message: string): PolicyError {
  return new PolicyError([{ path: `${origin}:`, message, origin, segments: [] }]);
}
