/**
 * What an attempt took whose answer nobody waited for: the client hung up, or its time ran out. Its provider may go on
 * and bill the complete answer, of which nobody will tell us; so what is usual for the model is taken in its place.
 */
import type { Usage } from "../conversation/usage.ts";
import type { LearnedOutput } from "../tokens/learned-output.ts";
import { usageOfInterrupted } from "./answer/interrupted.ts";
import type { Attempt, Exchange } from "./exchange.ts";
import type { Metered } from "./settlement.ts";

/**
 * Tokens of an answer by a model that too few have been seen of: some two hundred words. A guess, as long as it takes to
 * know better.
 */
export const unlearnedOutput = 256;

/** @param soFar what its answer told of itself, if it had begun */
export function abandoned(
  exchange: Exchange,
  attempt: Attempt,
  soFar: Metered,
  learned: Pick<LearnedOutput, "mean">,
): Metered {
  if (soFar.isFinal) return soFar;
  const usage = soFar.answered ? soFar.usage : usageOfInterrupted(exchange, attempt, undefined, 0);
  const { streams, wholes } = attempt.provider.abandoned;
  if ((exchange.stream ? streams : wholes) === "stops") return { ...soFar, usage };
  return { ...soFar, usage: asIfFinished(exchange, attempt, usage, learned), answered: true };
}

/** Never less than was delivered, and beyond that never more than the request allows. */
function asIfFinished(
  { client, maxOutputTokens = Number.POSITIVE_INFINITY }: Exchange,
  { model }: Attempt,
  usage: Usage,
  learned: Pick<LearnedOutput, "mean">,
): Usage {
  const { isEstimable = true, unbilledAnswer = false } = client.operation;
  if (!isEstimable || unbilledAnswer) return usage;
  const usual = Math.min(learned.mean(model) ?? unlearnedOutput, maxOutputTokens);
  return { ...usage, output: Math.max(usage.output, Math.floor(usual)), estimated: true };
}
