/**
 * A neutral request as a Responses request. Nothing of it is kept by the provider (`store: false`): the client has the
 * conversation, and what the provider must find again in it comes back encrypted.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */
import { createHash } from "node:crypto";
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, OutputFormat, Turn } from "../../conversation/request.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import type { EncodeTarget } from "../dialect.ts";
import { lostFields } from "../leftovers.ts";
import { encodeEffort } from "../openai-chat/effort.ts";
import { foreignType } from "../openai-chat/encode-content.ts";
import { fitTool } from "../openai-chat/fit-tool.ts";
import { encodeJsonSchema } from "../openai-chat/json-schema.ts";
import { withJsonWord } from "../openai-chat/json-word.ts";
import { fitToModel, modelTraits } from "../openai-chat/model-traits.ts";
import { applyQuirks, type FieldChanges, responsesDefaults, withChanges } from "../openai-chat/quirks.ts";
import { encodeServiceTier } from "../openai-chat/service-tier.ts";
import { vendorFields } from "../openai-chat/vendor-fields.ts";
import { encodeInput } from "./encode-input.ts";
import { encodeTool, encodeToolChoice } from "./tools.ts";
import { type PathOf, reportUnsupported } from "./unsupported.ts";

/** The API takes no smaller limit. Tokens. */
const minOutputTokens = 16;
/** Longest `user` that OpenAI takes. */
const maxUserLength = 64;

/** Where the loss of a field is reported when quirks or the model remove it. */
const neutralOf: ReadonlyMap<string, keyof ConversationRequest> = new Map([
  ["tools", "tools"],
  ["tool_choice", "toolChoice"],
  ["parallel_tool_calls", "parallelToolCalls"],
  ["max_output_tokens", "maxOutputTokens"],
  ["temperature", "temperature"],
  ["top_p", "topP"],
  ["logprobs", "logprobs"],
  ["top_logprobs", "topLogprobs"],
  ["reasoning", "reasoning"],
  ["reasoning_effort", "reasoning"],
  ["text", "output"],
  ["user", "user"],
  ["service_tier", "serviceTier"],
]);

/** Nothing makes OpenAI refuse a request as a whole, so this does not throw. */
export function encodeRequest(
  request: ConversationRequest,
  target: EncodeTarget,
  losses: Losses,
): JsonObject {
  const isOwnDialect = request.dialect === "openai-responses";
  const pathOf: PathOf = (neutral, name) => request.paths[neutral] ?? name;
  const { instructions, turns: rest } = splitInstructions(request.turns);
  // Instructions do not count.
  const turns = withJsonWord(rest, request, "openai-responses");
  const body: JsonObject = {
    model: target.model,
    ...(instructions === undefined ? {} : { instructions }),
    input: encodeInput(turns, { losses, isOwnDialect }),
    ...encodeTools(request, losses),
    ...encodeLimit(request, losses),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { top_p: request.topP }),
    ...(request.topLogprobs === undefined ? {} : { top_logprobs: request.topLogprobs }),
    ...encodeUser(request, losses),
  };
  const effort =
    request.reasoning && encodeEffort(request.reasoning, pathOf("reasoning", "reasoning"), losses);
  // By the names that models' traits know them by; `inPlace` puts them where they belong.
  if (effort !== undefined) body["reasoning_effort"] = effort;
  if (request.logprobs === true) body["logprobs"] = true;
  const tier = encodeServiceTier(request, pathOf("serviceTier", "service_tier"), losses, "openai-responses");
  if (tier !== undefined) body["service_tier"] = tier;
  if (request.output !== undefined) body["text"] = { format: encodeFormat(request, request.output, losses) };
  body["store"] = false;
  encodeExtra(request, body, losses);
  reportUnsupported(request, pathOf, losses);
  if (request.stream) body["stream"] = true;
  const clientPath = (name: string): string | undefined => {
    const neutral = neutralOf.get(name);
    if (neutral !== undefined) return pathOf(neutral, name);
    return name in request.extra ? name : undefined;
  };
  const fitted = isOwnDialect ? body : fitToModel(body, target.model, losses, clientPath);
  const finished = inPlace(fitted, request, target.model);
  const changes: FieldChanges = {};
  applyQuirks(target.quirks, (name) => finished[name], changes, losses, clientPath, responsesDefaults);
  return withChanges(finished, changes);
}

/** A first system turn of one text is what `instructions` are; others stay where they are, as messages. */
function splitInstructions(turns: readonly Turn[]): { instructions?: string; turns: readonly Turn[] } {
  const first = turns[0];
  const only = first?.role === "system" && first.parts.length === 1 ? first.parts[0] : undefined;
  // Instructions alone would leave nothing to answer.
  if (only?.kind !== "text" || only.text === "" || only.cache !== undefined || turns.length === 1)
    return { turns };
  return { instructions: only.text, turns: turns.slice(1) };
}

