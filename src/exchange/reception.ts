/** What to do with a request, as far as its headers tell. */

import type { AnyClientDialect } from "../dialects/dialect.ts";
import { clientDialect, presumedDialect, withoutQuery } from "../dialects/registry.ts";
import type { HeaderList } from "../extproc/headers.ts";
import type { ImmediateResponse } from "../extproc/messages.ts";
import type { Opening } from "../extproc/session.ts";
import { headersWithKeys } from "../identity/virtual-key.ts";
import type { Policy } from "../policy/policy.ts";
import type { Refusal } from "../rules/rule.ts";
import { Exchange } from "./exchange.ts";
import { readGate } from "./gate.ts";
import { type Identified, identifyCaller } from "./identification.ts";
import { listModels } from "./models.ts";
import { refusal, replyTo } from "./reply.ts";
import type { Services } from "./services.ts";

export type Reception =
  /** Not ours: no policy on the route, or a path that no dialect knows. */
  | { readonly kind: "pass"; readonly withheld: readonly string[] }
  /** Answered at once. */
  | { readonly kind: "reply"; readonly reply: ImmediateResponse }
  | { readonly kind: "exchange"; readonly exchange: Exchange; readonly refused?: Refusal };

/** A request on a gated route. */
interface Arrival {
  readonly policy: Policy;
  readonly route: string;
  readonly headers: HeaderList;
  readonly endOfStream: boolean;
}

/** Synchronous unless the caller has to be looked up. */
export function receive(
  services: Services,
  opening: Opening,
  headers: HeaderList,
  endOfStream: boolean,
): Reception | Promise<Reception> {
  const gate = readGate(services, opening);
  if (gate.kind === "open") return { kind: "pass", withheld: forgedHeaders(headers) };
  const route = opening.metadata("x-tollgate-route") ?? "";
  if (gate.kind === "unreadable") {
    services.notices.misconfigured(route, gate.problem);
    const refused = refusal(
      "server",
      "policy_unreadable",
      "the gateway's policy for this route cannot be read",
    );
    return { kind: "reply", reply: replyTo(presumedClient(headers), refused, {}) };
  }
  const { policy } = gate;
  const arrival = { policy, route, headers, endOfStream };
  const identified = identifyCaller(services, route, policy.identity, opening, headers);
  if (!(identified instanceof Promise)) return receiveFrom(services, identified, arrival);
  return identified.then((known) => receiveFrom(services, known, arrival));
}

function receiveFrom(services: Services, { caller, refused }: Identified, arrival: Arrival): Reception {
  const { policy, route, headers, endOfStream } = arrival;
  const client = clientDialect(headers.get(":method") ?? "", headers.get(":path") ?? "");
  if (client === undefined) {
    if (refused !== undefined) return { kind: "reply", reply: replyTo(presumedClient(headers), refused, {}) };
    const keys = headersWithKeys((name) => headers.get(name));
    return listing(policy, headers) ?? { kind: "pass", withheld: [...forgedHeaders(headers), ...keys] };
  }
  const exchange = new Exchange({
    id: exchangeId(services, headers),
    route,
    policy,
    client,
    headers,
    caller,
  });
  const stopped = refused ?? refuseEarly(services, headers, endOfStream);
  return stopped === undefined
    ? { kind: "exchange", exchange }
    : { kind: "exchange", exchange, refused: stopped };
}

/** The dialect to answer in, whatever is asked for. */
function presumedClient(headers: HeaderList): AnyClientDialect {
  const path = headers.get(":path") ?? "";
  return (
    clientDialect(headers.get(":method") ?? "", path) ?? presumedDialect((name) => headers.get(name), path)
  );
}

const plainId = /^[\w.:-]{1,64}$/;

/** Ids of ours, so that nobody outside can name another's exchange; Envoy's request id leads for the logs' sake. */
function exchangeId(services: Services, headers: HeaderList): string {
  const requestId = headers.get("x-request-id");
  const own = services.newId();
  // An internal client's is taken over as it is, and other characters would not survive the way to an attempt stream.
  return requestId !== undefined && plainId.test(requestId) ? `${requestId}-${own}` : own;
}

function listing(policy: Policy, headers: HeaderList): Reception | undefined {
  if (headers.get(":method") !== "GET") return undefined;
  const reply = listModels(policy, withoutQuery(headers.get(":path") ?? ""), presumedClient(headers));
  return reply === undefined ? undefined : { kind: "reply", reply };
}

function refuseEarly(services: Services, headers: HeaderList, endOfStream: boolean): Refusal | undefined {
  if (endOfStream) return refusal("invalid-request", "empty_body", "the request has no body");
  const declared = Number(headers.get("content-length") ?? 0);
  if (declared > services.maxBodyBytes) return tooLarge(declared, services.maxBodyBytes);
  const encoding = headers.get("content-encoding");
  if (encoding !== undefined && encoding !== "identity") {
    const message = `request bodies with content-encoding ${encoding.slice(0, 40)} cannot be read; send them plain`;
    return refusal("invalid-request", "content_encoding", message);
  }
  return undefined;
}

/** The refusal of a body of that many bytes. */
export function tooLarge(sizeBytes: number, limitBytes: number): Refusal {
  const message = `the request has ${sizeBytes} bytes; the gateway accepts ${limitBytes}`;
  return refusal("too-large", "body_too_large", message);
}

/** Headers of ours that clients may send. */
const clientHeaders = new Set(["x-tollgate-cache", "x-tollgate-metadata"]);

/** Names of ours that a client has no business setting: removed before anything reads them. */
export function forgedHeaders(headers: HeaderList): string[] {
  const forged: string[] = [];
  for (const name of headers.names()) {
    if (name.startsWith("x-tollgate-") && !clientHeaders.has(name)) forged.push(name);
  }
  return forged;
}

/**
 * Envoy's own headers on a gated call: how often and how long is tried follows from the policy. Envoy believes them from
 * clients that it takes for internal, and hedged attempts, which run side by side, would share their headers.
 */
export function knobs(headers: HeaderList): string[] {
  const found: string[] = [];
  for (const name of headers.names()) if (name.startsWith("x-envoy-")) found.push(name);
  return found;
}
