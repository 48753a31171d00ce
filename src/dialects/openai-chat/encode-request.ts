/**
 * A neutral request as a Chat Completions request.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, OutputFormat, ReasoningRequest } from "../../conversation/request.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { EncodeTarget } from "../dialect.ts";
import { foreignType } from "./encode-content.ts";
import { encodeMessages } from "./encode-messages.ts";
import { fitToModel } from "./model-traits.ts";
import { applyQuirks, type FieldChanges, withChanges } from "./quirks.ts";
import { isStrictSchema } from "./strict-schema.ts";
import { encodeTool, encodeToolChoice } from "./tools.ts";
import { isInnerPath } from "./unread-members.ts";

/** OpenAI's limit of stop sequences. */
const maxStops = 4;
/** Budgets up to these, in tokens, are a low and a medium effort; above it is high. */
const lowBudget = 2048;
const mediumBudget = 8192;

type NeutralField = keyof ConversationRequest;

/** Our fields that are one field of theirs, in the order they are written. */
const plainFields: ReadonlyArray<readonly [neutral: NeutralField, name: string]> = [
  ["parallelToolCalls", "parallel_tool_calls"],
  ["maxOutputTokens", "max_completion_tokens"],
  ["temperature", "temperature"],
  ["topP", "top_p"],
  ["seed", "seed"],
  ["candidates", "n"],
  ["logprobs", "logprobs"],
  ["topLogprobs", "top_logprobs"],
  ["frequencyPenalty", "frequency_penalty"],
  ["presencePenalty", "presence_penalty"],
  ["user", "user"],
];

/** Where the loss of a field is reported when quirks remove it. */
const neutralOf: ReadonlyMap<string, NeutralField> = new Map([
  ...plainFields.map(([neutral, name]) => [name, neutral] as const),
  ["stop", "stop"],
  ["tools", "tools"],
  ["tool_choice", "toolChoice"],
  ["reasoning_effort", "reasoning"],
  ["response_format", "output"],
  ["service_tier", "serviceTier"],
]);

/** Nothing makes OpenAI refuse a request as a whole, so this does not throw. */
export function encodeRequest(
  request: ConversationRequest,
  target: EncodeTarget,
  losses: Losses,
): JsonObject {
  const isOwnDialect = request.dialect === "openai-chat";
  const pathOf = (neutral: NeutralField, name: string): string => request.paths[neutral] ?? name;
  const body: JsonObject = {
    model: target.model,
    messages: encodeMessages(request.turns, { losses, isOwnDialect }),
  };
  encodeTools(request, body, losses);
  for (const [neutral, name] of plainFields) {
    const value = request[neutral];
    // OpenAI refuses `parallel_tool_calls` without tools, where it means nothing.
    if (value === undefined || (neutral === "parallelToolCalls" && body["tools"] === undefined)) continue;
    body[name] = value as JsonValue;
  }
  if (request.stop.length > maxStops) {
    losses.approximated(
      pathOf("stop", "stop"),
      `OpenAI takes ${maxStops} stop sequences; the first ones are sent.`,
    );
  }
  if (request.stop.length > 0) body["stop"] = request.stop.slice(0, maxStops);
  encodeReasoning(request.reasoning, body, pathOf("reasoning", "reasoning"), losses);
  if (request.output !== undefined)
    body["response_format"] = encodeOutputFormat(request, request.output, losses);
  encodeServiceTier(request, body, pathOf("serviceTier", "service_tier"), losses);
  if (request.topK !== undefined) {
    if (isOwnDialect) body["top_k"] = request.topK;
    else losses.dropped(pathOf("topK", "top_k"), "OpenAI has no top_k.");
  }
  encodeExtra(request, body, losses);
  if (request.stream) {
    body["stream"] = true;
    // Always asked, since the gateway meters; the client sees it only when it asked too.
    body["stream_options"] = { ...(body["stream_options"] as JsonObject | undefined), include_usage: true };
  }
  const clientPath = (name: string): string | undefined => {
    const neutral = neutralOf.get(name);
    if (neutral !== undefined) return pathOf(neutral, name);
    return name in request.extra ? name : undefined;
  };
  const fitted = isOwnDialect ? body : fitToModel(body, target.model, losses, clientPath);
  const changes: FieldChanges = {};
  applyQuirks(target.quirks, (name) => fitted[name], changes, losses, clientPath);
  return withChanges(fitted, changes);
}

