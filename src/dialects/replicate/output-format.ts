/** The form of the answer, which no model at Replicate can be held to: it is instructed. */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { clientPath } from "../client-paths.ts";

const jsonOnly = "Answer with one valid JSON object and nothing else: no prose, no code fence.";

/** @returns what to add to the system prompt */
export function outputInstruction(request: ConversationRequest, losses: Losses): string | undefined {
  const { output } = request;
  switch (output?.kind) {
    case undefined:
    case "text":
      return undefined;
    case "json":
      losses.approximated(
        clientPath(request, "output"),
        "Replicate has no JSON mode; the model is instructed to write JSON",
      );
      return jsonOnly;
    case "json-schema":
      losses.approximated(
        clientPath(request, "output"),
        "Replicate has no structured output; the model is instructed to follow the schema",
      );
      return `${jsonOnly} It must match this JSON schema:\n${JSON.stringify(output.schema)}`;
    default: {
      const never: never = output;
      return never;
    }
  }
}
