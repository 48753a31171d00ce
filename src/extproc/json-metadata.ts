/**
 * Lets JSON through that grpc-js would drop. It takes a metadata value for text of printable ASCII and leaves out, without
 * a word, a header with any other byte; Envoy writes claims as they are, and people have names with accents in their
 * tokens. JSON can say the same in ASCII, so the text is rewritten before anybody reads it.
 *
 * There is no other place for it: grpc-js alone sees the headers that a call came with. What it replaces is part of its
 * published types (https://grpc.github.io/grpc/node/grpc.Metadata.html); a test with raw bytes holds it to that.
 */
import { Metadata } from "@grpc/grpc-js";

type Headers = Parameters<typeof Metadata.fromHttp2Headers>[0];

/** Keys whose values are JSON, behind a prefix of ASCII. */
const jsonKeys = ["x-tollgate-jwt"] as const;

const utf8 = new TextDecoder("utf-8", { fatal: true });
let isDone = false;

/** For the whole process, once. */
export function keepJsonMetadata(): void {
  if (isDone) return;
  isDone = true;
  const asTheyAre = Metadata.fromHttp2Headers;
  Metadata.fromHttp2Headers = (headers: Headers): Metadata => {
    const metadata = asTheyAre.call(Metadata, headers);
    for (const key of jsonKeys) {
      const value = headers[key];
      if (typeof value !== "string" || metadata.get(key).length > 0) continue;
      const text = asciiJson(value);
      if (text !== undefined) metadata.set(key, text);
    }
    return metadata;
  };
}

/** @param value one character a byte, as Node's http2 gives it. @returns undefined when the bytes are no text */
function asciiJson(value: string): string | undefined {
  let text: string;
  try {
    text = utf8.decode(Buffer.from(value, "latin1"));
  } catch {
    return undefined;
  }
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
