/**
 * A push decoder for AWS event streams: bytes in, whole frames out, whatever the cuts.
 *
 * A frame is a prelude (its length, the length of its headers, a CRC of both), headers, payload and a CRC of it
 * all. The prelude's CRC is checked as soon as its twelve bytes are there: with a wrong length the decoder would
 * wait for bytes that never come.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html (the encoding is the same)
 */
import { Crc32 } from "@smithy/core/checksum";
import { EventStreamCodec } from "@smithy/core/event-streams";

/** One frame of the stream. */
export interface Frame {
  /** A header with a text value: `:message-type`, `:event-type`, `:exception-type`, … */
  header(name: string): string | undefined;
  /** The payload as text; JSON with Bedrock. */
  readonly payload: string;
}

/** The bytes are no event stream, or a frame is larger than the limit. */
export class FrameError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FrameError";
  }
}

const preludeBytes = 12;
/** Prelude and the CRC at the end. */
const smallestFrameBytes = preludeBytes + 4;
/** Room that a buffer for the beginning of a frame has at least. */
const minimumRoom = 1024;
/** Room that is kept for the next frame, at most. */
const keptRoom = 64 * 1024;

const text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
const codec = new EventStreamCodec(text, (value) => Buffer.from(value));

/** Feed it chunks in order. */
export class FrameDecoder {
  readonly #limitBytes: number;
  /** The beginning of a frame: its first `#heldBytes` bytes. */
  #held: Uint8Array = new Uint8Array(0);
  #heldBytes = 0;
  /** Length of the frame that is held, once its prelude is there. */
  #frameBytes: number | undefined;

  /** @param limitBytes the largest frame allowed, 16 MiB unless told otherwise */
  constructor(limitBytes = 16 * 1024 * 1024) {
    this.#limitBytes = limitBytes;
  }

  /** True between two frames, where a stream may end. */
  get isAtBoundary(): boolean {
    return this.#heldBytes === 0;
  }

  /**
   * @param take receives each frame as it becomes whole: those before a broken one count
   * @throws FrameError
   */
  push(chunk: Uint8Array, take: (frame: Frame) => void): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#heldBytes > 0) rest = this.#continue(rest, take);
      else {
        const length = rest.length < preludeBytes ? undefined : this.#frameLength(rest);
        if (length === undefined || rest.length < length) {
          this.#frameBytes = length;
          this.#hold(rest);
          return;
        }
        take(decoded(rest.subarray(0, length)));
        rest = rest.subarray(length);
      }
    }
  }

  /** Completes the frame that is held, as far as the bytes reach. @returns what is left of them */
  #continue(bytes: Uint8Array, take: (frame: Frame) => void): Uint8Array {
    const wanted = (this.#frameBytes ?? preludeBytes) - this.#heldBytes;
    this.#hold(bytes.subarray(0, wanted));
    const frame = this.#held.subarray(0, this.#heldBytes);
    if (bytes.length >= wanted) {
      if (this.#frameBytes === undefined) this.#frameBytes = this.#frameLength(frame);
      else {
        const whole = decoded(frame);
        // Nothing of a decoded frame is a view of its bytes, so the room is used again unless it is large.
        if (this.#held.length > keptRoom) this.#held = new Uint8Array(0);
        this.#heldBytes = 0;
        this.#frameBytes = undefined;
        take(whole);
      }
    }
    return bytes.subarray(wanted);
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#heldBytes + bytes.length;
    if (needed > this.#held.length) {
      // Doubling keeps the copying linear, and a frame that only claims to be large takes no memory.
      const grown = new Uint8Array(Math.max(minimumRoom, 2 * needed));
      grown.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = grown;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = needed;
  }

  /** @param bytes the beginning of a frame, its prelude at least */
  #frameLength(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, preludeBytes);
    const crc = new Crc32();
    crc.update(bytes.subarray(0, 8));
    if (crc.digestSync() !== view.getUint32(8)) throw new FrameError("a prelude's checksum is wrong");
    const length = view.getUint32(0);
    if (length < smallestFrameBytes + view.getUint32(4)) throw new FrameError("a frame's lengths contradict");
    if (length > this.#limitBytes)
      throw new FrameError(`a frame of the stream is larger than ${this.#limitBytes} bytes`);
    return length;
  }
}

function decoded(bytes: Uint8Array): Frame {
  let message: ReturnType<typeof codec.decode>;
  try {
    message = codec.decode(bytes);
  } catch {
    throw new FrameError("a frame's checksum or headers are wrong");
  }
  const { headers, body } = message;
  return {
    header: (name) => {
      const value = headers[name]?.value;
      return typeof value === "string" ? value : undefined;
    },
    payload: text(body),
  };
}
