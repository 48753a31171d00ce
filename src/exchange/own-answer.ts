/**
 * Answers of our own: what Tollgate can do by itself when the target that would be asked has no endpoint for it. The
 * client gets them in its dialect, marked as an estimate of ours, and no provider is called.
 */

import { Losses } from "../conversation/losses.ts";
import type { OperationName } from "../conversation/operation-names.ts";
import type { AnyClientDialect } from "../dialects/dialect.ts";
import type { Told } from "../dialects/operation.ts";
import { withoutQuery } from "../dialects/registry.ts";
import type { ImmediateResponse } from "../extproc/messages.ts";
import type { JsonDocument } from "../json/document.ts";
import { endpointFor } from "../providers/endpoint.ts";
import { providerNamed } from "../providers/registry.ts";
import { encodeContext } from "./answer/encode-context.ts";
import type { Admission, Exchange } from "./exchange.ts";
import type { Services } from "./services.ts";
import { accessLogFields, nothingBilled } from "./settlement.ts";

/** What is asked, for whoever answers. */
export interface Question {
  readonly client: AnyClientDialect;
  /** Of the client's call. */
  readonly path: string;
  readonly document: JsonDocument;
  /** The model that the target would be asked for. */
  readonly model: string;
  /** False when nobody waits for the answer any more. */
  wanted(): boolean;
}

/** Does one operation. The answer is in the operation's neutral form. */
export type OwnAnswer = (question: Question) => Promise<Told>;

export type OwnAnswers = ReadonlyMap<OperationName, OwnAnswer>;

/**
 * Undefined when the first target serves what is asked, or when we cannot do it either: then the exchange goes on.
 *
 * @throws InvalidRequestError, and by the promise what the answer's maker throws
 */
export function ownAnswer(
  services: Services,
  exchange: Exchange,
  { chain, document, outline }: Admission,
): Promise<ImmediateResponse> | undefined {
  const { client } = exchange;
  const answer = services.ownAnswers.get(client.operation.name);
  const [target] = chain;
  if (answer === undefined || target === undefined) return undefined;
  const model = target.model ?? outline.model;
  const provider = providerNamed(target.settings.provider);
  const path = withoutQuery(exchange.path);
  if (endpointFor(provider, client, { model, path }) !== undefined) return undefined;
  const question: Question = {
    client,
    path: exchange.path,
    document,
    model,
    wanted: () => services.inFlight.has(exchange),
  };
  return answer(question).then((told) => {
    const body = client.encodeAnswer(told, encodeContext({ services, exchange }), new Losses());
    const set = [
      ["content-type", "application/json"],
      ["x-tollgate-target", `${target.cluster}/${model}`],
      ["x-tollgate-estimated", "true"],
      ...exchange.remarks.headers,
    ] as const;
    const metadata = accessLogFields(exchange, nothingBilled);
    return {
      kind: "immediate",
      status: 200,
      headers: { set },
      body: Buffer.from(JSON.stringify(body)),
      details: `tollgate_${ownAnswerReason}`,
      dynamicMetadata: { tollgate: metadata },
    };
  });
}

export const ownAnswerReason = "answered_by_gateway";
