/** What to do with a request, as far as its headers tell. */

import { clientDialect, presumedDialect, withoutQuery } from "../dialects/registry.ts";
import type { HeaderList } from "../extproc/headers.ts";
import type { ImmediateResponse } from "../extproc/messages.ts";
import type { Opening } from "../extproc/session.ts";
import type { CallRoute, Policy } from "../policy/policy.ts";
import type { Refusal } from "../rules/rule.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";
import { isAmbiguous } from "./call-path.ts";
import { Exchange } from "./exchange.ts";
import { readGate } from "./gate.ts";
import { listModels } from "./models.ts";
import { refusedCallRecord } from "./passed.ts";
import { refusal, replyTo } from "./reply.ts";
import type { Services } from "./services.ts";

export type Reception =
  /** Not ours: no policy on the route, or a path that no dialect knows. */
  | { readonly kind: "pass" }
  /** Answered at once. */
  | { readonly kind: "reply"; readonly reply: ImmediateResponse; readonly record?: ExchangeRecord }
  /** Names no model, and the policy says where it goes. */
  | { readonly kind: "call"; readonly id: string; readonly route: string; readonly call: CallRoute }
  | { readonly kind: "exchange"; readonly exchange: Exchange; readonly refused?: Refusal };

export function receive(
  services: Services,
  opening: Opening,
  headers: HeaderList,
  endOfStream: boolean,
): Reception {
  const gate = readGate(services, opening);
  if (gate.kind === "open") return { kind: "pass" };
  const method = headers.get(":method") ?? "";
  const path = headers.get(":path") ?? "";
  const route = opening.metadata("x-tollgate-route") ?? "";
  const client = clientDialect(method, path);
  if (gate.kind === "unreadable") {
    services.notices.misconfigured(route, gate.problem);
    const refused = refusal(
      "server",
      "policy_unreadable",
      "the gateway's policy for this route cannot be read",
    );
    const speaking = client ?? presumedDialect((name) => headers.get(name), path);
    return { kind: "reply", reply: replyTo(speaking, refused, {}) };
  }
  const id = exchangeId(services, headers);
  if (client === undefined) {
    const listed = listing(gate.policy, method, path, headers);
    if (listed !== undefined) return listed;
    const call = callOf(gate.policy, method, path);
    if (call === undefined) return { kind: "pass" };
    if (!("error" in call)) return { kind: "call", id, route, call };
    const dialect = presumedDialect((name) => headers.get(name), path);
    const reply = replyTo(dialect, call, { exchange: id, operation: "pass" });
    return { kind: "reply", reply, record: refusedCallRecord(id, route, call) };
  }
  const exchange = new Exchange(id, route, gate.policy, client, headers);
  const refused = refuseEarly(services, headers, endOfStream);
  return refused === undefined ? { kind: "exchange", exchange } : { kind: "exchange", exchange, refused };
}

const plainId = /^[\w.:-]{1,64}$/;

/** Ids of ours, so that nobody outside can name another's exchange; Envoy's request id leads for the logs' sake. */
function exchangeId(services: Services, headers: HeaderList): string {
  const requestId = headers.get("x-request-id");
  const own = services.newId();
  // An internal client's is taken over as it is, and other characters would not survive the way to an attempt stream.
  return requestId !== undefined && plainId.test(requestId) ? `${requestId}-${own}` : own;
}

function listing(policy: Policy, method: string, path: string, headers: HeaderList): Reception | undefined {
  if (method !== "GET") return undefined;
  const reply = listModels(
    policy,
    withoutQuery(path),
    presumedDialect((name) => headers.get(name), path),
  );
  return reply === undefined ? undefined : { kind: "reply", reply };
}

/** Where a call goes that names no model, or why nowhere; undefined: the policy says nothing of the kind at all. */
function callOf(policy: Policy, method: string, path: string): CallRoute | Refusal | undefined {
  if (policy.calls === undefined) return undefined;
  const bare = withoutQuery(path);
  const call = policy.call(bare);
  const shown = `${method} ${JSON.stringify(bare.slice(0, 200))}`;
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
