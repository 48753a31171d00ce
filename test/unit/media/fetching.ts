/** Fetchers of tests: loopback passes for public unless said otherwise, and names lead to it. */
import type { UntakenFile } from "../../../src/conversation/files.ts";
import { type FetcherOptions, MediaFetcher } from "../../../src/media/fetcher.ts";
import type { Network } from "../../../src/media/network.ts";
import type { FetchLimits, RequestFiles } from "../../../src/media/request-files.ts";

export const limits: FetchLimits = {
  allows: () => true,
  allowPrivate: false,
  maxBytes: 1_000_000,
  maxFiles: 16,
  timeoutMs: 5_000,
};

export interface Outcome {
  readonly outcome: string;
  readonly bytes: number;
}

/** A fetcher, and what it told its observer. */
export function fetcher(
  network: Partial<Network>,
  options: FetcherOptions = {},
): { readonly media: MediaFetcher; readonly outcomes: Outcome[] } {
  const outcomes: Outcome[] = [];
  const media = new MediaFetcher({
    network: {
      resolve: async () => [{ address: "127.0.0.1", family: 4 }],
      reachOf: () => "public",
      ...network,
    },
    observe: (outcome, bytes) => outcomes.push({ outcome, bytes }),
    ...options,
  });
  return { media, outcomes };
}

export function wanted(...urls: readonly string[]): UntakenFile[] {
  return urls.map((url, index) => ({
    url,
    at: `messages[0].content[${index}]`,
    kind: "image",
    objection: "",
  }));
}

/** `type: bytes` of a file, or the message of why it cannot be had. */
export async function fetched(files: RequestFiles, url: string): Promise<string> {
  try {
    await files.fetch(wanted(url));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const file = files.fetched.byUrl.get(url);
  return file === undefined ? "nothing" : `${file.mediaType}: ${Buffer.from(file.bytes).toString("latin1")}`;
}
