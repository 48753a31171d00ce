/** What the client's dialect must know to word an answer. */
import type { EncodeContext } from "../../dialects/dialect.ts";
import { estimateTokens } from "../../tokens/estimate.ts";
import type { AnswerContext } from "./flow.ts";

export function encodeContext({
  services,
  exchange,
}: Pick<AnswerContext, "services" | "exchange">): EncodeContext {
  return {
    model: exchange.modelAsked ?? "",
    includeUsage: exchange.includeUsage,
    now: services.unixSeconds(),
    newId: services.newId,
    path: exchange.path,
    seal: services.seal,
    ...(exchange.echo !== undefined && { echo: exchange.echo }),
    inputTokens: exchange.attempt?.inputTokens ?? estimateTokens(exchange.requestBytes),
  };
}
