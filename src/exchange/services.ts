/** What the exchange needs from outside; the composition root provides it. */
import type { Seal } from "../dialects/seal.ts";
import type { KeyDirectory } from "../keys/known-keys.ts";
import type { MediaFetcher } from "../media/fetcher.ts";
import type { Policy } from "../policy/policy.ts";
import type { Rule } from "../rules/rule.ts";
import type { Recorder } from "../telemetry/record.ts";
import type { LearnedOutput } from "../tokens/learned-output.ts";
import type { Pricing } from "../tokens/pricing.ts";
import type { Translator } from "../translation/threads.ts";
import type { InFlight } from "./inflight.ts";
import type { OwnAnswers } from "./own-answer.ts";

/** Something went wrong that a person should hear of. Neither text may hold prompts, keys or header values. */
export interface Notices {
  /** The operator's mistake: an unreadable policy, wiring that does not fit. */
  misconfigured(route: string, problem: string): void;
  /** Ours: an exception that should not have been. */
  defect(where: string, error: unknown): void;
}

export interface Services {
  /** The compiled policy of a route. Throws PolicyError. */
  readonly policies: { get(routeText: string | undefined, virtualHostText: string | undefined): Policy };
  readonly keys: KeyDirectory;
  readonly rules: readonly Rule[];
  /** What we can do for targets that cannot. */
  readonly ownAnswers: OwnAnswers;
  readonly inFlight: InFlight;
  readonly pricing: Pricing;
  /** What models usually write, by the name that a target was asked for. */
  readonly learnedOutput: LearnedOutput;
  readonly recorder: Recorder;
  readonly notices: Notices;
  /** Under the key that the translator's threads have as well. */
  readonly seal: Seal;
  /** Fetches files where a policy allows it. */
  readonly media: Pick<MediaFetcher, "filesFor">;
  /** For bodies that are too large to be translated on the event loop. */
  readonly translator: Translator;
  /** Largest request or whole answer, in bytes. */
  readonly maxBodyBytes: number;
  /** `host:port` by which Envoy reaches this very worker; undefined when there is only one. */
  readonly workerAddress: string | undefined;
  /** Milliseconds, monotonic. */
  readonly monotonicMs: () => number;
  /** Unix seconds. */
  readonly unixSeconds: () => number;
  /** 24 random characters of `[a-zA-Z0-9]`. */
  readonly newId: () => string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}
