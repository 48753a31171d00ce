/** What a dialect of whole answers offers for streams: it writes none, and one that comes all the same is an error. */
import type { StreamEvent } from "../conversation/events.ts";
import type { Passthrough, StreamDecoder, StreamEncoder } from "./dialect.ts";

const unexpected: StreamEvent = {
  kind: "error",
  error: { kind: "bad-gateway", status: 502, message: "the target streams an answer that should be whole" },
};

/** For targets: the error comes before anything else, so that it can become the answer's status. */
export function unexpectedStream(): StreamDecoder {
  let isTold = false;
  const tell = (): StreamEvent[] => {
    if (isTold) return [];
    isTold = true;
    return [unexpected];
  };
  return { push: tell, end: tell };
}

/** For clients: nobody asked for a stream, so there is nothing to write. */
export function unwrittenStream(): StreamEncoder {
  return { push: () => "" };
}

/** For bytes that pass: whatever comes is collected and read as a whole. */
export const passesNoStream = {
  streams: () => false,
  stream: (): never => {
    throw new TypeError("answers of this kind do not stream");
  },
} satisfies Partial<Passthrough>;
