/**
 * The neutral form, to `POST /model/{modelId}/converse` and `…/converse-stream`, whose bodies are the same. The
 * model and whether to stream are in the path.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { EncodeTarget, Quirks } from "../dialect.ts";
import { lostFields } from "../leftovers.ts";
import { CachePoints } from "./cache-points.ts";
import { encodeClaude, type VendorFields } from "./claude-fields.ts";
import { DocumentNames } from "./documents.ts";
import type { Encoding } from "./encode-content.ts";
import { encodeTools } from "./encode-tools.ts";
import { encodeTurns } from "./encode-turns.ts";
import { type ModelTraits, modelTraits } from "./model-traits.ts";
import { encodeOutput } from "./output-format.ts";
import { encodeReasoning, encodeTopK } from "./reasoning.ts";
import { encodeMetadata } from "./request-metadata.ts";

/** @throws InvalidRequestError when there is nothing to say, tool calls lack results, or media come by URL */
export function encodeRequest(
  request: ConversationRequest,
  target: EncodeTarget,
  losses: Losses,
): JsonObject {
  if (request.turns.length === 0)
    throw new InvalidRequestError(clientPath(request, "turns"), "at least one message is required");
  const traits = modelTraits(target.model);
  const cachePoints = new CachePoints(traits, losses);
  const encoding: Encoding = { losses, traits, cachePoints, names: new DocumentNames() };
  const tools = encodeTools(request, encoding);
  const { system, messages } = encodeTurns(request.turns, encoding);
  const output = encodeOutput(request, encoding);
  if (output.instruction !== undefined) system.push({ text: output.instruction });
  cachePoints.limit();
  const { fields, inference, effort } =
    traits.claude === undefined
      ? encodeOthers(request, target, traits, losses)
      : encodeClaude(request, target, traits.claude, messages, tools, losses);
  const stop = stopSequences(request, traits, losses);
  const inferenceConfig = { ...inference, ...stop };
  const toolConfig = tools.toolConfig && {
    ...tools.toolConfig,
    tools: cachePoints.kept(tools.toolConfig["tools"] as JsonObject[]),
  };
  reportUnsupported(request, losses);
  const body: JsonObject = {
    ...(system.length > 0 && { system: cachePoints.kept(system) }),
    messages: messages.map(({ role, content }) => ({ role, content: cachePoints.kept(content) })),
    ...(Object.keys(inferenceConfig).length > 0 && { inferenceConfig }),
    ...(toolConfig !== undefined && { toolConfig }),
    ...(output.textFormat !== undefined && {
      outputConfig: { textFormat: output.textFormat, ...(effort !== undefined && { effort }) },
    }),
    ...encodeMetadata(request, losses),
    ...serviceTier(request, losses),
    ...ownFields(request),
  };
  // Beside `outputConfig` Claude's own field of that name would be a conflict, which Bedrock refuses.
  if (effort !== undefined && output.textFormat === undefined) fields["output_config"] = { effort };
  const additional = { ...fields, ...objectOf(request.extra["additionalModelRequestFields"]) };
  if (Object.keys(additional).length > 0) body["additionalModelRequestFields"] = additional;
  // Only by asking is it told which of Claude's stop sequences was met.
  if (stop["stopSequences"] !== undefined && traits.claude !== undefined)
    body["additionalModelResponseFieldPaths"] ??= [
      request.stream ? "/delta/stop_sequence" : "/stop_sequence",
    ];
  return applyQuirks(body, target.quirks, losses);
}

