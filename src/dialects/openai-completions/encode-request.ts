/** A conversation as a prompt, as far as it is one: a single message of text. */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { withoutUndefined } from "../../json/defined.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { EncodeTarget } from "../dialect.ts";
import { applyQuirks, type FieldChanges, withChanges } from "../openai-chat/quirks.ts";

/** @throws InvalidRequestError when there is more than one message, or something else than text in it */
export function encodeRequest(
  request: ConversationRequest,
  target: EncodeTarget,
  losses: Losses,
): JsonObject {
  const { maxOutputTokens, temperature, topP, seed, candidates, frequencyPenalty, presencePenalty } = request;
  const optional = {
    max_tokens: maxOutputTokens ?? target.defaultMaxTokens,
    temperature,
    top_p: topP,
    seed,
    n: candidates,
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
    user: request.user,
  };
  const body: JsonObject = {
    model: target.model,
    prompt: promptOf(request),
    ...withoutUndefined(optional),
    ...(request.stop.length > 0 && { stop: [...request.stop] }),
    ...(request.stream && { stream: true, stream_options: { include_usage: true } }),
    ...(request.dialect === "openai-completions" && request.extra),
  };
  if (request.dialect !== "openai-completions") {
    for (const name of Object.keys(request.extra))
      losses.dropped(name, "A prompt's server does not know this field.");
    for (const field of ["reasoning", "output", "topK", "logprobs"] as const) {
      if (request[field] === undefined) continue;
      losses.dropped(clientPath(request, field), "A prompt's server does not know this field.");
    }
  }
  const changes: FieldChanges = {};
  applyQuirks(
    target.quirks,
    (name) => body[name],
    changes,
    losses,
    (name) => name,
  );
  return withChanges(body, changes);
}

function promptOf({ turns, tools, foreignTools }: ConversationRequest): string {
  const [turn, ...others] = turns;
  const isPlain = turn?.role === "user" && turn.parts.every((part) => part.kind === "text");
  if (turn !== undefined && isPlain && others.length + tools.length + foreignTools.length === 0) {
    return turn.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
  }
  const message = "the target takes a single prompt of text, and no conversation";
  throw new InvalidRequestError(turn?.at ?? "", message, 422, "lossy_translation");
}
