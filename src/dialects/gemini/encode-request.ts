/**
 * The neutral form, to the body of `:generateContent` and `:streamGenerateContent`. Model and streaming are in the
 * path, which the provider writes.
 *
 * Source: https://ai.google.dev/api/generate-content#request-body
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { EncodeTarget } from "../dialect.ts";
import { lostFields, Restorer } from "../leftovers.ts";
import { encodeConfig } from "./encode-config.ts";
import { encodeContents } from "./encode-contents.ts";
import { encodeTools } from "./encode-tools.ts";
import { modelTraits } from "./model-traits.ts";
import { applyQuirks } from "./quirks.ts";

/**
 * @throws InvalidRequestError when tool calls and results do not match, a file cannot be fetched, or there is nothing
 *   to say
 */
export function encodeRequest(
  request: ConversationRequest,
  target: EncodeTarget,
  losses: Losses,
): JsonObject {
  if (request.turns.length === 0)
    throw new InvalidRequestError(clientPath(request, "turns"), "at least one message is required");
  const traits = modelTraits(target.model);
  const isOwn = request.dialect === "gemini";
  const restorer = new Restorer(request, "gemini");
  const { system, contents } = encodeContents(request.turns, { losses, traits, isOwn });
  const { config, instruction } = encodeConfig(request, traits, losses);
  if (instruction !== undefined) system.push({ text: instruction });
  restorer.restore(config, "generationConfig");
  const body: JsonObject = {
    ...(system.length > 0 && { systemInstruction: { parts: system } }),
    contents: contents.map(({ role, parts }) => ({ role, parts })),
    ...encodeTools(request, { losses, traits, restorer }),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
    ...serviceTier(request, losses),
  };
  if (request.user !== undefined) losses.dropped(clientPath(request, "user"), "Gemini takes no user id");
  if (isOwn) restorer.restore(body, "");
  else for (const name of lostFields(request)) losses.dropped(name, "Gemini has no such field");
  return applyQuirks(body, target.quirks, request, losses);
}

/** `auto` is what happens when nothing is said. */
function serviceTier(request: ConversationRequest, losses: Losses): JsonObject {
  const tier = request.serviceTier;
  switch (tier) {
    case undefined:
    case "auto":
      return {};
    case "flex":
    case "priority":
    case "standard":
      return { serviceTier: tier };
    case "default":
    case "standard_only":
      return { serviceTier: "standard" };
    default:
      losses.dropped(clientPath(request, "serviceTier"), `Gemini has no service tier ${tier}`);
      return {};
  }
}
