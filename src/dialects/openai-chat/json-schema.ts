/** Structured output at OpenAI. Source: https://platform.openai.com/docs/guides/structured-outputs */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, OutputFormat } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { isStrictSchema } from "./strict-schema.ts";

/** The members of a `json_schema` format: name, schema and whether the answer must keep to it. */
export function encodeJsonSchema(
  request: ConversationRequest,
  output: Extract<OutputFormat, { kind: "json-schema" }>,
  losses: Losses,
): JsonObject {
  // OpenAI demands a name.
  const declared: JsonObject = { name: output.name ?? "answer", schema: output.schema };
  if (output.description !== undefined) declared["description"] = output.description;
  const isOwn = request.dialect === "openai-chat" || request.dialect === "openai-responses";
  if (output.strict !== undefined && (isOwn || isStrictSchema(output.schema))) {
    declared["strict"] = output.strict;
  } else if (output.strict === true) {
    const why = "OpenAI cannot hold an answer to this schema; the model is only told of it.";
    losses.approximated(request.paths.output ?? "output", why);
  }
  return declared;
}
