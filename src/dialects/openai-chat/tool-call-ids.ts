/**
 * Ids of tool calls. OpenAI takes at most 40 characters; other providers' ids are longer.
 *
 * Shortening is a pure function of the id, so that a call and its result, and every later turn, agree.
 */
import { createHash } from "node:crypto";

const maxLength = 40;
const keptLength = 7;

/** The id itself when OpenAI takes it. */
export function shortToolCallId(id: string): string {
  if (id.length <= maxLength) return id;
  const digest = createHash("sha256").update(id).digest("hex");
  return id.slice(0, keptLength) + digest.slice(0, maxLength - keptLength);
}
