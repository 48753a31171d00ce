/** The translation of one body as plain data, so that it can be done on this thread or on another. */
import type { UntakenFile } from "../conversation/files.ts";
import type { Loss } from "../conversation/losses.ts";
import type { AnyDialectName } from "../conversation/parts.ts";
import type { Usage } from "../conversation/usage.ts";
import type { AnswerHead, EncodeContext, EncodeTarget } from "../dialects/dialect.ts";

/** A client's request for one target. */
export interface RequestJob {
  readonly kind: "request";
  /** Of the client's call. */
  readonly path: string;
  readonly client: AnyDialectName;
  readonly target: AnyDialectName;
  readonly body: Uint8Array;
  readonly encode: EncodeTarget;
}

/** A target's whole answer for the client. */
export interface AnswerJob {
  readonly kind: "answer";
  readonly target: AnyDialectName;
  readonly client: AnyDialectName;
  readonly body: Uint8Array;
  readonly encode: Omit<EncodeContext, "newId" | "seal">;
  readonly form: AnswerForm;
}

/** How an answer came, and how it shall be written. */
export interface AnswerForm extends AnswerHead {
  /** The client waits for events. */
  readonly stream: boolean;
}

export type TranslationJob = RequestJob | AnswerJob;

/** A body whose members are to be found, so that it becomes a document (`surveyedDocument`). */
export interface SurveyJob {
  readonly kind: "survey";
  readonly body: Uint8Array;
}

/** What came of it. */
export interface Translated {
  readonly body: Uint8Array;
  readonly losses: readonly Loss[];
  /** Requests only: the files that must be fetched first. There is no body then. */
  readonly wanted?: readonly UntakenFile[];
  /** Requests only, of operations that are not always counted: their tokens, estimated. */
  readonly inputTokens?: number;
  /** Answers only: what they told of themselves. */
  readonly told?: { readonly usage: Usage; readonly model: string };
}

/** The answer's bytes are not an answer of the dialect they should be in. */
export class UnreadableAnswerError extends Error {
  constructor(what: string) {
    super(`an answer is ${what}`);
    this.name = "UnreadableAnswerError";
  }
}

/** A translation could not be done for want of time, memory or room. Not the client's fault, nor a defect. */
export class TranslationUnavailableError extends Error {
  constructor(why: string) {
    super(why);
    this.name = "TranslationUnavailableError";
  }
}
