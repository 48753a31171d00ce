/**
 * Calls that name no model and that the policy sends somewhere: files, batches, kept responses. Decided by their headers
 * alone; their bodies go past us, whatever their size, and of their answers only the headers are seen.
 */
import type { HeaderList } from "../extproc/headers.ts";
import type { ContinueResponse, ModeOverride, ProcessingRequest } from "../extproc/messages.ts";
import type { Outlet } from "../extproc/session.ts";
import type { Caller } from "../identity/caller.ts";
import type { Identity } from "../identity/identity.ts";
import type { CallRoute } from "../policy/policy.ts";
import { providerNamed } from "../providers/registry.ts";
import type { Outcome } from "../telemetry/record.ts";
import { explainLocalReply, reasonOfDetails, unexpectedTarget, viaUpstream } from "./answer/local-reply.ts";
import { callPath } from "./call-path.ts";
import { passedThrough } from "./inflight.ts";
import { withheldHeaders } from "./outbound.ts";
import { passedRecord, refusedCallRecord } from "./passed.ts";
import { forgedHeaders, knobs, presumedClient } from "./reception.ts";
import { atLimit, replyTo } from "./reply.ts";
import type { Services } from "./services.ts";
import { shownCaller } from "./shown-caller.ts";

const headersOnly: ModeOverride = { responseHeaders: "SEND", requestBody: "NONE", responseBody: "NONE" };

/** What is known of a call that names no model, from its headers. */
export interface KnownCall {
  readonly id: string;
  readonly route: string;
  readonly call: CallRoute;
  readonly caller: Caller;
  readonly identity: Identity;
}

/** Sends the call to its target; undefined when there is no room for it, which the client has been told. */
export function handOver(
  services: Services,
  outlet: Outlet,
  known: KnownCall,
  headers: HeaderList,
): HandedOver | undefined {
  if (services.inFlight.enter()) {
    const handedOver = new HandedOver(services, outlet, known, headers);
    handedOver.send();
    return handedOver;
  }
  outlet.send(replyTo(presumedClient(headers), atLimit, { exchange: known.id, operation: "pass" }));
  services.recorder.record(refusedCallRecord(known, atLimit));
  outlet.end();
  return undefined;
}

export class HandedOver {
  readonly #services: Services;
  readonly #outlet: Outlet;
  readonly #known: KnownCall;
  readonly #headers: HeaderList;
  readonly #startedMs: number;
  #isOver = false;

  constructor(services: Services, outlet: Outlet, known: KnownCall, headers: HeaderList) {
    this.#services = services;
    this.#outlet = outlet;
    this.#known = known;
    this.#headers = headers;
    this.#startedMs = services.monotonicMs();
  }

  /** The verdict on its headers, by which it goes to its target without another word. */
  send(): void {
    const { call, identity } = this.#known;
    const path = this.#headers.get(":path") ?? "";
    const { target, own } = callPath(path, call);
    const verdict: ContinueResponse = {
      kind: "request_headers",
      headers: {
        set: [
          ["x-tollgate-path", target],
          ...(own === path ? [] : [[":path", own] as const]),
          ...this.#retries(),
        ],
        remove: [
          ...forgedHeaders(this.#headers),
          ...knobs(this.#headers),
          ...withheldHeaders(identity, this.#headers, providerNamed(call.settings.provider).foreignHeaders),
        ],
      },
      clearRouteCache: true,
      modeOverride: headersOnly,
      dynamicMetadata: {
        "tollgate.targets": {
          priority_groups: [{ name: "0", clusters: [{ cluster_name: call.cluster, weight: 1 }] }],
        },
        // Its attempts go out as they are.
        tollgate: { exchange: passedThrough },
      },
    };
    this.#outlet.send(verdict);
  }

  /** Nobody holds the body of an upload for another try, and creating something twice is not what was asked. */
  #retries(): Array<readonly [string, string]> {
    const method = this.#headers.get(":method");
    return method === "GET" || method === "HEAD" ? [] : [["x-envoy-max-retries", "0"]];
  }

  answered({ headers, attributes }: ProcessingRequest): void {
    const status = Number(headers.get(":status") ?? 0);
    const details = attributes["response.code_details"] ?? viaUpstream;
    const attempts = Number(headers.get("x-envoy-attempt-count") ?? 1);
    if (details !== viaUpstream) return this.#localReply(status, details, attempts);
    const cluster = attributes["xds.cluster_name"];
    const { call, route } = this.#known;
    if (cluster !== undefined && cluster !== call.cluster) {
      this.#services.notices.misconfigured(route, `${cluster} answered what was meant for ${call.cluster}`);
      return this.#localReply(502, unexpectedTarget, attempts);
    }
    this.#outlet.send({
      kind: "response_headers",
      headers: { set: [["x-tollgate-target", call.cluster]] },
      dynamicMetadata: { tollgate: this.#accessFields() },
    });
    this.#record("finished", status, viaUpstream, attempts);
    this.#outlet.end();
  }

  /** In place of Envoy's plain text, or of an answer that is not the target's: what the client's SDK can read. */
  #localReply(status: number, details: string, attempts: number): void {
    const refused = { reason: reasonOfDetails(details), error: explainLocalReply(status, details) };
    this.#outlet.send(replyTo(presumedClient(this.#headers), refused, this.#accessFields()));
    this.#record("local-reply", status, refused.reason, attempts);
    this.#outlet.end();
  }

  /** The stream is over; it may have been answered before. */
  closed(): void {
    this.#record("cancelled", 0, "closed_early", 1);
  }

  #record(outcome: Outcome, status: number, reason: string, attempts: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#services.inFlight.leave();
    const { id, route, call, caller } = this.#known;
    this.#services.recorder.record({
      ...passedRecord(id, route),
      caller,
      outcome,
      status,
      reason,
      operation: "pass",
      provider: call.settings.provider,
      cluster: call.cluster,
      attempts: Number.isInteger(attempts) && attempts > 0 ? attempts : 1,
      durationMs: this.#services.monotonicMs() - this.#startedMs,
    });
  }

  #accessFields() {
    const { id, call, caller } = this.#known;
    const { cluster, settings } = call;
    return {
      exchange: id,
      ...shownCaller(caller),
      operation: "pass",
      target: cluster,
      provider: settings.provider,
    };
  }
}
