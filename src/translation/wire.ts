/** What the threads can be told to do, what comes of it, and the failures that only translations have. */
import { ProviderAnswerError, type ProviderError } from "../conversation/error.ts";
import type { ObjectSpans } from "../json/scan.ts";
import * as threads from "../threads/messages.ts";
import { type SurveyJob, type Translated, type TranslationJob, UnreadableAnswerError } from "./job.ts";

export type Job = TranslationJob | SurveyJob;
export type Outcome = Translated | ObjectSpans;

/** What a thread is started with. */
export interface ThreadData {
  /** Of the seals over reasoning. */
  readonly reasoningKey: Uint8Array;
}

export type Failure =
  | threads.Failure
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "provider"; readonly error: ProviderError };

export function failureOf(error: unknown): Failure {
  if (error instanceof UnreadableAnswerError) return { kind: "unreadable", message: error.message };
  if (error instanceof ProviderAnswerError) return { kind: "provider", error: error.error };
  return threads.failureOf(error);
}

export function errorOf(failure: Failure): Error {
  switch (failure.kind) {
    case "unreadable":
      return new UnreadableAnswerError(failure.message);
    case "provider":
      return new ProviderAnswerError(failure.error);
    default:
      return threads.errorOf(failure);
  }
}
