/** Applies a vendor's differences to the messages of a request. */
import { createHash } from "node:crypto";
import type { Losses } from "../../conversation/losses.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { MessageQuirks } from "../dialect.ts";

/** One of these stands in the bytes of every request that has something to change. */
const marks = ['"developer"', '"tool_call', '"reasoning'];

/** A search of the bytes, so that messages without any of it are not parsed. */
export function mayNeedFitting(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, byteLength } = bytes;
  const text = Buffer.from(buffer, byteOffset, byteLength);
  return marks.some((mark) => text.includes(mark));
}

/** The very same list when nothing changes. What is no message is left for the server to refuse. */
export function fitMessages(messages: JsonValue[], quirks: MessageQuirks, losses: Losses): JsonValue[] {
  let isChanged = false;
  const fitted = messages.map((message, index) => {
    if (!isObject(message)) return message;
    const changes = changesOf(message, quirks);
    const reasoning =
      quirks.refusesReasoning === true ? reasoningNames.filter((name) => name in message) : [];
    if (reasoning.length === 0 && Object.keys(changes).length === 0) return message;
    isChanged = true;
    const rest = Object.entries(message).filter(([name]) => !reasoning.includes(name));
    for (const name of reasoning) {
      losses.dropped(`messages[${index}].${name}`, "The target's server takes no reasoning in messages.");
    }
    return { ...Object.fromEntries(rest), ...changes };
  });
  return isChanged ? fitted : messages;
}

const reasoningNames: readonly string[] = ["reasoning_content", "reasoning"];

function changesOf(message: JsonObject, quirks: MessageQuirks): JsonObject {
  const changes: JsonObject = {};
  const { role, tool_call_id: result, tool_calls: calls } = message;
  // The newer name of the same role.
  if (quirks.refusesDeveloper === true && role === "developer") changes["role"] = "system";
  if (quirks.nineLetterIds !== true) return changes;
  if (typeof result === "string" && !isNineLetters(result)) changes["tool_call_id"] = nineLetters(result);
  if (Array.isArray(calls) && calls.some(hasOtherId)) {
    changes["tool_calls"] = calls.map((call) =>
      hasOtherId(call) ? { ...call, id: nineLetters(call.id) } : call,
    );
  }
  return changes;
}

function hasOtherId(call: JsonValue): call is JsonObject & { id: string } {
  return isObject(call) && typeof call["id"] === "string" && !isNineLetters(call["id"]);
}

const isNineLetters = (id: string): boolean => /^[a-zA-Z0-9]{9}$/.test(id);

/** A pure function of the id, so that a call and its result, and every later turn, agree. */
function nineLetters(id: string): string {
  const digest = createHash("sha256").update(id).digest("base64");
  return digest.replace(/[^a-zA-Z0-9]/g, "").slice(0, 9);
}
