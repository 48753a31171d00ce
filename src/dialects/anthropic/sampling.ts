/**
 * `temperature`, `top_p`, `top_k`. Anthropic's temperature ends at 1, thinking fixes it, newer models take no two
 * of them together, and the newest take none. A value that is the default anyway is left out without a word.
 *
 * Source: https://docs.anthropic.com/en/api/messages
 */

import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import type { ModelTraits } from "./model-traits.ts";

export function encodeSampling(
  request: ConversationRequest,
  traits: ModelTraits,
  thinks: boolean,
  losses: Losses,
): JsonObject {
  const path = (field: "temperature" | "topP" | "topK"): string => clientPath(request, field);
  const { topP, topK } = request;
  const temperature = clampedTemperature(request, losses);
  if (traits.sampling === "none" || thinks) {
    const why = traits.sampling === "none" ? "this model refuses it" : "Claude refuses it while thinking";
    if (temperature !== undefined && temperature !== 1) losses.dropped(path("temperature"), why);
    if (topK !== undefined) losses.dropped(path("topK"), why);
    // While thinking, top_p may be 0.95 to 1.
    const keepsTopP = traits.sampling !== "none" && topP !== undefined && topP >= 0.95;
    if (topP !== undefined && topP !== 1 && !keepsTopP) losses.dropped(path("topP"), why);
    return keepsTopP ? { top_p: topP } : {};
  }
  const excludesTopP = traits.sampling === "exclusive" && temperature !== undefined && topP !== undefined;
  if (excludesTopP && topP !== 1)
    losses.dropped(path("topP"), "this model takes either temperature or top_p");
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && !excludesTopP && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
  };
}

function clampedTemperature(request: ConversationRequest, losses: Losses): number | undefined {
  const { temperature } = request;
  if (temperature === undefined || temperature <= 1) return temperature;
  losses.approximated(clientPath(request, "temperature"), "Anthropic's temperature ends at 1");
  return 1;
}
