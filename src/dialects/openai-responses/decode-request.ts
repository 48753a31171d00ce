/**
 * A Responses request in neutral form.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type {
  ConversationRequest,
  OutputFormat,
  ReasoningRequest,
  Turn,
} from "../../conversation/request.ts";
import { withoutUndefined } from "../../json/defined.ts";
import {
  booleanField,
  listField,
  numberField,
  objectField,
  requiredObject,
  requiredString,
  stringField,
} from "../../json/fields.ts";
import type { JsonObject } from "../../json/types.ts";
import type { ClientCall } from "../dialect.ts";
import { Leftovers } from "../leftovers.ts";
import type { Seal } from "../seal.ts";
import { withThoughtsApart } from "../thought-ids.ts";
import { decodeInput } from "./decode-input.ts";
import { keptState } from "./kept-state.ts";
import { decodeTools } from "./tools.ts";

/** Top-level fields that have a neutral meaning, or that `kept-state.ts` refuses; all others are kept in `extra`. */
const requestFields = new Set(
  `model input instructions tools tool_choice parallel_tool_calls max_output_tokens temperature top_p top_logprobs
   reasoning text include truncation user safety_identifier service_tier stream stream_options store background
   previous_response_id conversation prompt`.split(/\s+/),
);
/** How reasoning is to be shown is left to the target, which shows what it has. */
const reasoningFields = new Set(["effort", "summary", "generate_summary"]);
const textFields = new Set(["format"]);
const formatFields = new Set(["type", "name", "description", "schema", "strict"]);
const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
/** What to include beside the answer, where it is there in any case or asked for in another way. */
const included = new Set(["reasoning.encrypted_content", "message.output_text.logprobs"]);

/** @throws InvalidRequestError with the JSON path */
export function decodeRequest(body: JsonObject, { seal }: ClientCall): ConversationRequest {
  const leftovers = new Leftovers();
  leftovers.collect(body, "", requestFields);
  const kept = keptState(body);
  const stream = booleanField(body, "stream") ?? false;
  const include = decodeInclude(body, leftovers);
  noteDepartures(body, leftovers);
  const topLogprobs = numberField(body, "top_logprobs");
  const user = stringField(body, "user");
  const safetyId = stringField(body, "safety_identifier");
  if (user !== undefined && safetyId !== undefined) leftovers.note("safety_identifier", safetyId);
  const optional = {
    kept,
    parallelToolCalls: booleanField(body, "parallel_tool_calls"),
    maxOutputTokens: numberField(body, "max_output_tokens"),
    temperature: numberField(body, "temperature"),
    topP: numberField(body, "top_p"),
    logprobs: include.has("message.output_text.logprobs") || (topLogprobs ?? 0) > 0 ? true : undefined,
    topLogprobs,
    reasoning: decodeReasoning(objectField(body, "reasoning"), leftovers),
    output: decodeOutput(objectField(body, "text"), leftovers),
    user: user ?? safetyId,
    serviceTier: stringField(body, "service_tier"),
  };
  return {
    model: requiredString(body, "model"),
    turns: withThoughtsApart(decodeTurns(body, leftovers, seal, kept !== undefined), "call_id"),
    ...decodeTools(body, leftovers),
    ...withoutUndefined(optional),
    stop: [],
    stream,
    includeUsage: stream,
    extra: leftovers.extra,
    dialect: "openai-responses",
    paths: {
      turns: "input",
      toolChoice: "tool_choice",
      parallelToolCalls: "parallel_tool_calls",
      maxOutputTokens: "max_output_tokens",
      topP: "top_p",
      logprobs: topLogprobs === undefined ? "include" : "top_logprobs",
      topLogprobs: "top_logprobs",
      reasoning: "reasoning",
      output: "text.format",
      user: user === undefined ? "safety_identifier" : "user",
      serviceTier: "service_tier",
    },
  };
}

/** @param mayBeEmpty the rest of the conversation is kept elsewhere */
function decodeTurns(body: JsonObject, leftovers: Leftovers, seal: Seal, mayBeEmpty: boolean): Turn[] {
  const instructions = stringField(body, "instructions") ?? "";
  const turns: Turn[] = [];
  if (instructions !== "") {
    const part = { kind: "text", text: instructions, at: "instructions" } as const;
    turns.push({ role: "system", parts: [part], at: "instructions" });
  }
  const input = body["input"];
  if (typeof input === "string" || Array.isArray(input)) turns.push(...decodeInput(input, leftovers, seal));
  else if (input !== undefined && input !== null)
    throw new InvalidRequestError("input", "input must be a string or a list of items.");
  if (turns.length === 0 && !mayBeEmpty) throw new InvalidRequestError("input", "input is required.");
  return turns;
}

function decodeInclude(body: JsonObject, leftovers: Leftovers): ReadonlySet<unknown> {
  const include = listField(body, "include") ?? [];
  include.forEach((name, index) => {
    if (typeof name !== "string" || !included.has(name)) leftovers.note(`include[${index}]`, name);
  });
  return new Set(include);
}

/** Values that ask for something else than what happens anyway: an answer that is kept, a shortened conversation. */
function noteDepartures(body: JsonObject, leftovers: Leftovers): void {
  const store = booleanField(body, "store");
  if (store !== undefined) leftovers.note("store", store);
  const truncation = stringField(body, "truncation");
  if (truncation !== undefined && truncation !== "disabled") leftovers.note("truncation", truncation);
  if (objectField(body, "stream_options")?.["include_obfuscation"] === true)
    leftovers.note("stream_options.include_obfuscation", true);
}

function decodeReasoning(
  reasoning: JsonObject | undefined,
  leftovers: Leftovers,
): ReasoningRequest | undefined {
  if (reasoning === undefined) return undefined;
  leftovers.collect(reasoning, "reasoning", reasoningFields);
  const named = stringField(reasoning, "effort", "reasoning");
  const effort = efforts.find((known) => known === named);
  if (named !== undefined && effort === undefined)
    throw new InvalidRequestError("reasoning.effort", "reasoning.effort is not an effort of this API.");
  if (effort !== undefined) return { enabled: effort !== "none", effort };
  const summary = reasoning["summary"] ?? reasoning["generate_summary"];
  // Who asks to see the thinking asks for it.
  return summary === undefined || summary === null ? undefined : { enabled: true };
}

function decodeOutput(text: JsonObject | undefined, leftovers: Leftovers): OutputFormat | undefined {
  if (text === undefined) return undefined;
  leftovers.collect(text, "text", textFields);
  const format = objectField(text, "format", "text");
  if (format === undefined) return undefined;
  const at = "text.format";
  switch (requiredString(format, "type", at)) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json" };
    case "json_schema": {
      leftovers.collect(format, at, formatFields);
      const optional = {
        name: stringField(format, "name", at),
        description: stringField(format, "description", at),
        strict: booleanField(format, "strict", at),
      };
      const schema = requiredObject(format, "schema", at);
      return { kind: "json-schema", schema, ...withoutUndefined(optional) };
    }
    default:
      throw new InvalidRequestError(`${at}.type`, `${at}.type is not a format of this API.`);
  }
}
