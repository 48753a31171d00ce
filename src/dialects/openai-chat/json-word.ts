/**
 * OpenAI's JSON mode answers 400 unless the messages contain the word: "'messages' must contain the word 'json' in some
 * form, to use 'response_format' of type 'json_object'". Clients of other providers need not write it.
 *
 * Source: https://platform.openai.com/docs/guides/structured-outputs#json-mode
 */
import type { DialectName, Part } from "../../conversation/parts.ts";
import type { ConversationRequest, Turn } from "../../conversation/request.ts";

const instruction = "Answer with one valid JSON object and nothing else.";

/**
 * The turns, with an instruction before them where the word is wanting.
 *
 * @param turns those of the request that become messages
 * @param home the API that is encoded for; its own clients are told by OpenAI
 */
export function withJsonWord(
  turns: readonly Turn[],
  { output, dialect, paths }: ConversationRequest,
  home: DialectName,
): readonly Turn[] {
  if (output?.kind !== "json" || dialect === home) return turns;
  if (turns.some(({ parts }) => parts.some(mentionsJson))) return turns;
  const at = paths.output ?? "output";
  return [{ role: "system", parts: [{ kind: "text", text: instruction }], at }, ...turns];
}

function mentionsJson(part: Part): boolean {
  switch (part.kind) {
    case "text":
    case "refusal":
      return /json/i.test(part.text);
    case "tool-call":
      return /json/i.test(part.arguments);
    case "tool-result":
      return part.content.some(mentionsJson);
    case "image":
    case "document":
    case "audio":
    case "reasoning":
    case "foreign":
      return false;
    default: {
      const unknown: never = part;
      throw new TypeError(`unknown part: ${JSON.stringify(unknown)}`);
    }
  }
}
