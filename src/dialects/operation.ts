/**
 * What is asked of a model. Both sides of an exchange do the same one, in whatever dialects: an answer to a question
 * for a conversation is no answer to one for embeddings.
 */
import type { StreamEvent } from "../conversation/events.ts";
import type { FetchedFiles, UntakenFile, UrlObjection } from "../conversation/files.ts";
import type { Losses } from "../conversation/losses.ts";
import type { Modality } from "../conversation/modalities.ts";
import type { OperationName } from "../conversation/operation-names.ts";
import type { Usage } from "../conversation/usage.ts";

/**
 * @template Asked the request in its neutral form
 * @template Answered the answer in it
 */
export interface Operation<Asked = unknown, Answered extends Told = Told> {
  readonly name: OperationName;
  /** In a sentence about a target that does not do it: `embeddings`. */
  readonly title: string;
  /**
   * The request without what the model does not take; the very same object when it takes everything. Absent: models
   * do not differ in it.
   *
   * @throws InvalidRequestError when nothing is left to ask
   */
  accepted?(request: Asked, accepts: readonly Modality[], losses: Losses): Asked;
  /**
   * The request as it may go to another dialect's provider. Absent: as it is.
   *
   * @throws InvalidRequestError when it rests on what its own provider keeps
   */
  portable?(request: Asked): Asked;
  /** Absent: requests name no files by URL. */
  readonly files?: NamedFiles<Asked>;
  /** A whole answer as the events of a stream. Absent: its answers do not stream, or only pass. */
  events?(answer: Answered): StreamEvent[];
  /**
   * What of the request the model reads, from which its tokens are estimated when a provider does not count them.
   * Absent: every provider does.
   */
  texts?(request: Asked): readonly string[];
  /** What comes back is not made of tokens: the request alone is paid for. */
  readonly unbilledAnswer?: true;
  /**
   * False: the size of a request or an answer says nothing of what is paid for (sound, pictures, what is free), so what
   * was not counted by the provider is not known, and not estimated.
   */
  readonly isEstimable?: boolean;
}

/** Files that requests name by URL; see `conversation/files.ts`. */
export interface NamedFiles<Asked = unknown> {
  untaken(request: Asked, objectionTo: UrlObjection): UntakenFile[];
  /** @throws InvalidRequestError when what was fetched is not what the request says */
  filled(request: Asked, objectionTo: UrlObjection, fetched: FetchedFiles): Asked;
}

/** What every answer tells of itself, whatever was asked. */
export interface Told {
  /** Undefined when the provider did not count. */
  readonly usage: Usage | undefined;
  /** The model that the provider says it used; empty when it does not say. */
  readonly model: string;
}

/**
 * For operations whose requests go only to targets of the client's own dialect: nothing about them is translated, and
 * nothing about their tokens is known but what the provider says.
 */
export function passed(name: OperationName, title: string): Operation {
  return Object.freeze({ name, title, isEstimable: false });
}
