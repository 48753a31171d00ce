/** Service tiers at OpenAI. Source: https://platform.openai.com/docs/api-reference/chat/create (`service_tier`) */
import type { Answer } from "../../conversation/answer.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { DialectName } from "../../conversation/parts.ts";
import type { ConversationRequest } from "../../conversation/request.ts";

const tiers = ["auto", "default", "flex", "scale", "priority"];

/** As the member of an answer. Compatible vendors have tiers of their own, which OpenAI's clients do not know. */
export function answeredTier({ serviceTier: tier }: Answer): { service_tier?: string } {
  return tier !== undefined && tiers.includes(tier) ? { service_tier: tier } : {};
}

/**
 * Tiers are a provider's own offers; `auto` and the ordinary one are known to all.
 *
 * @param path where the client's request has it
 * @param home the API that is encoded for; what its own clients say stands
 * @returns undefined when nothing is to be sent
 */
export function encodeServiceTier(
  { serviceTier: tier, dialect }: ConversationRequest,
  path: string,
  losses: Losses,
  home: DialectName,
): string | undefined {
  if (tier === undefined || dialect === home || tier === "auto") return tier;
  if ((dialect === "openai-chat" || dialect === "openai-responses") && tiers.includes(tier)) return tier;
  if (tier === "standard_only") return "default";
  losses.dropped(path, "OpenAI has no such service tier.");
  return undefined;
}
