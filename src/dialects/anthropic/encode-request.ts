/**
 * The neutral form, to `POST /v1/messages`.
 *
 * Source: https://docs.anthropic.com/en/api/messages
 */

import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { EncodeTarget } from "../dialect.ts";
import { lostFields, Restorer } from "../leftovers.ts";
import { CacheMarkers } from "./cache-markers.ts";
import type { Encoding } from "./encode-content.ts";
import { encodeTools } from "./encode-tools.ts";
import { encodeTurns, type Message } from "./encode-turns.ts";
import { type ModelTraits, modelTraits } from "./model-traits.ts";
import { encodeOutput } from "./output-format.ts";
import { applyQuirks } from "./quirks.ts";
import { encodeSampling } from "./sampling.ts";
import { encodeThinking } from "./thinking.ts";

/** @throws InvalidRequestError when tool calls and results do not match, or there is nothing to say */
export function encodeRequest(
  request: ConversationRequest,
  target: EncodeTarget,
  losses: Losses,
): JsonObject {
  if (request.turns.length === 0)
    throw new InvalidRequestError(clientPath(request, "turns"), "at least one message is required");
  const traits = modelTraits(target.model);
  const isOwn = request.dialect === "anthropic";
  const encoding: Encoding = {
    losses,
    markers: new CacheMarkers(),
    restorer: new Restorer(request, "anthropic"),
    isOwn,
  };
  const { tools, toolChoice, forced } = encodeTools(request, traits, encoding);
  const { system, messages } = encodeTurns(request.turns, traits, encoding);
  const maxTokens = limitOf(request, target, traits, losses);
  const thinking = encodeThinking({ request, traits, messages, toolsForced: forced, maxTokens, losses });
  const output = encodeOutput(request, traits, encoding);
  if (output.instruction !== undefined) system.push({ type: "text", text: output.instruction });
  reportUnsupported(request, losses);

  const body: JsonObject = {
    model: target.model,
    max_tokens: thinking.maxTokens,
    ...(request.stream && { stream: true }),
    ...(system.length > 0 && { system: systemOf(system) }),
    ...(tools !== undefined && { tools }),
    ...(toolChoice !== undefined && { tool_choice: toolChoice }),
    messages: messages.map((message) => encodeMessage(message, encoding)),
    ...encodeSampling(request, traits, thinking.thinks, losses),
    ...stopSequences(request, losses),
    ...(thinking.thinking !== undefined && { thinking: thinking.thinking }),
    ...(request.user !== undefined && { metadata: { user_id: request.user } }),
    ...serviceTier(request, losses),
  };
  const outputConfig: JsonObject = {
    ...(thinking.effort !== undefined && { effort: thinking.effort }),
    ...(output.format !== undefined && { format: output.format }),
  };
  if (Object.keys(outputConfig).length > 0) body["output_config"] = outputConfig;
  restoreExtra(body, encoding);
  encoding.markers.limit(isObject(body["cache_control"]) ? 1 : 0, losses);
  return applyQuirks(body, target.quirks, request, losses);
}

function limitOf(
  request: ConversationRequest,
  target: EncodeTarget,
  traits: ModelTraits,
  losses: Losses,
): number {
  const limit = traits.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const asked = request.maxOutputTokens;
  if (asked === undefined) return Math.min(target.defaultMaxTokens ?? traits.defaultMaxTokens, limit);
  if (asked <= limit) return asked;
  losses.approximated(clientPath(request, "maxOutputTokens"), `this model writes at most ${limit} tokens`);
  return limit;
}

/** The short forms where they say the same: they keep the body readable, and clients write them too. */
function systemOf(blocks: JsonObject[]): string | JsonObject[] {
  const [first] = blocks;
  return first !== undefined && blocks.length === 1 && isPlainText(first) ? String(first["text"]) : blocks;
}

function encodeMessage(message: Message, encoding: Encoding): JsonObject {
  const [first] = message.content;
  const isPlain = first !== undefined && message.content.length === 1 && isPlainText(first);
  const encoded: JsonObject = {
    role: message.role,
    content: isPlain ? String(first["text"]) : message.content,
  };
  encoding.restorer.restore(encoded, message.at);
  return encoded;
}

function isPlainText(block: JsonObject): boolean {
  return block["type"] === "text" && Object.keys(block).length === 2;
}

function stopSequences(request: ConversationRequest, losses: Losses): JsonObject {
  const sequences = request.stop.filter((sequence) => sequence.trim() !== "");
  if (sequences.length < request.stop.length)
    losses.dropped(clientPath(request, "stop"), "Anthropic takes no stop sequence that is only white space");
  return sequences.length > 0 ? { stop_sequences: sequences } : {};
}

/** Anthropic: `auto` may use the priority tier that was bought, `standard_only` may not. */
function serviceTier(request: ConversationRequest, losses: Losses): JsonObject {
  const tier = request.serviceTier;
  switch (tier) {
    case undefined:
      return {};
    case "auto":
    case "standard_only":
      return { service_tier: tier };
    case "default":
      return { service_tier: "standard_only" };
    case "priority":
      losses.approximated(
        clientPath(request, "serviceTier"),
        "Anthropic uses priority capacity when there is some",
      );
      return { service_tier: "auto" };
    default:
      losses.dropped(clientPath(request, "serviceTier"), `Anthropic has no service tier ${tier}`);
      return {};
  }
}

function reportUnsupported(request: ConversationRequest, losses: Losses): void {
  const report = (field: keyof ConversationRequest, why: string): void =>
    losses.dropped(clientPath(request, field), why);
  if ((request.candidates ?? 1) > 1) report("candidates", "Claude gives one answer");
  if (request.seed !== undefined) report("seed", "Claude takes no seed");
  if (request.logprobs === true) report("logprobs", "Claude gives no log probabilities");
  if ((request.topLogprobs ?? 0) > 0) report("topLogprobs", "Claude gives no log probabilities");
  if ((request.frequencyPenalty ?? 0) !== 0) report("frequencyPenalty", "Claude takes no penalties");
  if ((request.presencePenalty ?? 0) !== 0) report("presencePenalty", "Claude takes no penalties");
  if (request.dialect === "anthropic") return;
  for (const name of lostFields(request)) losses.dropped(name, "Anthropic has no such field");
}

/** Leftovers of the top level, and of the objects that it holds. Those of blocks are back already. */
function restoreExtra(body: JsonObject, encoding: Encoding): void {
  if (!encoding.isOwn) return;
  encoding.restorer.restore(body, "");
  for (const name of ["metadata", "thinking", "output_config"]) {
    const object: JsonObject = isObject(body[name]) ? body[name] : {};
    // Without thinking there is nothing whose display could be asked for.
    if (name === "thinking" && !isObject(body[name])) continue;
    encoding.restorer.restore(object, name);
    if (Object.keys(object).length > 0) body[name] = object;
  }
}
