/**
 * Tokens of a prediction, from its metrics. A prediction that is answered before its bookkeeping is done has none yet;
 * then they are estimated from what it echoes of its input, and from its output.
 *
 * Source: https://replicate.com/docs/topics/predictions/lifecycle; the metrics' names are those that models' prices are
 * stated in, of which there are two.
 */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";

/** English prose and code, as in `tokens/estimate.ts`. */
const charactersPerToken = 4;

/** @param prediction with its `metrics` and its `input` */
export function decodeUsage(prediction: JsonObject, output: string): Usage {
  const metrics = isObject(prediction["metrics"]) ? prediction["metrics"] : {};
  const read = tokens(metrics["input_token_count"]) ?? tokens(metrics["token_input_count"]);
  const written = writtenTokens(prediction);
  return {
    ...noUsage,
    input: read ?? estimated(inputCharacters(prediction["input"])),
    output: written ?? estimated(output.length),
    estimated: read === undefined || written === undefined,
  };
}

/** Undefined when it is not told. */
export function writtenTokens({ metrics }: JsonObject): number | undefined {
  if (!isObject(metrics)) return undefined;
  return tokens(metrics["output_token_count"]) ?? tokens(metrics["token_output_count"]);
}

function tokens(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && value >= 0 ? Math.floor(value) : undefined;
}

function estimated(characters: number): number {
  return Math.ceil(characters / charactersPerToken);
}

/** Prose only: an image is no text. */
function inputCharacters(input: JsonValue | undefined): number {
  if (!isObject(input)) return 0;
  const messages = Array.isArray(input["messages"]) ? input["messages"].filter(isObject) : [];
  const texts = [
    input["prompt"],
    input["system_prompt"],
    input["system_instruction"],
    ...messages.map(({ content }) => content),
  ];
  return texts.reduce<number>((sum, text) => sum + (typeof text === "string" ? text.length : 0), 0);
}
