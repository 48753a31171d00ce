/** The client's request as one target wants it: body, path and headers. */
import { InvalidRequestError } from "../conversation/error.ts";
import { Losses } from "../conversation/losses.ts";
import type { AnyTargetDialect, EncodeTarget } from "../dialects/dialect.ts";
import { targetDialectNamed, withoutQuery } from "../dialects/registry.ts";
import type { HeaderList } from "../extproc/headers.ts";
import type { HeaderMutation } from "../extproc/messages.ts";
import type { Identity } from "../identity/identity.ts";
import { LargeValueError } from "../json/document.ts";
import type { Target } from "../policy/policy.ts";
import { isCredentialHeader } from "../providers/credentials.ts";
import { endpointFor, pathOf } from "../providers/endpoint.ts";
import { withHeaderQuirks } from "../providers/headers.ts";
import type { Endpoint, Provider } from "../providers/provider.ts";
import { providerNamed } from "../providers/registry.ts";
import type { Translated } from "../translation/job.ts";
import { largestBodyHere } from "../translation/threads.ts";
import { translateRequest } from "../translation/translate.ts";
import type { Admission, Attempt, Exchange } from "./exchange.ts";
import { filesOf, withItsFiles } from "./fetched.ts";
import type { Services } from "./services.ts";

export interface OutboundRequest {
  readonly attempt: Attempt;
  readonly body: Uint8Array;
  readonly path: string;
  /** Sets what the provider wants, removes every credential and every header that is not the provider's to see. */
  readonly headers: HeaderMutation;
}

/**
 * Encodes the client's own request for attempt number n; every attempt starts from there, never from what
 * another target was sent. A promise when the body is too large for the event loop, or files must be fetched first.
 *
 * @param present the request's headers as this attempt finds them: on a retry, with what earlier ones added
 * @throws InvalidRequestError when the target cannot take the request, would lose something under `strict`, or files
 *   that it takes as bytes only cannot be had
 */
export function encodeAttempt(
  services: Services,
  exchange: Exchange,
  admission: Admission,
  number: number,
  present: HeaderList,
): OutboundRequest | Promise<OutboundRequest> {
  const target = admission.schedule[Math.min(number, admission.schedule.length) - 1];
  if (target === undefined) throw new Error("an exchange without targets");
  const provider = providerNamed(target.settings.provider);
  const { outline, modelRoute } = admission;
  const clientPath = withoutQuery(exchange.path);
  const model = target.model ?? outline.model;
  const endpoint =
    endpointFor(provider, exchange.client, { model, path: clientPath }) ??
    unserved(exchange, target, provider);
  const dialect = targetDialectNamed(endpoint.dialect);
  const encodeTarget: EncodeTarget = {
    model,
    quirks: mergeQuirks(endpoint.quirks, target.settings.quirks),
    ...(target.maxTokens !== undefined && { defaultMaxTokens: target.maxTokens }),
    ...(target.accepts !== undefined && { accepts: target.accepts }),
  };
  const isOwn = exchange.speaks(dialect);
  // The request is gone when the answer comes.
  if (!exchange.passes({ dialect, endpoint })) exchange.echo ??= exchange.client.echo?.(admission.document);
  const finish = ({ body, losses: entries, inputTokens }: Translated): OutboundRequest => {
    const losses = new Losses(entries);
    if (exchange.policy.strict) refuseLosses(losses, target.cluster);
    const addressing = {
      settings: target.settings,
      model,
      stream: outline.stream,
      ...(modelRoute.perTryTimeoutMs !== undefined && { tryTimeoutMs: modelRoute.perTryTimeoutMs }),
      clientHeader: (name: string) => exchange.headers.get(name),
      clientPath,
      sameDialect: isOwn,
    };
    const own = endpoint.headers(addressing);
    const { headers: quirks } = target.settings;
    const headers =
      quirks === undefined
        ? { set: own, remove: [] }
        : withHeaderQuirks(own, quirks, addressing.clientHeader);
    return {
      attempt: {
        ...{ number, target, provider, endpoint, dialect, model, losses },
        ...(inputTokens !== undefined && { inputTokens }),
      },
      body,
      path: pathOf(endpoint, addressing),
      headers: {
        set: [
          ["content-type", (isOwn && admission.document.contentType) || "application/json"],
          ["content-length", String(body.length)],
          ...headers.set,
        ],
        // Bodies shall arrive readable.
        remove: [
          "accept-encoding",
          ...withheldHeaders(exchange.policy.identity, present, provider.foreignHeaders),
          ...headers.remove,
        ],
      },
    };
  };
  const files = filesOf(services, exchange, admission);
  const translated = withItsFiles(exchange, files, () => {
    const encode = files === undefined ? encodeTarget : { ...encodeTarget, fetched: files.fetched };
    const isLarge = files !== undefined && files.heldBytes > largestBodyHere;
    return translatedBody(services, exchange, admission, dialect, encode, isLarge);
  });
  return translated instanceof Promise ? translated.then(finish) : finish(translated);
}

/** @throws InvalidRequestError, by which the next target is tried */
function unserved({ client, path }: Exchange, { cluster }: Target, { name, also = [] }: Provider): Endpoint {
  // Some serve a part of a format: images from text, and no variations of images.
  const isPartly = also.some(({ dialect }) => dialect === client.name);
  const where = isPartly ? ` at ${withoutQuery(path).slice(0, 200)}` : "";
  const message = `target ${cluster} (${name}) serves no ${client.operation.title}${where}`;
  throw new InvalidRequestError("model", message, 400, "operation_not_served");
}

/**
 * Here and now unless a value would have to be parsed that is too large for the event loop.
 *
 * @param isLarge it will be, whatever the size of what has to be parsed
 */
function translatedBody(
  services: Services,
  exchange: Exchange,
  { document }: Admission,
  target: AnyTargetDialect,
  encode: EncodeTarget,
  isLarge: boolean,
): Translated | Promise<Translated> {
  const { client } = exchange;
  try {
    const asked = () => exchange.decoded(document, services.seal);
    if (!isLarge) return translateRequest(client, target, document, asked, encode);
  } catch (error) {
    if (!(error instanceof LargeValueError)) throw error;
  }
  const job = {
    kind: "request",
    path: exchange.path,
    client: client.name,
    target: target.name,
    body: document.bytes,
    encode,
  } as const;
  return services.translator.translate(job, () => services.inFlight.has(exchange));
}

function mergeQuirks(
  own: EncodeTarget["quirks"],
  asked: EncodeTarget["quirks"] | undefined,
): EncodeTarget["quirks"] {
  if (asked === undefined) return own;
  return {
    ...own,
    unsupported: [...own.unsupported, ...asked.unsupported],
    renamed: { ...own.renamed, ...asked.renamed },
    ...(asked.fetchesNoUrls === true && { fetchesNoUrls: true }),
  };
}

function refuseLosses(losses: Losses, cluster: string): void {
  const loss = losses.entries[0];
  if (loss === undefined) return;
  throw new InvalidRequestError(
    loss.path,
    `target ${cluster} cannot take this request without loss: ${loss.why}`,
    422,
    "lossy_translation",
  );
}

/**
 * The names to remove before an attempt: the client's credentials and, on a retry, those that Envoy injected for
 * the target before (they are not undone between attempts); other dialects' protocol headers; and what tells who calls.
 */
export function withheldHeaders(
  identity: Identity,
  present: HeaderList,
  foreign: readonly string[],
): string[] {
  const names: string[] = [];
  for (const name of present.names()) {
    if (isCredentialHeader(name) || foreign.includes(name) || identity.isPrivate(name)) names.push(name);
  }
  return names;
}
