/** Which targets an exchange tries, in which order. */
import { createHash } from "node:crypto";
import type { CallerField } from "../identity/caller.ts";
import type { ModelRoute, Target } from "../policy/policy.ts";

/** The caller as far as a split may stick to it. */
export type CallerLookup = (field: CallerField) => string | undefined;

/**
 * The order of targets for one exchange.
 *
 * `fallback`: as written. `split`: one is drawn by weight and comes first; the others follow as written, so that
 * a split still fails over. With `sticky`, the draw is a hash of the caller's fields, hence the same for the
 * same caller as long as targets and weights stay; a caller without any of the fields is drawn at random.
 *
 * @param random uniform in [0, 1)
 */
export function chooseChain(
  route: ModelRoute,
  caller: CallerLookup,
  random: () => number,
): readonly Target[] {
  switch (route.strategy) {
    case "fallback":
      return route.targets;
    case "split": {
      const first = drawByWeight(route.targets, stickyDraw(route, caller) ?? random());
      return [first, ...route.targets.filter((target) => target !== first)];
    }
    default:
      return route.strategy satisfies never;
  }
}

function drawByWeight(targets: readonly Target[], draw: number): Target {
  const total = targets.reduce((sum, target) => sum + target.weight, 0);
  let rest = draw * total;
  for (const target of targets) {
    rest -= target.weight;
    if (rest < 0) return target;
  }
  const last = targets.at(-1);
  if (last === undefined) throw new Error("a model route without targets");
  return last;
}

/** A number in [0, 1) that only depends on the caller and the route's pattern. */
function stickyDraw(route: ModelRoute, caller: CallerLookup): number | undefined {
  const known = route.sticky.map((field) => caller(field));
  if (known.every((value) => value === undefined)) return undefined;
  const digest = createHash("sha256")
    .update(JSON.stringify([route.pattern, ...known]))
    .digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

/** The most attempts Envoy is asked for, whatever the policy says. */
const maxAttempts = 10;

/**
 * One target per attempt. The chain is walked again when it ends before the attempts do: twice around unless the
 * policy says how many. (Envoy stays at the last priority group once it runs out of them.)
 */
export function scheduleAttempts(chain: readonly Target[], attempts: number | undefined): readonly Target[] {
  const [only] = chain;
  if (chain.length === 1 && only !== undefined) return [only];
  const count = Math.min(attempts ?? chain.length * 2, maxAttempts);
  return Array.from({ length: count }, (_, index) => chain[index % chain.length] as Target);
}
