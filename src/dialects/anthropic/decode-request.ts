/**
 * `POST /v1/messages`, to the neutral form.
 *
 * Source: https://docs.anthropic.com/en/api/messages
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type {
  ConversationRequest,
  OutputFormat,
  ReasoningRequest,
  Turn,
} from "../../conversation/request.ts";
import {
  booleanField,
  listField,
  numberField,
  objectField,
  objectItem,
  requiredObject,
  requiredString,
  stringField,
} from "../../json/fields.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import type { ClientCall } from "../dialect.ts";
import { Leftovers } from "../leftovers.ts";
import { withThoughtsApart } from "../thought-ids.ts";
import { type Decoding, decodeContent, requireContent } from "./decode-content.ts";
import { decodeToolChoice, decodeTools } from "./decode-tools.ts";

const requestFields = new Set(
  `model system messages max_tokens stream temperature top_p top_k stop_sequences tools tool_choice thinking
   output_config output_format metadata service_tier`.split(/\s+/),
);
const thinkingFields = new Set(["type", "budget_tokens"]);
const messageFields = new Set(["role", "content"]);
const metadataFields = new Set(["user_id"]);
const outputFields = new Set(["effort", "format"]);
const formatFields = new Set(["type", "schema"]);

const efforts = ["low", "medium", "high", "xhigh", "max"] as const;

const paths: ConversationRequest["paths"] = Object.freeze({
  turns: "messages",
  toolChoice: "tool_choice",
  parallelToolCalls: "tool_choice.disable_parallel_tool_use",
  maxOutputTokens: "max_tokens",
  topP: "top_p",
  topK: "top_k",
  stop: "stop_sequences",
  reasoning: "thinking",
  output: "output_config.format",
  user: "metadata.user_id",
  serviceTier: "service_tier",
});

/** @throws InvalidRequestError with the JSON path */
export function decodeRequest(body: JsonObject, { seal }: ClientCall): ConversationRequest {
  const leftovers = new Leftovers();
  const decoding: Decoding = { leftovers, seal };
  leftovers.collect(body, "", requestFields);
  const stream = booleanField(body, "stream") ?? false;
  const metadata = objectField(body, "metadata") ?? {};
  leftovers.collect(metadata, "metadata", metadataFields);
  const outputConfig = objectField(body, "output_config") ?? {};
  leftovers.collect(outputConfig, "output_config", outputFields);
  const reasoning = decodeReasoning(body, outputConfig, leftovers);
  const request: Omit<ConversationRequest, "extra"> = {
    model: requiredString(body, "model"),
    turns: withThoughtsApart([...decodeSystem(body, decoding), ...decodeMessages(body, decoding)], "id"),
    ...decodeTools(body, leftovers),
    ...decodeToolChoice(body, leftovers),
    maxOutputTokens: maxTokens(body),
    ...whenGiven("temperature", numberField(body, "temperature")),
    ...whenGiven("topP", numberField(body, "top_p")),
    ...whenGiven("topK", numberField(body, "top_k")),
    stop: decodeStop(body),
    ...whenGiven("reasoning", reasoning),
    ...whenGiven("output", decodeOutput(body, outputConfig, leftovers)),
    ...whenGiven("user", stringField(metadata, "user_id", "metadata")),
    ...whenGiven("serviceTier", stringField(body, "service_tier")),
    ...whenGiven("kept", decodeThread(body)),
    stream,
    includeUsage: stream,
    dialect: "anthropic",
    paths: pathsOf(body),
  };
  return { ...request, extra: leftovers.extra };
}

/** Some things can be asked for in two places. */
function pathsOf(body: JsonObject): ConversationRequest["paths"] {
  const asksByEffort = !isObject(body["thinking"]);
  const asksAsBeta = isObject(body["output_format"]);
  if (!asksByEffort && !asksAsBeta) return paths;
  return {
    ...paths,
    ...(asksByEffort && { reasoning: "output_config.effort" }),
    ...(asksAsBeta && { output: "output_format" }),
  };
}

function whenGiven<K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]: V });
}

