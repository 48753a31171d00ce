/** The counting of one thing as plain data, so that a thread can do it. */
import type { DialectName } from "../../conversation/parts.ts";
import { clientDialectNamed } from "../../dialects/registry.ts";
import { parseDocument } from "../../json/document.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { type CountedRequest, countConversation } from "./conversation.ts";
import { encodingOf } from "./model-encoding.ts";
import { Tally, type TokenizerOf } from "./tally.ts";
import type { TokenCount } from "./token-count.ts";

/** A client's request as it came. */
export interface ClientBody {
  readonly dialect: DialectName;
  /** Of the client's call, as `ClientDialect.decodeRequest` wants it. */
  readonly path: string;
  readonly body: Uint8Array;
  /** The member that holds the request, where there is one: `generateContentRequest` in Gemini's `:countTokens`. */
  readonly within?: string;
  /** Members that need not be there: whoever only counts leaves out Anthropic's `max_tokens`. */
  readonly defaults?: JsonObject;
}

export type CountJob =
  /** `length` of the whole text, of which this is the beginning. */
  | { readonly kind: "text"; readonly model: string; readonly text: string; readonly length: number }
  | { readonly kind: "request"; readonly model: string; readonly request: CountedRequest }
  | ({ readonly kind: "body"; readonly model: string } & ClientBody);

/** @throws InvalidRequestError when a body is not a request of its dialect */
export function countJob(job: CountJob, tokenizerOf: TokenizerOf): TokenCount {
  switch (job.kind) {
    case "text": {
      const tally = new Tally(encodingOf(job.model), tokenizerOf);
      tally.addText(job.text, job.length);
      return tally.total();
    }
    case "request":
      return countConversation(job.request, job.model, tokenizerOf);
    case "body": {
      const request = clientDialectNamed(job.dialect).decodeRequest(requestIn(job), job.path);
      return countConversation(request, job.model, tokenizerOf);
    }
    default:
      return job satisfies never;
  }
}

function requestIn({ body, within, defaults }: ClientBody): JsonObject {
  const whole = parseDocument(body).value;
  const held = within === undefined ? undefined : whole[within];
  return { ...defaults, ...(isObject(held) ? held : whole) };
}
