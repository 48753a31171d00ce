/**
 * Ids of tool calls. OpenAI takes at most 40 characters, others 64; what clients bring may be longer.
 *
 * Shortening is a pure function of the id, so that a call and its result, and every later turn, agree.
 */
import { createHash } from "node:crypto";

const openAiLength = 40;
const keptLength = 7;

/** The id itself when it is short enough. @param maxLength at most 71 characters */
export function shortToolCallId(id: string, maxLength = openAiLength): string {
  if (id.length <= maxLength) return id;
  const digest = createHash("sha256").update(id).digest("hex");
  return id.slice(0, keptLength) + digest.slice(0, maxLength - keptLength);
}
