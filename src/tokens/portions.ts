/** A usage taken apart into kinds that do not overlap, so that every token is paid for exactly once. */
import type { Usage } from "../conversation/usage.ts";
import type { Rates } from "./rates.ts";

/** Whole tokens by kind; together they are the usage's `input` plus `output`. */
export type Portions = Readonly<Record<keyof Rates, number>>;

/** Counts come from providers: what is not a whole number of tokens in range is brought into range. */
function count(tokens: number, limit: number): number {
  return tokens > 0 ? Math.min(Math.floor(tokens), limit) : 0;
}

/**
 * Splits a usage. Parts that claim more than their whole are cut to it.
 *
 * Providers do not say how many of the cached tokens are audio or images, so as few as possible are taken to be: that
 * reading is the dearer one, and right for a call that caches its system prompt and sends fresh audio.
 */
export function portionsOf(usage: Usage): Portions {
  const input = count(usage.input, Number.MAX_SAFE_INTEGER);
  const read = count(usage.cacheRead, input);
  const written = count(usage.cacheWrite, input - read);
  const writtenHour = count(usage.cacheWriteHour, written);
  const fresh = input - read - written;
  const audio = count(usage.audioInput, input);
  const audioFresh = Math.min(audio, fresh);
  const audioRead = Math.min(audio - audioFresh, read);
  const image = count(usage.imageInput ?? 0, input - audioFresh - audioRead);
  const imageFresh = Math.min(image, fresh - audioFresh);
  const imageRead = Math.min(image - imageFresh, read - audioRead);

  const output = count(usage.output, Number.MAX_SAFE_INTEGER);
  const audioOutput = count(usage.audioOutput, output);
  const imageOutput = count(usage.imageOutput ?? 0, output - audioOutput);
  const reasoning = count(usage.reasoning, output - audioOutput - imageOutput);

  return {
    input: fresh - audioFresh - imageFresh,
    cacheRead: read - audioRead - imageRead,
    cacheWrite: written - writtenHour,
    cacheWriteHour: writtenHour,
    audioInput: audioFresh,
    audioCacheRead: audioRead,
    imageInput: imageFresh,
    imageCacheRead: imageRead,
    output: output - audioOutput - imageOutput - reasoning,
    reasoning,
    audioOutput,
    imageOutput,
  };
}
