/** From the client's bytes to a decision: read the body, ask the rules, choose the targets. */
import { callerField } from "../identity/caller.ts";
import { type JsonDocument, parseDocument, surveyedDocument } from "../json/document.ts";
import { isForm, parseForm } from "../multipart/form.ts";
import type { Refusal, RuleContext } from "../rules/rule.ts";
import { largestBodyHere, largestSurveyHere } from "../translation/threads.ts";
import { chooseChain, scheduleAttempts } from "./chain.ts";
import type { Admission, Exchange } from "./exchange.ts";
import { refusal } from "./reply.ts";
import type { Services } from "./services.ts";
import type { Settlement } from "./settlement.ts";

/**
 * Admits the request or says why not. Synchronous unless the body is large or a rule has to wait.
 *
 * @throws InvalidRequestError when the body is not a request of the client's dialect
 */
export function admit(
  services: Services,
  exchange: Exchange,
  settlement: Settlement,
  body: Uint8Array,
): Admission | Refusal | Promise<Admission | Refusal> {
  const contentType = exchange.headers.get("content-type");
  if (isForm(contentType)) {
    if (exchange.client.forms !== true) return formsRefused();
    return admitDocument(services, exchange, settlement, parseForm(body, contentType));
  }
  if (body.length <= largestSurveyHere) {
    return admitDocument(services, exchange, settlement, parseDocument(body, largestBodyHere));
  }
  const wanted = () => services.inFlight.has(exchange);
  return services.translator
    .survey(body, wanted)
    .then((spans) => surveyedDocument(body, spans, largestBodyHere))
    .then((document) => admitDocument(services, exchange, settlement, document));
}

function formsRefused(): Refusal {
  return refusal("invalid-request", "form_not_supported", "this call takes JSON, not multipart/form-data");
}

function admitDocument(
  services: Services,
  exchange: Exchange,
  settlement: Settlement,
  document: JsonDocument,
): Admission | Refusal | Promise<Admission | Refusal> {
  const outline = exchange.client.outline(document, exchange.path);
  // What is in a form is files, whose size says nothing of tokens.
  exchange.asked(outline, document.contentType === undefined ? document.bytes.length : 0);
  const modelRoute = exchange.policy.model(outline.model);
  if (modelRoute === undefined) {
    const message = `the model ${JSON.stringify(outline.model.slice(0, 200))} is not served here`;
    return refusal("not-found", "model_not_found", message, { code: "model_not_found", param: "model" });
  }
  const chain = chooseChain(modelRoute, (field) => callerField(exchange.caller, field), services.random);
  const schedule = scheduleAttempts(chain, modelRoute.attempts);
  const admission: Admission = { document, outline, modelRoute, chain, schedule };
  exchange.admission = admission;
  if (services.rules.length === 0) return admission;
  return askRules(services, exchange, settlement, admission);
}

async function askRules(
  services: Services,
  exchange: Exchange,
  settlement: Settlement,
  admission: Admission,
): Promise<Admission | Refusal> {
  const context: RuleContext = {
    id: exchange.id,
    route: exchange.route,
    policy: exchange.policy,
    caller: exchange.caller,
    outline: admission.outline,
    operation: exchange.client.operation.name,
    header: (name) => exchange.headers.get(name),
    request: () => exchange.decoded(admission.document, services.seal),
  };
  for (const rule of services.rules) {
    const hooks = rule.open(context);
    if (hooks === null) continue;
    // Registered before the rule is asked: whoever reserved something must hear how it ended.
    if (hooks.settle !== undefined) settlement.onSettled((record) => hooks.settle?.(record));
    const refused = await hooks.request?.();
    if (refused !== undefined) return refused;
  }
  return admission;
}
