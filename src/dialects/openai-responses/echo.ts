/**
 * What a response repeats of its request. Applications rarely look at it, but the type of the official SDKs has no
 * response without, and some read `tools` or `text` back.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/object
 */
import type { JsonDocument } from "../../json/document.ts";
import type { JsonObject } from "../../json/types.ts";

/** Members that a response repeats; what it says where the request did not. */
const defaults: JsonObject = Object.freeze({
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: "auto",
  // Whatever was asked: the gateway keeps no response to be fetched later.
  store: false,
  temperature: null,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_logprobs: null,
  top_p: null,
  truncation: "disabled",
  user: null,
});
const unrepeated = new Set(["background", "previous_response_id", "store", "truncation", "service_tier"]);
const repeated = Object.keys(defaults).filter((name) => !unrepeated.has(name));

/** A response says it three times in a stream, and it is kept while the answer is awaited. Bytes. */
const maxEchoBytes = 16 * 1024;

/** The members of a request to repeat: those that are short, all together. */
export function echo(body: JsonDocument): JsonObject {
  const short = body.glance(maxEchoBytes, repeated);
  return Object.fromEntries(Object.entries(short).filter(([, value]) => value !== null));
}

/** As a response has them. @param echoed what `echo` gave */
export function repeatRequest(echoed: JsonObject | undefined): JsonObject {
  return { ...defaults, ...echoed };
}
