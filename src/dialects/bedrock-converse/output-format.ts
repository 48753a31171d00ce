/**
 * The form of the answer: `outputConfig.textFormat`, or an instruction where the model has no such thing.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
 */
import type { ConversationRequest, OutputFormat } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { encodeSchema } from "../anthropic/schema.ts";
import { clientPath } from "../client-paths.ts";
import type { Encoding } from "./encode-content.ts";

export interface EncodedOutput {
  readonly textFormat?: JsonObject;
  /** To be added to the system prompt. */
  readonly instruction?: string;
}

const jsonOnly = "Answer with one valid JSON object and nothing else: no prose, no code fence.";

export function encodeOutput(request: ConversationRequest, { traits, losses }: Encoding): EncodedOutput {
  const { output } = request;
  const path = clientPath(request, "output");
  switch (output?.kind) {
    case undefined:
    case "text":
      return {};
    case "json":
      losses.approximated(path, "Bedrock has no JSON mode; the model is instructed to write JSON");
      return { instruction: jsonOnly };
    case "json-schema": {
      if (!traits.structuredOutput) {
        losses.approximated(
          path,
          "this model has no structured output; it is instructed to follow the schema",
        );
        return {
          instruction: `${jsonOnly} It must match this JSON schema:\n${JSON.stringify(output.schema)}`,
        };
      }
      const { schema, changed } = encodeSchema(output.schema);
      if (changed) losses.approximated(path, "parts of the schema are told to the model but not enforced");
      return { textFormat: textFormat(output, schema) };
    }
    default: {
      const never: never = output;
      return never;
    }
  }
}

/** The schema is a text here. */
function textFormat(
  { name, description }: Extract<OutputFormat, { kind: "json-schema" }>,
  schema: JsonObject,
): JsonObject {
  const jsonSchema: JsonObject = {
    name: name ?? "answer",
    ...(description !== undefined && description !== "" && { description }),
    schema: JSON.stringify(schema),
  };
  return { type: "json_schema", structure: { jsonSchema } };
}
