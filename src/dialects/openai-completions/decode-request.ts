/**
 * A prompt as a conversation of one user's turn.
 *
 * Source: https://platform.openai.com/docs/api-reference/completions/create
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { withoutUndefined } from "../../json/defined.ts";
import { booleanField, numberField, objectField, requiredString, stringField } from "../../json/fields.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { decodeStop } from "../openai-chat/stop.ts";

/** Top-level fields that have a neutral meaning; all others are kept in `extra`. */
const known: ReadonlySet<string> = new Set([
  ...["model", "prompt", "max_tokens", "temperature", "top_p", "n", "stream", "stream_options", "stop"],
  ...["seed", "frequency_penalty", "presence_penalty", "user"],
]);

/** What the API generates unless told otherwise. Tokens. */
const usualMaxTokens = 16;

/** @throws InvalidRequestError with the JSON path */
export function decodeRequest(body: JsonObject): ConversationRequest {
  const stream = booleanField(body, "stream") ?? false;
  const { include_usage: includeUsage, ...options } = objectField(body, "stream_options") ?? {};
  const extra = Object.entries(body).filter(
    ([name, value]) => !known.has(name) && value !== null && value !== defaults[name],
  );
  if (Object.keys(options).length > 0) extra.push(["stream_options", options]);
  const request: ConversationRequest = {
    model: requiredString(body, "model"),
    turns: [
      { role: "user", parts: [{ kind: "text", text: promptOf(body["prompt"]), at: "prompt" }], at: "prompt" },
    ],
    tools: [],
    foreignTools: [],
    stop: decodeStop(body["stop"]),
    maxOutputTokens: numberField(body, "max_tokens") ?? usualMaxTokens,
    stream,
    includeUsage: stream && includeUsage === true,
    extra: Object.fromEntries(extra),
    dialect: "openai-completions",
    paths: { turns: "prompt", maxOutputTokens: "max_tokens" },
  };
  const optional = {
    temperature: numberField(body, "temperature"),
    topP: numberField(body, "top_p"),
    seed: numberField(body, "seed"),
    candidates: numberField(body, "n"),
    frequencyPenalty: numberField(body, "frequency_penalty"),
    presencePenalty: numberField(body, "presence_penalty"),
    user: stringField(body, "user"),
  };
  return { ...request, ...withoutUndefined(optional) };
}

/** What asks for nothing. The rest of such fields (`echo`, `suffix`, `logprobs`, `best_of`) has no neutral meaning. */
const defaults: Readonly<Record<string, JsonValue>> = { echo: false, best_of: 1, suffix: "" };

function promptOf(prompt: JsonValue | undefined): string {
  const [only, ...others] = Array.isArray(prompt) ? prompt : [prompt ?? undefined];
  if (typeof only === "string" && others.length === 0) {
    if (only !== "") return only;
    throw new InvalidRequestError("prompt", "prompt is empty: this target needs something to answer.");
  }
  if (only === undefined) throw new InvalidRequestError("prompt", "prompt is required.");
  const what = others.length > 0 && typeof only !== "number" ? "several prompts" : "prompts as tokens";
  const message = `prompt: this target takes no ${what}; send one prompt as a string.`;
  throw new InvalidRequestError("prompt", message, 400, "prompt_not_supported");
}
