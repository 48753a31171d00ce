/** What dialects have in common whose answers are always whole. */
import type { Passthrough } from "./dialect.ts";

function refuse(): never {
  throw new Error("answers of this kind do not stream");
}

/** Of the dialect itself. */
export const neverStreams = { streams: false, streamDecoder: refuse, streamEncoder: refuse } as const;

/** Of its `Passthrough`. */
export const neverPassesStreams = { streams: () => false, stream: refuse } satisfies Partial<Passthrough>;
