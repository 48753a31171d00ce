/** What the threads can be told to do, what comes of it, and the failure that only translations have. */
import type { ObjectSpans } from "../json/scan.ts";
import * as threads from "../threads/messages.ts";
import { type SurveyJob, type Translated, type TranslationJob, UnreadableAnswerError } from "./job.ts";

export type Job = TranslationJob | SurveyJob;
export type Outcome = Translated | ObjectSpans;
export type Failure = threads.Failure | { readonly kind: "unreadable"; readonly message: string };

export function failureOf(error: unknown): Failure {
  if (error instanceof UnreadableAnswerError) return { kind: "unreadable", message: error.message };
  return threads.failureOf(error);
}

export function errorOf(failure: Failure): Error {
  return failure.kind === "unreadable"
    ? new UnreadableAnswerError(failure.message)
    : threads.errorOf(failure);
}