function encodeOthers(
  request: ConversationRequest,
  target: EncodeTarget,
  traits: ModelTraits,
  losses: Losses,
): VendorFields {
  const maxTokens = request.maxOutputTokens ?? target.defaultMaxTokens;
  const { topP } = request;
  if (!traits.sampling) {
    if (request.temperature !== undefined)
      losses.dropped(clientPath(request, "temperature"), "this model refuses it");
    if (topP !== undefined) losses.dropped(clientPath(request, "topP"), "this model refuses it");
  }
  const temperature = traits.sampling ? clampedTemperature(request, losses) : undefined;
  return {
    fields: { ...encodeReasoning(request, traits, losses), ...encodeTopK(request, traits, losses) },
    inference: {
      ...(maxTokens !== undefined && { maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(traits.sampling && topP !== undefined && { topP }),
    },
  };
}

function clampedTemperature(request: ConversationRequest, losses: Losses): number | undefined {
  const { temperature } = request;
  if (temperature === undefined || temperature <= 1) return temperature;
  losses.approximated(clientPath(request, "temperature"), "Bedrock's temperature ends at 1");
  return 1;
}

function stopSequences(request: ConversationRequest, traits: ModelTraits, losses: Losses): JsonObject {
  const path = clientPath(request, "stop");
  if (request.stop.length > 0 && !traits.sampling) {
    losses.dropped(path, "this model takes no stop sequences");
    return {};
  }
  const sequences = request.stop.filter((sequence) => sequence.trim() !== "");
  if (sequences.length < request.stop.length)
    losses.dropped(path, "no stop sequence that is only white space is sent to Bedrock");
  return sequences.length > 0 ? { stopSequences: sequences } : {};
}

function serviceTier(request: ConversationRequest, losses: Losses): JsonObject {
  const tier = request.serviceTier;
  switch (tier) {
    case undefined:
    case "auto":
      return {};
    case "default":
    case "flex":
    case "priority":
    case "reserved":
      return { serviceTier: { type: tier } };
    case "standard_only":
      return { serviceTier: { type: "default" } };
    default:
      losses.dropped(clientPath(request, "serviceTier"), `Bedrock has no service tier ${tier}`);
      return {};
  }
}

/** Members of Converse that clients of other dialects have no word for and may send under Bedrock's own. */
const ownMembers = ["guardrailConfig", "performanceConfig", "additionalModelResponseFieldPaths"] as const;
const readExtras: ReadonlySet<string> = new Set([
  ...ownMembers,
  "additionalModelRequestFields",
  "requestMetadata",
  "metadata",
]);

function ownFields({ extra }: ConversationRequest): JsonObject {
  const given = ownMembers.flatMap((name) => {
    const value = extra[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

function reportUnsupported(request: ConversationRequest, losses: Losses): void {
  const report = (field: keyof ConversationRequest, why: string): void =>
    losses.dropped(clientPath(request, field), why);
  if ((request.candidates ?? 1) > 1) report("candidates", "Bedrock gives one answer");
  if (request.seed !== undefined) report("seed", "Bedrock takes no seed");
  if (request.logprobs === true) report("logprobs", "Bedrock gives no log probabilities");
  if ((request.topLogprobs ?? 0) > 0) report("topLogprobs", "Bedrock gives no log probabilities");
  if ((request.frequencyPenalty ?? 0) !== 0) report("frequencyPenalty", "Bedrock takes no penalties");
  if ((request.presencePenalty ?? 0) !== 0) report("presencePenalty", "Bedrock takes no penalties");
  for (const name of lostFields(request))
    if (!readExtras.has(name)) losses.dropped(name, "Bedrock has no such field");
}

/** Names are those of Converse; members of `inferenceConfig` are found as well. */
function applyQuirks(body: JsonObject, { unsupported, renamed }: Quirks, losses: Losses): JsonObject {
  for (const holder of [body, objectOf(body["inferenceConfig"])]) {
    for (const field of unsupported) {
      if (holder[field] === undefined) continue;
      delete holder[field];
      losses.dropped(field, "the provider refuses it");
    }
    for (const [field, name] of Object.entries(renamed)) {
      const value = holder[field];
      if (value === undefined) continue;
      delete holder[field];
      holder[name] ??= value;
    }
  }
  return body;
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
