/**
 * The form of the answer: `output_config.format`, or an instruction where the model has no such thing.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs
 */

import type { ConversationRequest, OutputFormat } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { Encoding } from "./encode-content.ts";
import type { ModelTraits } from "./model-traits.ts";
import { encodeSchema } from "./schema.ts";

export interface EncodedOutput {
  readonly format?: JsonObject;
  /** To be added to the system prompt. */
  readonly instruction?: string;
}

const jsonOnly = "Answer with one valid JSON object and nothing else: no prose, no code fence.";

export function encodeOutput(
  request: ConversationRequest,
  traits: ModelTraits,
  encoding: Encoding,
): EncodedOutput {
  const { output } = request;
  const path = clientPath(request, "output");
  switch (output?.kind) {
    case undefined:
    case "text":
      return {};
    case "json":
      encoding.losses.approximated(path, "Anthropic has no JSON mode; the model is instructed to write JSON");
      return { instruction: jsonOnly };
    case "json-schema":
      if (traits.structuredOutput) return { format: encodeFormat(output, path, encoding) };
      encoding.losses.approximated(
        path,
        "this model has no structured output; it is instructed to follow the schema",
      );
      return { instruction: `${jsonOnly} It must match this JSON schema:\n${JSON.stringify(output.schema)}` };
    default: {
      const never: never = output;
      return never;
    }
  }
}

function encodeFormat(
  output: Extract<OutputFormat, { kind: "json-schema" }>,
  path: string,
  encoding: Encoding,
): JsonObject {
  if (encoding.isOwn) return { type: "json_schema", schema: output.schema };
  const described =
    output.description === undefined || output.schema["description"] !== undefined
      ? output.schema
      : { ...output.schema, description: output.description };
  const { schema, changed } = encodeSchema(described);
  if (changed)
    encoding.losses.approximated(path, "parts of the schema are told to the model but not enforced");
  return { type: "json_schema", schema };
}
