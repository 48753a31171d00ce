/** What the threads and their pool say to each other. Errors lose their class on the way, so it is spelled out. */
import { InvalidRequestError, ProviderAnswerError, type ProviderError } from "../conversation/error.ts";
import type { ObjectSpans } from "../json/scan.ts";
import { type SurveyJob, type Translated, type TranslationJob, UnreadableAnswerError } from "./job.ts";

/** What a thread can be told to do. */
export type Job = TranslationJob | SurveyJob;
/** What comes of it. */
export type Outcome = Translated | ObjectSpans;

export interface ToThread {
  readonly number: number;
  readonly job: Job;
}

export type FromThread =
  | { readonly number: number; readonly outcome: Outcome }
  | { readonly number: number; readonly failure: Failure };

export type Failure =
  | {
      readonly kind: "invalid";
      readonly path: string;
      readonly message: string;
      readonly status: 400 | 422;
      readonly code: string | undefined;
    }
  | { readonly kind: "unreadable"; readonly message: string }
  | { readonly kind: "provider"; readonly error: ProviderError }
  | { readonly kind: "defect"; readonly name: string; readonly message: string; readonly stack: string };

export function failureOf(error: unknown): Failure {
  if (error instanceof InvalidRequestError) {
    const { path, message, status, code } = error;
    return { kind: "invalid", path, message, status, code };
  }
  if (error instanceof UnreadableAnswerError) return { kind: "unreadable", message: error.message };
  if (error instanceof ProviderAnswerError) return { kind: "provider", error: error.error };
  if (!(error instanceof Error)) return { kind: "defect", name: "Error", message: String(error), stack: "" };
  return { kind: "defect", name: error.name, message: error.message, stack: error.stack ?? "" };
}

export function errorOf(failure: Failure): Error {
  switch (failure.kind) {
    case "invalid":
      return new InvalidRequestError(failure.path, failure.message, failure.status, failure.code);
    case "unreadable":
      return new UnreadableAnswerError(failure.message);
    case "provider":
      return new ProviderAnswerError(failure.error);
    case "defect": {
      const error = new Error(failure.message);
      error.name = failure.name;
      error.stack = failure.stack;
      return error;
    }
    default:
      return failure satisfies never;
  }
}
