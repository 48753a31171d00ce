/** Usage of an answer that broke off: the provider's numbers where they came, our estimate for the rest. */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import { estimateTokens } from "../../tokens/estimate.ts";
import type { Attempt, Exchange } from "../exchange.ts";

/**
 * @param reported the last usage the provider sent, if any; its output count may lag behind what was streamed
 * @param outputCharacters characters of text, thinking and arguments that were streamed
 */
export function usageOfInterrupted(
  { client, requestBytes }: Exchange,
  { inputTokens }: Pick<Attempt, "inputTokens">,
  reported: Usage | undefined,
  outputCharacters: number,
): Usage {
  if (client.operation.isEstimable === false) return reported ?? noUsage;
  const written = client.operation.unbilledAnswer === true ? 0 : estimateTokens(outputCharacters);
  const output = Math.max(reported?.output ?? 0, written);
  const isReported = reported !== undefined && reported.input > 0;
  const input = isReported ? reported.input : (inputTokens ?? estimateTokens(requestBytes));
  return { ...(reported ?? noUsage), input, output, estimated: true };
}
