/**
 * Width and height of an image, from the head of its file; nothing is decoded. Sources: PNG specification 11.2.2,
 * GIF89a 18, JPEG (ITU-T T.81) B.2.2, WebP container specification (RFC 9649) 2.5 to 2.7.
 */

export interface ImageSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** A JPEG's size stands behind its metadata: colour profiles and previews of some hundred kilobytes. */
const longestHead = 1024 * 1024;
/** Of the other formats, the first thirty bytes say it. */
const shortHead = 64;

/** Undefined when the format is another, or the head is broken. @param base64 of the whole file */
export function imageSize(base64: string): ImageSize | undefined {
  const head = decoded(base64, shortHead);
  const size = isJpeg(head)
    ? jpegSize(decoded(base64, longestHead))
    : (pngSize(head) ?? gifSize(head) ?? webpSize(head));
  return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined;
}

function decoded(base64: string, bytes: number): Buffer {
  return Buffer.from(base64.slice(0, Math.ceil(bytes / 3) * 4), "base64");
}

function pngSize(head: Buffer): ImageSize | undefined {
  if (head.length < 24 || head.toString("latin1", 1, 4) !== "PNG") return undefined;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

function gifSize(head: Buffer): ImageSize | undefined {
  if (head.length < 10 || head.toString("latin1", 0, 4) !== "GIF8") return undefined;
  return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
}

function webpSize(head: Buffer): ImageSize | undefined {
  if (head.length < 30 || head.toString("latin1", 8, 12) !== "WEBP") return undefined;
  switch (head.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      // Fourteen bits each, less one.
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

const isJpeg = (head: Buffer): boolean => head[0] === 0xff && head[1] === 0xd8;

/** From one segment to the next, until the one that begins a frame. */
function jpegSize(head: Buffer): ImageSize | undefined {
  let at = 2;
  while (at + 9 <= head.length) {
    if (head[at] !== 0xff) return undefined;
    const marker = head[at + 1] ?? 0;
    if (marker === 0xff) {
      at++; // fill byte
    } else if (beginsFrame(marker)) {
      return { width: head.readUInt16BE(at + 7), height: head.readUInt16BE(at + 5) };
    } else {
      at += 2 + Math.max(2, head.readUInt16BE(at + 2));
    }
  }
  return undefined;
}

/** SOF0 to SOF15, among which are the tables DHT, JPG and DAC. */
function beginsFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
