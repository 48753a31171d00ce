/**
 * What a fetched file is. Its bytes decide, since servers often say something else and providers refuse an image that
 * is not what the request says; what cannot be told from bytes (plain text, some audio) is what the server says.
 */
import { isUtf8 } from "node:buffer";
import { MediaFetchError } from "./error.ts";

const images = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
const pdf = "application/pdf";
const plainText = "text/plain";

/** For the request: what is understood. */
export const acceptedTypes = [...images, pdf, plainText, "audio/*"].join(", ");

/** Says nothing: the bytes alone decide. */
const unspecific: ReadonlySet<string> = new Set(["", "application/octet-stream", "binary/octet-stream"]);
/** Common, though not registered. */
const otherNames: Readonly<Record<string, string>> = { "image/jpg": "image/jpeg", "application/x-pdf": pdf };

/**
 * The type that the server declares, without parameters; undefined when it declares none that says something.
 *
 * @throws MediaFetchError for a type that is not accepted
 */
export function declaredType(header: string | undefined): string | undefined {
  const bare = (header ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (unspecific.has(bare)) return undefined;
  const type = otherNames[bare] ?? bare;
  const isAccepted =
    images.some((image) => image === type) ||
    type === pdf ||
    type === plainText ||
    /^audio\/[a-z0-9.+-]{1,64}$/.test(type);
  if (!isAccepted) throw new MediaFetchError("type", "it is neither an image, a PDF, plain text nor audio");
  return type;
}

/** @throws MediaFetchError when the bytes are nothing that is accepted */
export function typeOfBytes(bytes: Uint8Array, declared: string | undefined): string {
  const found = signatureType(bytes);
  if (found !== undefined) return found;
  if (declared?.startsWith("audio/")) return declared;
  if (declared === plainText && isText(bytes)) return declared;
  const what = declared === plainText ? "text in UTF-8" : (declared ?? "a file of a known type");
  throw new MediaFetchError("type", `it is not ${what}`);
}

interface Signature {
  readonly type: string;
  /** Latin-1. */
  readonly magic: string;
  readonly at?: number;
}

/** Sources: https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern and the sections after it */
const signatures: ReadonlyArray<readonly Signature[]> = [
  [{ type: "image/png", magic: "\x89PNG\r\n\x1a\n" }],
  [{ type: "image/jpeg", magic: "\xff\xd8\xff" }],
  [{ type: "image/gif", magic: "GIF87a" }],
  [{ type: "image/gif", magic: "GIF89a" }],
  [
    { type: "image/webp", magic: "RIFF" },
    { type: "image/webp", magic: "WEBPVP", at: 8 },
  ],
  [{ type: pdf, magic: "%PDF-" }],
  [
    { type: "audio/wav", magic: "RIFF" },
    { type: "audio/wav", magic: "WAVE", at: 8 },
  ],
  [{ type: "audio/mpeg", magic: "ID3" }],
  [{ type: "audio/flac", magic: "fLaC" }],
];

function signatureType(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  const found = signatures.find((all) => all.every(({ magic, at = 0 }) => head.startsWith(magic, at)));
  return found?.[0]?.type;
}

function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
