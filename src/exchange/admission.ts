/** From the client's bytes to a decision: read the body, ask the rules, choose the targets. */
import { type JsonDocument, parseDocument, surveyedDocument } from "../json/document.ts";
import { isForm, parseForm } from "../multipart/form.ts";
import { isRefusal, type Plan, type Refusal } from "../rules/rule.ts";
import { largestBodyHere, largestSurveyHere } from "../translation/threads.ts";
import { scheduleAttempts } from "./chain.ts";
import type { Admission, Exchange } from "./exchange.ts";
import { refusal } from "./reply.ts";
import { type Known, planFor, type RulesOfExchange } from "./rules.ts";
import type { Services } from "./services.ts";

/**
 * Admits the request or says why not. Synchronous unless the body is large or a rule has to wait.
 *
 * @throws InvalidRequestError when the body is not a request of the client's dialect
 */
export function admit(
  services: Services,
  exchange: Exchange,
  rules: RulesOfExchange,
  body: Uint8Array,
): Admission | Refusal | Promise<Admission | Refusal> {
  const contentType = exchange.headers.get("content-type");
  if (isForm(contentType)) {
    if (exchange.client.forms !== true) return formsRefused();
    return admitDocument(services, exchange, rules, parseForm(body, contentType));
  }
  const document = read(services, exchange, body);
  if (!(document instanceof Promise)) return admitDocument(services, exchange, rules, document);
  return document.then((found) => admitDocument(services, exchange, rules, found));
}

/** A promise when only to look where its members are would hold up the event loop. */
function read(
  services: Services,
  exchange: Exchange,
  body: Uint8Array,
): JsonDocument | Promise<JsonDocument> {
  if (body.length <= largestSurveyHere) return parseDocument(body, largestBodyHere);
  const wanted = () => services.inFlight.has(exchange);
  return services.translator
    .survey(body, wanted)
    .then((spans) => surveyedDocument(body, spans, largestBodyHere));
}

function formsRefused(): Refusal {
  return refusal("invalid-request", "form_not_supported", "this call takes JSON, not multipart/form-data");
}

function admitDocument(
  services: Services,
  exchange: Exchange,
  rules: RulesOfExchange,
  document: JsonDocument,
): Admission | Refusal | Promise<Admission | Refusal> {
  const outline = exchange.client.outline(document, exchange.path);
  // What is in a form is files, whose size says nothing of tokens.
  exchange.asked(outline, document.contentType === undefined ? document.bytes.length : 0);
  const plan = planFor(services, exchange, outline.model);
  if (plan === undefined) {
    const message = `the model ${JSON.stringify(outline.model.slice(0, 200))} is not served here`;
    return refusal("not-found", "model_not_found", message, { code: "model_not_found", param: "model" });
  }
  const known = { document, outline };
  if (!rules.readBodies) return admitted(exchange, document.bytes, known, plan);
  return askRules(services, exchange, rules, known, plan);
}

async function askRules(
  services: Services,
  exchange: Exchange,
  rules: RulesOfExchange,
  known: Known,
  plan: Plan,
): Promise<Admission | Refusal> {
  const { document } = known;
  const asked = await rules.request(known, plan);
  if (isRefusal(asked)) return asked;
  const { client } = exchange;
  const { bytes: received } = document;
  if (asked.maxOutputTokens === undefined || client.limitOutput === undefined) {
    return admitted(exchange, received, known, asked.plan);
  }
  const bytes = client.limitOutput(document, asked.maxOutputTokens);
  if (bytes === received) return admitted(exchange, received, known, asked.plan);
  const limited = await read(services, exchange, bytes);
  const outline = client.outline(limited, exchange.path);
  return admitted(exchange, received, { document: limited, outline }, asked.plan);
}

function admitted(
  exchange: Exchange,
  received: Uint8Array,
  { document, outline: asked }: Known,
  { model, modelRoute, chain }: Plan,
): Admission {
  const outline = { ...asked, model };
  const schedule = scheduleAttempts(chain, modelRoute.attempts);
  const admission: Admission = { document, received, outline, modelRoute, chain, schedule };
  exchange.admission = admission;
  // Rules may have lowered it: no answer will be longer, also of those that nobody waits for.
  exchange.maxOutputTokens = outline.maxOutputTokens;
  return admission;
}