function encodeTools(request: ConversationRequest, body: JsonObject, losses: Losses): void {
  const tools = request.tools.map((tool) => {
    if (tool.cache !== undefined) {
      losses.approximated(
        `${tool.at}.cache_control`,
        "OpenAI caches long prompts by itself; markers are not sent.",
      );
    }
    return encodeTool(tool);
  });
  for (const tool of request.foreignTools) {
    if (tool.dialect === "openai-chat") tools.push(tool.value);
    else losses.dropped(tool.at, `OpenAI has no ${foreignType(tool.value)} tool.`);
  }
  if (tools.length > 0) body["tools"] = tools;
  if (request.toolChoice === undefined) return;
  // OpenAI refuses a choice without tools; when all were lost there is nothing to choose from.
  if (tools.length > 0) body["tool_choice"] = encodeToolChoice(request.toolChoice);
  else if (request.toolChoice.kind !== "none" && request.toolChoice.kind !== "auto") {
    losses.dropped(request.paths.toolChoice ?? "tool_choice", "There are no tools to choose from.");
  }
}

function encodeReasoning(
  reasoning: ReasoningRequest | undefined,
  body: JsonObject,
  path: string,
  losses: Losses,
): void {
  if (reasoning === undefined) return;
  const { enabled, effort, budget } = reasoning;
  if (effort !== undefined && (enabled || effort === "none")) body["reasoning_effort"] = effort;
  if (!enabled || budget === undefined) return;
  const why = "OpenAI takes an effort instead of a budget of tokens.";
  losses.approximated(path, why);
  if (effort === undefined) {
    body["reasoning_effort"] = budget > mediumBudget ? "high" : budget > lowBudget ? "medium" : "low";
  }
}

function encodeOutputFormat(request: ConversationRequest, output: OutputFormat, losses: Losses): JsonObject {
  switch (output.kind) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "json-schema": {
      // OpenAI demands a name.
      const declared: JsonObject = { name: output.name ?? "answer", schema: output.schema };
      if (output.description !== undefined) declared["description"] = output.description;
      const canHold = request.dialect === "openai-chat" || isStrictSchema(output.schema);
      if (output.strict !== undefined && canHold) declared["strict"] = output.strict;
      else if (output.strict === true) {
        const why = "OpenAI cannot hold an answer to this schema; the model is only told of it.";
        losses.approximated(request.paths.output ?? "output", why);
      }
      return { type: "json_schema", json_schema: declared };
    }
    default: {
      const unknown: never = output;
      throw new TypeError(`unknown output format: ${JSON.stringify(unknown)}`);
    }
  }
}

/** Tiers are a provider's own offers; `auto` and the ordinary one are known to all. */
function encodeServiceTier(
  request: ConversationRequest,
  body: JsonObject,
  path: string,
  losses: Losses,
): void {
  const tier = request.serviceTier;
  if (tier === undefined) return;
  if (request.dialect === "openai-chat" || tier === "auto") body["service_tier"] = tier;
  else if (tier === "standard_only") body["service_tier"] = "default";
  else losses.dropped(path, "OpenAI has no such service tier.");
}

function encodeExtra(request: ConversationRequest, body: JsonObject, losses: Losses): void {
  for (const [name, value] of Object.entries(request.extra)) {
    if (request.dialect !== "openai-chat") losses.dropped(name, "OpenAI Chat Completions has no such field.");
    else if (isInnerPath(name))
      losses.dropped(name, "It has no neutral meaning and is not kept in a translation.");
    else body[name] = value;
  }
}
