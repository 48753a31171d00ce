/**
 * The neutral form, to the body of `POST …/predictions`: the input, in the words of the model's own schema. The model is
 * in the path, unless it is asked for by its version.
 *
 * Source: https://replicate.com/docs/reference/http#models.predictions.create
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { EncodeTarget, Quirks } from "../dialect.ts";
import { PromptImages } from "./encode-content.ts";
import { encodeTurns } from "./encode-turns.ts";
import { parseModelName } from "./model-name.ts";
import { type ModelTraits, modelTraits, type SamplingField } from "./model-traits.ts";
import { outputInstruction } from "./output-format.ts";
import { encodeReasoning } from "./reasoning.ts";

/** @throws InvalidRequestError when nothing that can be said is left, or the model is none of Replicate's */
export function encodeRequest(
  request: ConversationRequest,
  target: EncodeTarget,
  losses: Losses,
): JsonObject {
  const model = parseModelName(target.model);
  if (model === undefined) {
    const forms = "owner/name, owner/name:version or deployments/owner/name";
    throw new InvalidRequestError(clientPath(request, "model"), `Replicate's models are called ${forms}`);
  }
  const traits = modelTraits(target.model);
  const images = new PromptImages(traits, losses);
  const turns = encodeTurns(request, traits, outputInstruction(request, losses), images, losses);
  const reasoning = encodeReasoning(request, traits, losses);
  reportTools(request, losses);
  const input: JsonObject = {
    ...turns,
    ...images.encode(),
    ...limit(request, target, traits, reasoning, losses),
    ...sampling(request, traits, losses),
    ...reasoning,
    ...extras(request, traits, losses),
  };
  reportUnsupported(request, losses);
  applyQuirks(input, target.quirks, losses);
  return { ...(model.kind === "version" && { version: model.version }), input };
}

/** Room for the answer behind the thinking, where no limit was given. */
const answerTokens = 8192;

function limit(
  request: ConversationRequest,
  target: EncodeTarget,
  { limit: { field, least, most } }: ModelTraits,
  reasoning: JsonObject,
  losses: Losses,
): JsonObject {
  const budget = reasoning["thinking_budget_tokens"];
  const needed = typeof budget === "number" ? Math.min(budget + answerTokens, most) : 0;
  const usual = Math.max(target.defaultMaxTokens ?? 0, needed);
  const wanted = request.maxOutputTokens ?? (usual > 0 ? usual : undefined);
  if (wanted === undefined) return {};
  const given = Math.min(Math.max(wanted, least), most);
  if (given !== wanted && request.maxOutputTokens !== undefined)
    losses.approximated(clientPath(request, "maxOutputTokens"), `this model's limit is ${given} tokens`);
  return { [field]: given };
}

const names: Readonly<Record<SamplingField, string>> = {
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  seed: "seed",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  stop: "stop_sequences",
};

function sampling(request: ConversationRequest, traits: ModelTraits, losses: Losses): JsonObject {
  const fields: JsonObject = {};
  for (const field of Object.keys(names) as SamplingField[]) {
    const value = field === "stop" ? stopSequences(request, traits, losses) : request[field];
    if (value === undefined) continue;
    if (!traits.sampling.has(field))
      losses.dropped(clientPath(request, field), "this model's schema has no such field");
    else if (field === "temperature" && Number(value) < traits.coldest) {
      fields[names[field]] = traits.coldest;
      losses.approximated(clientPath(request, field), `this model's temperature begins at ${traits.coldest}`);
    } else fields[names[field]] = value;
  }
  return fields;
}

/** One text with commas between, so that no sequence can hold one. */
function stopSequences(
  { stop, ...request }: ConversationRequest,
  { sampling: taken, endMarks }: ModelTraits,
  losses: Losses,
): string | undefined {
  const sayable = stop.filter((sequence) => sequence !== "" && !sequence.includes(","));
  if (sayable.length < stop.length && taken.has("stop")) {
    const path = clientPath({ ...request, stop }, "stop");
    losses.dropped(path, "no stop sequence with a comma in it can be sent to Replicate");
  }
  return sayable.length === 0 ? undefined : [...sayable, ...endMarks].join(",");
}

/** Where clients of OpenAI's dialects say how much to write. */
const verbosityPaths: readonly string[] = ["verbosity", "text.verbosity"];

function extras(request: ConversationRequest, traits: ModelTraits, losses: Losses): JsonObject {
  const fields: JsonObject = {};
  for (const [name, value] of Object.entries<JsonValue>(request.extra)) {
    if (traits.verbosity && verbosityPaths.includes(name)) fields["verbosity"] = value;
    else losses.dropped(name, "Replicate has no such field");
  }
  return fields;
}

function reportTools({ tools, foreignTools }: ConversationRequest, losses: Losses): void {
  for (const { at } of [...tools, ...foreignTools]) losses.droppedContent(at, "Replicate has no tools");
}

function reportUnsupported(request: ConversationRequest, losses: Losses): void {
  const report = (field: keyof ConversationRequest, why: string): void =>
    losses.dropped(clientPath(request, field), why);
  if ((request.candidates ?? 1) > 1) report("candidates", "Replicate gives one answer");
  if (request.logprobs === true) report("logprobs", "Replicate gives no log probabilities");
  if ((request.topLogprobs ?? 0) > 0) report("topLogprobs", "Replicate gives no log probabilities");
  if (request.user !== undefined) report("user", "Replicate takes no id of the user");
  const { serviceTier, toolChoice } = request;
  if (serviceTier !== undefined && serviceTier !== "auto" && serviceTier !== "default")
    report("serviceTier", `Replicate has no service tier ${serviceTier}`);
  if (toolChoice?.kind === "required" || toolChoice?.kind === "tool")
    report("toolChoice", "Replicate has no tools");
}

/** Names are those of the input. */
function applyQuirks(input: JsonObject, { unsupported, renamed }: Quirks, losses: Losses): void {
  for (const field of unsupported) {
    if (input[field] === undefined) continue;
    delete input[field];
    losses.dropped(field, "the provider refuses it");
  }
  for (const [field, name] of Object.entries(renamed)) {
    const value = input[field];
    if (value === undefined) continue;
    delete input[field];
    input[name] ??= value;
  }
}
