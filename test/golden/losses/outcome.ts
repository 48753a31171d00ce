/** What became of one probe in one translation. */
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import { type Loss, Losses } from "../../../src/conversation/losses.ts";
import {
  type ClientDialect,
  type EncodeContext,
  noQuirks,
  type TargetDialect,
} from "../../../src/dialects/dialect.ts";
import { parseDocument } from "../../../src/json/document.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { translateRequest } from "../../../src/translation/translate.ts";
import { clientCall, seal } from "../../sealing.ts";
import { models } from "./catalogue.ts";

export type Outcome =
  | { readonly kind: "carried"; readonly body: string }
  /** Left out without a word. */
  | { readonly kind: "untold" }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "lossy"; readonly losses: readonly Loss[] };

/** As at run time, passthrough included. */
export function requestOutcome(
  client: ClientDialect,
  target: TargetDialect,
  request: JsonObject,
  path: string,
): Outcome {
  const document = parseDocument(Buffer.from(JSON.stringify(request)));
  const decoded = () => client.decodeRequest(document.value, clientCall(path));
  const encode = { model: models[target.name], quirks: noQuirks };
  try {
    const { body, losses } = translateRequest(client, target, document, decoded, encode);
    return outcomeOf(losses, Buffer.from(body).toString());
  } catch (error) {
    if (error instanceof InvalidRequestError) return { kind: "refused", why: error.message };
    throw error;
  }
}

const context: EncodeContext = {
  model: "asked",
  includeUsage: true,
  now: 1_760_000_000,
  newId: () => "000000000000000000000000",
  seal,
};

export function answerOutcome(target: TargetDialect, client: ClientDialect, answer: JsonObject): Outcome {
  if (client.name === target.name) return { kind: "carried", body: JSON.stringify(answer) };
  const losses = new Losses();
  const encoded = client.encodeAnswer(target.decodeAnswer(answer), context, losses);
  return outcomeOf(losses.entries, JSON.stringify(encoded));
}

function outcomeOf(losses: readonly Loss[], body: string): Outcome {
  return losses.length === 0 ? { kind: "carried", body } : { kind: "lossy", losses };
}
