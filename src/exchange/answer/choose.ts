/** Which flow an answer takes, told by its headers. */
import type { AnyTargetDialect } from "../../dialects/dialect.ts";
import type { ProcessingRequest } from "../../extproc/messages.ts";
import type { AnswerContext, AnswerFlow } from "./flow.ts";
import { LocalReply, unexpectedTarget, viaUpstream } from "./local-reply.ts";
import { StreamTranslation } from "./stream.ts";
import { StreamPassthrough } from "./stream-passthrough.ts";
import { WholeAnswer } from "./whole.ts";

type Known = Pick<AnswerContext, "services" | "exchange" | "settlement" | "downstream" | "sentMs">;

export function chooseFlow(known: Known, { headers, attributes }: ProcessingRequest): AnswerFlow {
  const { services, exchange, settlement, downstream } = known;
  const details = attributes["response.code_details"] ?? viaUpstream;
  const attempt = exchange.attempt;
  if (details !== viaUpstream || attempt === undefined) {
    const status = Number(headers.get(":status") ?? 503);
    return new LocalReply(exchange, settlement, downstream, status, details);
  }
  const cluster = attributes["xds.cluster_name"];
  if (cluster !== undefined && cluster !== attempt.target.cluster) {
    // Envoy's wiring went past us: what that target was sent is not known, so what it says is not to be decoded.
    services.notices.misconfigured(
      exchange.route,
      `${cluster} answered what was meant for ${attempt.target.cluster}`,
    );
    return new LocalReply(exchange, settlement, downstream, 502, unexpectedTarget);
  }
  // A status may have been changed to stop Envoy from trying again; the true one was kept.
  const status = exchange.failures.get(attempt.number) ?? Number(headers.get(":status") ?? 200);
  exchange.answeredStatus = status;
  const context: AnswerContext = { ...known, attempt, status, headers };
  const contentType = headers.get("content-type") ?? "";
  if (status >= 400) return new WholeAnswer(context);
  if (!exchange.passes(attempt)) {
    return isStream(attempt.dialect, contentType) ? new StreamTranslation(context) : new WholeAnswer(context);
  }
  const { streams } = exchange.client.passthrough;
  const passesAsStream = streams?.(contentType) ?? isStream(attempt.dialect, contentType);
  return passesAsStream ? new StreamPassthrough(context) : new WholeAnswer(context);
}

function isStream(dialect: AnyTargetDialect, contentType: string): boolean {
  return contentType.startsWith(dialect.streamContentType ?? "text/event-stream");
}
