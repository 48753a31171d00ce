/** What to do with a request, as far as its headers tell. */

import type { AnyClientDialect } from "../dialects/dialect.ts";
import { clientDialect, presumedDialect, withoutQuery } from "../dialects/registry.ts";
import type { HeaderList } from "../extproc/headers.ts";
import type { ImmediateResponse } from "../extproc/messages.ts";
import type { Opening } from "../extproc/session.ts";
import { headersWithKeys } from "../identity/virtual-key.ts";
import type { CallRoute, Policy } from "../policy/policy.ts";
import type { Refusal } from "../rules/rule.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";
import { isAmbiguous } from "./call-path.ts";
import { Exchange } from "./exchange.ts";
import { readGate } from "./gate.ts";
import type { KnownCall } from "./handed-over.ts";
import { type Identified, identifyCaller } from "./identification.ts";
import { listModels } from "./models.ts";
import { refusedCallRecord } from "./passed.ts";
import { refusal, replyTo } from "./reply.ts";
import type { Services } from "./services.ts";

export type Reception =
  /** Not ours: no policy on the route, or a path that no dialect knows. */
  | { readonly kind: "pass"; readonly withheld: readonly string[] }
  /** Answered at once. */
  | { readonly kind: "reply"; readonly reply: ImmediateResponse; readonly record?: ExchangeRecord }
  /** Names no model, and the policy says where it goes. */
  | ({ readonly kind: "call" } & KnownCall)
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

function receiveFrom(services: Services, identified: Identified, arrival: Arrival): Reception {
  const { caller, refused } = identified;
  const { policy, route, headers, endOfStream } = arrival;
  const id = exchangeId(services, headers);
  const client = clientDialect(headers.get(":method") ?? "", headers.get(":path") ?? "");
  if (client === undefined) return receiveCall(id, identified, arrival);
  const exchange = new Exchange({ id, route, policy, client, headers, caller });
  const stopped = refused ?? refuseEarly(services, headers, endOfStream);
  return stopped === undefined
    ? { kind: "exchange", exchange }
    : { kind: "exchange", exchange, refused: stopped };
}

/** One that names no model. */
function receiveCall(
  id: string,
  { caller, refused }: Identified,
  { policy, route, headers }: Arrival,
): Reception {
  const listed = refused === undefined ? listing(policy, headers) : undefined;
  if (listed !== undefined) return listed;
  const call = refused ?? callOf(policy, headers);
  if (call === undefined) {
    const keys = headersWithKeys((name) => headers.get(name));
    return { kind: "pass", withheld: [...forgedHeaders(headers), ...keys] };
  }
  if (!("error" in call)) return { kind: "call", id, route, call, caller, identity: policy.identity };
  const reply = replyTo(presumedClient(headers), call, { exchange: id, operation: "pass" });
  return { kind: "reply", reply, record: refusedCallRecord({ id, route, caller }, call) };
}

/** The dialect to answer in, whatever is asked for. */
export function presumedClient(headers: HeaderList): AnyClientDialect {
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

/** Where a call goes that names no model, or why nowhere; undefined: the policy says nothing of the kind at all. */
function callOf(policy: Policy, headers: HeaderList): CallRoute | Refusal | undefined {
  if (policy.calls === undefined) return undefined;
  const bare = withoutQuery(headers.get(":path") ?? "");
  const call = policy.call(bare);
  const shown = `${headers.get(":method") ?? ""} ${JSON.stringify(bare.slice(0, 200))}`;
  if (call === undefined) return refusal("not-found", "call_not_served", `${shown} is not served here`);
  if (!isAmbiguous(bare)) return call;
  return refusal("invalid-request", "ambiguous_path", `${shown} is not a plain path`);
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
