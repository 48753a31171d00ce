/** The counting of one thing as plain data, so that a thread can do it. */
import { randomBytes } from "node:crypto";
import type { AnyDialectName } from "../../conversation/parts.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { conversationClients, countingClients } from "../../dialects/registry.ts";
import { Seal, sealKeyLength } from "../../dialects/seal.ts";
import { parseDocument } from "../../json/document.ts";
import { type CountedRequest, countConversation } from "./conversation.ts";
import { encodingOf } from "./model-encoding.ts";
import { Tally, type TokenizerOf } from "./tally.ts";
import type { TokenCount } from "./token-count.ts";

/** A client's request as it came: for an answer, or for its tokens. */
export interface ClientBody {
  readonly dialect: AnyDialectName;
  /** Of the client's call, as `ClientDialect.decodeRequest` wants it. */
  readonly path: string;
  readonly body: Uint8Array;
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
    case "body":
      return countConversation(conversationIn(job), job.model, tokenizerOf);
    default:
      return job satisfies never;
  }
}

/** Counts are the same whether reasoning of other providers is proved to them or not, so any key will do. */
const seal = new Seal(randomBytes(sealKeyLength));

const clients = new Map(
  [...conversationClients, ...countingClients].map((dialect) => [dialect.name as AnyDialectName, dialect]),
);

function conversationIn({ dialect, body, path }: ClientBody): ConversationRequest {
  const client = clients.get(dialect);
  if (client === undefined) throw new Error(`${dialect} is no format of conversations`);
  return client.decodeRequest(parseDocument(body).value, { path, seal });
}