function maxTokens(body: JsonObject): number {
  const given = numberField(body, "max_tokens");
  if (given === undefined) throw new InvalidRequestError("max_tokens", "max_tokens is required.");
  // Zero is allowed: it fills the prompt cache and generates nothing.
  if (Number.isInteger(given) && given >= 0) return given;
  throw new InvalidRequestError("max_tokens", "max_tokens must be a whole number, 0 or more.");
}

function decodeStop(body: JsonObject): string[] {
  return (listField(body, "stop_sequences") ?? []).map((sequence, i) => {
    if (typeof sequence === "string") return sequence;
    throw new InvalidRequestError(`stop_sequences[${i}]`, `stop_sequences[${i}] must be a string.`);
  });
}

function decodeSystem(body: JsonObject, decoding: Decoding): Turn[] {
  const parts = decodeContent(body["system"], "system", decoding);
  return parts.length === 0 ? [] : [{ role: "system", parts, at: "system" }];
}

function decodeMessages(body: JsonObject, decoding: Decoding): Turn[] {
  const messages = listField(body, "messages") ?? [];
  if (messages.length === 0)
    throw new InvalidRequestError("messages", "messages must be a list with at least one message.");
  return messages.map((item, i) => {
    const at = `messages[${i}]`;
    const message = objectItem(item, at);
    decoding.leftovers.collect(message, at, messageFields);
    const role = requiredString(message, "role", at);
    if (role !== "user" && role !== "assistant" && role !== "system")
      throw new InvalidRequestError(`${at}.role`, `${at}.role is not a role of this API.`);
    const parts = decodeContent(message["content"], `${at}.content`, decoding);
    // An assistant turn may be empty: Claude itself sometimes answers nothing after tool results.
    if (role !== "assistant") requireContent(parts, `${at}.content`);
    return { role, parts, at };
  });
}

/**
 * A thread is created or continued. Anthropic's SDK sends the whole conversation, without `thread`, when it is refused
 * with this code; were the field left out instead, it would go on with the newest messages alone.
 *
 * Source: the Anthropic SDK's `beta.messages.thread()`
 */
function decodeThread(body: JsonObject): ConversationRequest["kept"] {
  const thread = body["thread"];
  return thread === undefined || thread === null
    ? undefined
    : { at: "thread", code: "thread_unsupported_request" };
}

/**
 * `thinking` says whether, `output_config.effort` how hard. An effort alone counts as asking for reasoning: in
 * other dialects it is the only way to.
 */
function decodeReasoning(
  body: JsonObject,
  outputConfig: JsonObject,
  leftovers: Leftovers,
): ReasoningRequest | undefined {
  const thinking = objectField(body, "thinking");
  const named = stringField(outputConfig, "effort", "output_config");
  const effort = efforts.find((known) => known === named);
  if (named !== undefined && effort === undefined) leftovers.note("output_config.effort", named);
  const asked = effort === undefined ? {} : { effort };
  if (thinking === undefined) return effort === undefined ? undefined : { enabled: true, ...asked };
  leftovers.collect(thinking, "thinking", thinkingFields);
  switch (requiredString(thinking, "type", "thinking")) {
    case "disabled":
      return { enabled: false, ...asked };
    case "adaptive":
      return { enabled: true, ...asked };
    case "enabled":
      return {
        enabled: true,
        ...whenGiven("budget", numberField(thinking, "budget_tokens", "thinking")),
        ...asked,
      };
    default:
      leftovers.note("thinking", thinking);
      return effort === undefined ? undefined : { enabled: true, ...asked };
  }
}

/** `output_config.format`, or `output_format` as the beta called it. */
function decodeOutput(
  body: JsonObject,
  outputConfig: JsonObject,
  leftovers: Leftovers,
): OutputFormat | undefined {
  const inConfig = objectField(outputConfig, "format", "output_config");
  const format = inConfig ?? objectField(body, "output_format");
  if (format === undefined) return undefined;
  const at = inConfig === undefined ? "output_format" : "output_config.format";
  if (requiredString(format, "type", at) !== "json_schema") {
    leftovers.note(at, format);
    return undefined;
  }
  leftovers.collect(format, at, formatFields);
  // Anthropic always holds the answer to the schema.
  return { kind: "json-schema", schema: requiredObject(format, "schema", at), strict: true };
}