function encodeTools(request: ConversationRequest, losses: Losses): JsonObject {
  const tools = request.tools.map((tool) => {
    if (tool.cache !== undefined)
      losses.approximated(
        `${tool.at}.cache_control`,
        "OpenAI caches long prompts by itself; markers are not sent.",
      );
    return encodeTool(fitTool(tool, request.dialect, "openai-responses", losses));
  });
  for (const tool of request.foreignTools) {
    if (tool.dialect === "openai-responses") tools.push(tool.value);
    else losses.droppedContent(tool.at, `OpenAI has no ${foreignType(tool.value)} tool.`);
  }
  const { toolChoice, parallelToolCalls } = request;
  if (tools.length > 0) {
    return {
      tools,
      ...(toolChoice === undefined ? {} : { tool_choice: encodeToolChoice(toolChoice) }),
      ...(parallelToolCalls === undefined ? {} : { parallel_tool_calls: parallelToolCalls }),
    };
  }
  if (toolChoice !== undefined && toolChoice.kind !== "none" && toolChoice.kind !== "auto")
    losses.dropped(request.paths.toolChoice ?? "tool_choice", "There are no tools to choose from.");
  return {};
}

function encodeLimit({ maxOutputTokens: limit, paths }: ConversationRequest, losses: Losses): JsonObject {
  if (limit === undefined) return {};
  if (limit < minOutputTokens)
    losses.approximated(
      paths.maxOutputTokens ?? "max_tokens",
      `OpenAI's smallest limit is ${minOutputTokens} tokens.`,
    );
  return { max_output_tokens: Math.max(limit, minOutputTokens) };
}

/** Too long a name becomes its digest: the same user stays the same. */
function encodeUser({ user, paths }: ConversationRequest, losses: Losses): JsonObject {
  if (user === undefined || user.length <= maxUserLength) return user === undefined ? {} : { user };
  losses.approximated(paths.user ?? "user", `OpenAI takes ${maxUserLength} characters; its digest is sent.`);
  return { user: createHash("sha256").update(user).digest("hex") };
}

function encodeFormat(request: ConversationRequest, output: OutputFormat, losses: Losses): JsonObject {
  switch (output.kind) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "json-schema":
      return { type: "json_schema", ...encodeJsonSchema(request, output, losses) };
    default: {
      const unknown: never = output;
      throw new TypeError(`unknown output format: ${JSON.stringify(unknown)}`);
    }
  }
}

/** Fields of this dialect's own requests go back as they were, and so do those of OpenAI's other API. */
function encodeExtra(request: ConversationRequest, body: JsonObject, losses: Losses): void {
  const carried = new Set<string>();
  for (const [name, { from, value }] of Object.entries(vendorFields(request, "openai-responses"))) {
    setAt(body, name, value);
    carried.add(from);
  }
  if (request.dialect !== "openai-responses") {
    const lost = lostFields(request).filter((name) => !carried.has(name));
    for (const name of lost) losses.dropped(name, "OpenAI's Responses API has no such field.");
    return;
  }
  for (const [name, value] of Object.entries(request.extra)) {
    if (name.includes("["))
      losses.dropped(name, "It has no neutral meaning and is not kept in a translation.");
    else setAt(body, name, value);
  }
}

/** @param path a name, or one inside another: `text.verbosity` */
function setAt(body: JsonObject, path: string, value: JsonValue): void {
  const dot = path.indexOf(".");
  if (dot < 0) body[path] = value;
  else {
    const outer = path.slice(0, dot);
    const known = body[outer];
    const inner: JsonObject = isObject(known) ? { ...known } : {};
    setAt(inner, path.slice(dot + 1), value);
    body[outer] = inner;
  }
}

/**
 * What models' traits know by the names of Chat Completions, in its place here.
 *
 * A summary of the thinking is asked for where the client's format has a place for it as a matter of course. OpenAI
 * gives summaries of some models to verified organisations only, so chat clients, who rarely look for one, go without.
 * Models that do not think refuse to be asked for their reasoning.
 */
function inPlace(body: JsonObject, { reasoning, dialect }: ConversationRequest, model: string): JsonObject {
  const { reasoning_effort: effort, reasoning: own, logprobs, ...rest } = body;
  const { thinking } = modelTraits(model);
  const isShown =
    reasoning?.enabled === true && effort !== "none" && thinking !== "no" && dialect !== "openai-chat";
  const members: JsonObject = {
    ...(isObject(own) ? own : {}),
    ...(effort === undefined ? {} : { effort }),
    ...(isShown ? { summary: "auto" } : {}),
  };
  const isAsked = Object.keys(members).length > 0;
  const include = [
    ...(thinking === "yes" || (thinking === "unknown" && isAsked) ? ["reasoning.encrypted_content"] : []),
    ...(logprobs === true ? ["message.output_text.logprobs"] : []),
  ];
  return {
    ...rest,
    ...(isAsked ? { reasoning: members } : {}),
    ...(include.length > 0 ? { include } : {}),
  };
}
