/**
 * Which targets suit the request at hand, and in which order. The policy's order stands unless a target cannot take
 * the request, or would not show its model something that the request is about.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { InvalidRequestError } from "../conversation/error.ts";
import type { Target } from "../policy/policy.ts";
import { scheduleAttempts } from "./chain.ts";
import type { Admission, Exchange } from "./exchange.ts";
import { encodeAttempt, type OutboundRequest } from "./outbound.ts";
import type { Services } from "./services.ts";

/** The request as the first target wants it, and the targets that remain. */
export interface Accepted {
  readonly admission: Admission;
  readonly outbound: OutboundRequest;
}

/**
 * The first target that takes the request. One that cannot take it at all (or not without loss, under `strict`) is
 * left out; when none is left, the first target's objection is the client's answer.
 *
 * When content would be lost at it, the others are asked too, and those that lose none go first: a request with
 * images does not go to a model that sees none. A lost parameter changes nothing in the order. In the usual case,
 * that nothing is lost, the request is encoded once; otherwise once per target at most.
 *
 * @throws InvalidRequestError
 */
export function suitable(
  services: Services,
  exchange: Exchange,
  admission: Admission,
): Accepted | Promise<Accepted> {
  const first = firstThatTakes(services, exchange, admission, undefined);
  const preferred = (found: Accepted) =>
    losesContent(found.outbound) && found.admission.chain.length > 1
      ? withoutLossFirst(services, exchange, found)
      : found;
  return first instanceof Promise ? first.then(preferred) : preferred(first);
}

/** @param objection of the first target that cannot take the request */
function firstThatTakes(
  services: Services,
  exchange: Exchange,
  admission: Admission,
  objection: InvalidRequestError | undefined,
): Accepted | Promise<Accepted> {
  const [head, ...others] = admission.chain;
  if (head === undefined) throw objection ?? new Error("an exchange without targets");
  const next = (error: unknown): Accepted | Promise<Accepted> => {
    if (!(error instanceof InvalidRequestError)) throw error;
    return firstThatTakes(services, exchange, along(admission, others), objection ?? error);
  };
  try {
    const outbound = encodeAttempt(services, exchange, admission, 1, exchange.headers);
    if (!(outbound instanceof Promise)) return { admission, outbound };
    return outbound.then((written) => ({ admission, outbound: written }), next);
  } catch (error) {
    return next(error);
  }
}

/** Sorts the others by whether they lose content. With a loss everywhere, the order is the policy's. */
async function withoutLossFirst(
  services: Services,
  exchange: Exchange,
  { admission, outbound }: Accepted,
): Promise<Accepted> {
  const [head, ...others] = admission.chain;
  if (head === undefined) throw new Error("an exchange without targets");
  let best = outbound;
  const clean: Target[] = [];
  const lossy: Target[] = [head];
  for (const target of others) {
    // What has images is large: no two encodings in one turn of the event loop.
    await nextTurn();
    const written = await encodedOrRefused(services, exchange, along(admission, [target]));
    if (written === undefined) continue;
    (losesContent(written) ? lossy : clean).push(target);
    if (clean.length === 1 && clean[0] === target) best = written;
  }
  return { admission: along(admission, [...clean, ...lossy]), outbound: best };
}

/** Undefined when the target cannot take the request. */
async function encodedOrRefused(
  services: Services,
  exchange: Exchange,
  admission: Admission,
): Promise<OutboundRequest | undefined> {
  try {
    return await encodeAttempt(services, exchange, admission, 1, exchange.headers);
  } catch (error) {
    if (error instanceof InvalidRequestError) return undefined;
    throw error;
  }
}

function losesContent({ attempt }: OutboundRequest): boolean {
  return attempt.losses.ofContent;
}

function along(admission: Admission, chain: readonly Target[]): Admission {
  if (chain.length === 0) return { ...admission, chain, schedule: [] };
  return { ...admission, chain, schedule: scheduleAttempts(chain, admission.modelRoute.attempts) };
}
