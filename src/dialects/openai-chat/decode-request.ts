/**
 * A Chat Completions request in neutral form.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ConversationRequest, OutputFormat, ReasoningRequest } from "../../conversation/request.ts";
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
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { ClientCall } from "../dialect.ts";
import { withThoughtsApart } from "../thought-ids.ts";
import { decodeMessages } from "./decode-messages.ts";
import { decodeStop } from "./stop.ts";
import { decodeTools } from "./tools.ts";
import { unreadMembers } from "./unread-members.ts";

/** Top-level fields that have a neutral meaning; all others are kept in `extra`. */
const known: ReadonlySet<string> = new Set([
  ...["model", "messages", "tools", "functions", "tool_choice", "function_call", "parallel_tool_calls"],
  ...[
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "seed",
    "n",
    "logprobs",
  ],
  ...[
    "top_logprobs",
    "frequency_penalty",
    "presence_penalty",
    "reasoning_effort",
    "thinking",
    "response_format",
  ],
  ...["user", "service_tier", "stream", "stream_options"],
]);

/** @throws InvalidRequestError with the JSON path */
export function decodeRequest(body: JsonObject, { seal }: ClientCall): ConversationRequest {
  const messages = listField(body, "messages");
  if (messages === undefined || messages.length === 0) {
    throw new InvalidRequestError("messages", "messages must be a list with at least one message.");
  }
  const { tools, foreignTools, toolChoice, ownToolChoice, isLegacy } = decodeTools(body);
  const streamOptions = objectField(body, "stream_options");
  const maxTokensField = body["max_completion_tokens"] == null ? "max_tokens" : "max_completion_tokens";
  const stream = booleanField(body, "stream") ?? false;
  const request: ConversationRequest = {
    model: requiredString(body, "model"),
    turns: withThoughtsApart(decodeMessages(messages, seal), "id"),
    tools,
    foreignTools,
    stop: decodeStop(body["stop"]),
    stream,
    includeUsage: stream && streamOptions?.["include_usage"] === true,
    extra: decodeExtra(body, streamOptions, ownToolChoice),
    dialect: "openai-chat",
    paths: {
      turns: "messages",
      maxOutputTokens: maxTokensField,
      ...(isLegacy ? { tools: "functions", toolChoice: "function_call" } : {}),
      ...(isObject(body["thinking"]) ? { reasoning: "thinking" } : {}),
    },
  };
  const optional = {
    toolChoice,
    parallelToolCalls: booleanField(body, "parallel_tool_calls"),
    maxOutputTokens: numberField(body, maxTokensField),
    temperature: numberField(body, "temperature"),
    topP: numberField(body, "top_p"),
    topK: numberField(body, "top_k"),
    seed: numberField(body, "seed"),
    candidates: numberField(body, "n"),
    logprobs: booleanField(body, "logprobs"),
    topLogprobs: numberField(body, "top_logprobs"),
    frequencyPenalty: numberField(body, "frequency_penalty"),
    presencePenalty: numberField(body, "presence_penalty"),
    reasoning: decodeReasoningRequest(body),
    output: decodeOutputFormat(objectField(body, "response_format")),
    user: stringField(body, "user"),
    serviceTier: stringField(body, "service_tier"),
  };
  return { ...request, ...withoutUndefined(optional) };
}

/** `thinking` is Anthropic's own field, which clients of gateways send beside OpenAI's. */
function decodeReasoningRequest(body: JsonObject): ReasoningRequest | undefined {
  const thinking = objectField(body, "thinking");
  const effort = stringField(body, "reasoning_effort");
  if (effort === undefined && thinking === undefined) return undefined;
  const budget = thinking === undefined ? undefined : numberField(thinking, "budget_tokens", "thinking");
  const isEnabled = thinking === undefined ? effort !== "none" : thinking["type"] !== "disabled";
  return {
    enabled: isEnabled,
    ...(effort === undefined ? {} : { effort: knownEffort(effort) }),
    ...(budget === undefined ? {} : { budget }),
  };
}

function knownEffort(effort: string): NonNullable<ReasoningRequest["effort"]> {
  switch (effort) {
    case "none":
    case "minimal":
    case "low":
    case "medium":
    case "high":
    case "xhigh":
    case "max":
      return effort;
    default:
      throw new InvalidRequestError("reasoning_effort", "reasoning_effort is not an effort of this API.");
  }
}

function decodeOutputFormat(format: JsonObject | undefined): OutputFormat | undefined {
  if (format === undefined) return undefined;
  const at = "response_format";
  switch (requiredString(format, "type", at)) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json" };
    case "json_schema": {
      const declared = requiredObject(format, "json_schema", at);
      const path = `${at}.json_schema`;
      const optional = {
        name: stringField(declared, "name", path),
        description: stringField(declared, "description", path),
        strict: booleanField(declared, "strict", path),
      };
      const schema = requiredObject(declared, "schema", path);
      return { kind: "json-schema", schema, ...withoutUndefined(optional) };
    }
    default:
      throw new InvalidRequestError(`${at}.type`, `${at}.type is not a format of this API.`);
  }
}

function decodeExtra(
  body: JsonObject,
  streamOptions: JsonObject | undefined,
  ownToolChoice: JsonObject | undefined,
): Record<string, JsonValue> {
  const extra = Object.entries(body).filter(([name, value]) => !known.has(name) && value !== null);
  const { include_usage: _, ...options } = streamOptions ?? {};
  if (Object.keys(options).length > 0) extra.push(["stream_options", options]);
  if (ownToolChoice !== undefined) extra.push(["tool_choice", ownToolChoice]);
  return Object.fromEntries([...extra, ...unreadMembers(body)]);
}
