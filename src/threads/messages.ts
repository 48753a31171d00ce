/** What a pool and its threads say to each other. Errors lose their class on the way, so they are spelled out. */
import { InvalidRequestError } from "../conversation/error.ts";

export interface ToThread<Job> {
  readonly number: number;
  readonly job: Job;
}

export type FromThread<Outcome, Failure> =
  | { readonly number: number; readonly outcome: Outcome }
  | { readonly number: number; readonly failure: Failure };

/** What any work may fail with: a request that is wrong, or a defect of ours. */
export type Failure =
  | {
      readonly kind: "invalid";
      readonly path: string;
      readonly message: string;
      readonly status: 400 | 422;
      readonly code: string | undefined;
    }
  | { readonly kind: "defect"; readonly name: string; readonly message: string; readonly stack: string };

export function failureOf(error: unknown): Failure {
  if (error instanceof InvalidRequestError) {
    const { path, message, status, code } = error;
    return { kind: "invalid", path, message, status, code };
  }
  if (!(error instanceof Error)) return { kind: "defect", name: "Error", message: String(error), stack: "" };
  return { kind: "defect", name: error.name, message: error.message, stack: error.stack ?? "" };
}

export function errorOf(failure: Failure): Error {
  switch (failure.kind) {
    case "invalid":
      return new InvalidRequestError(failure.path, failure.message, failure.status, failure.code);
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
