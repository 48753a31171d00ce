/**
 * A neutral request as a Chat Completions request.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, OutputFormat } from "../../conversation/request.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { EncodeTarget } from "../dialect.ts";
import { lostFields } from "../leftovers.ts";
import { encodeEffort } from "./effort.ts";
import { foreignType } from "./encode-content.ts";
import { encodeMessages } from "./encode-messages.ts";
import { fitTool } from "./fit-tool.ts";
import { encodeJsonSchema } from "./json-schema.ts";
import { withJsonWord } from "./json-word.ts";
import { fitMessages } from "./message-quirks.ts";
import { fitToModel } from "./model-traits.ts";
import { applyQuirks, type FieldChanges, withChanges } from "./quirks.ts";
import { encodeServiceTier } from "./service-tier.ts";
import { encodeTool, encodeToolChoice } from "./tools.ts";
import { isInnerPath } from "./unread-members.ts";
import { vendorFields } from "./vendor-fields.ts";

/** OpenAI's limit of stop sequences. */
const maxStops = 4;

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
  const turns = withJsonWord(request.turns, request, "openai-chat");
  const messages = encodeMessages(turns, { losses, isOwnDialect });
  const { messages: quirks } = target.quirks;
  const body: JsonObject = {
    model: target.model,
    messages: quirks === undefined ? messages : fitMessages(messages, quirks, losses),
  };
  encodeTools(request, body, losses);
  for (const [neutral, name] of plainFields) {
    const value = request[neutral];
    // OpenAI refuses `parallel_tool_calls` without tools, where it means nothing.
    if (value === undefined || (neutral === "parallelToolCalls" && body["tools"] === undefined)) continue;
    // Nor does it take this by itself; others' clients say 0 where they want none.
    if (neutral === "topLogprobs" && request.logprobs !== true && !isOwnDialect) continue;
    body[name] = value as JsonValue;
  }
  if (request.stop.length > maxStops) {
    losses.approximated(
      pathOf("stop", "stop"),
      `OpenAI takes ${maxStops} stop sequences; the first ones are sent.`,
    );
  }
  if (request.stop.length > 0) body["stop"] = request.stop.slice(0, maxStops);
  const effort =
    request.reasoning && encodeEffort(request.reasoning, pathOf("reasoning", "reasoning"), losses);
  if (effort !== undefined) body["reasoning_effort"] = effort;
  if (request.output !== undefined)
    body["response_format"] = encodeOutputFormat(request, request.output, losses);
  const tier = encodeServiceTier(request, pathOf("serviceTier", "service_tier"), losses, "openai-chat");
  if (tier !== undefined) body["service_tier"] = tier;
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
    return encodeTool(fitTool(tool, request.dialect, "openai-chat", losses));
  });
  for (const tool of request.foreignTools) {
    if (tool.dialect === "openai-chat") tools.push(tool.value);
    else losses.droppedContent(tool.at, `OpenAI has no ${foreignType(tool.value)} tool.`);
  }
  if (tools.length > 0) body["tools"] = tools;
  if (request.toolChoice === undefined) return;
  // OpenAI refuses a choice without tools; when all were lost there is nothing to choose from.
  if (tools.length > 0) body["tool_choice"] = encodeToolChoice(request.toolChoice);
  else if (request.toolChoice.kind !== "none" && request.toolChoice.kind !== "auto") {
    losses.dropped(request.paths.toolChoice ?? "tool_choice", "There are no tools to choose from.");
  }
}

function encodeOutputFormat(request: ConversationRequest, output: OutputFormat, losses: Losses): JsonObject {
  switch (output.kind) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "json-schema":
      return { type: "json_schema", json_schema: encodeJsonSchema(request, output, losses) };
    default: {
      const unknown: never = output;
      throw new TypeError(`unknown output format: ${JSON.stringify(unknown)}`);
    }
  }
}

function encodeExtra(request: ConversationRequest, body: JsonObject, losses: Losses): void {
  const known = vendorFields(request, "openai-chat");
  for (const [name, { value }] of Object.entries(known)) body[name] = value;
  const carried = new Set(Object.values(known).map(({ from }) => from));
  if (request.dialect !== "openai-chat") {
    const lost = lostFields(request).filter((name) => !carried.has(name));
    for (const name of lost) losses.dropped(name, "OpenAI Chat Completions has no such field.");
    return;
  }
  for (const [name, value] of Object.entries(request.extra)) {
    if (isInnerPath(name))
      losses.dropped(name, "It has no neutral meaning and is not kept in a translation.");
    else body[name] = value;
  }
}
