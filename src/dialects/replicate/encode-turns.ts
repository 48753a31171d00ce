/**
 * Turns, to a prompt: one question as it is, a conversation as a transcript, since most models take no messages.
 *
 *     User: Hello.
 *
 *     Assistant: Hello. What can I do for you?
 *
 *     User: Sing.
 *
 *     Assistant:
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, Turn } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import { type PromptImages, turnText } from "./encode-content.ts";
import type { ModelTraits } from "./model-traits.ts";

interface Said {
  readonly role: Turn["role"];
  readonly text: string;
  readonly at: string;
}

/**
 * @param instruction to be added to the system prompt
 * @returns fields of the input
 * @throws InvalidRequestError when nothing that can be said is left
 */
export function encodeTurns(
  request: ConversationRequest,
  traits: ModelTraits,
  instruction: string | undefined,
  images: PromptImages,
  losses: Losses,
): JsonObject {
  const spoken = request.turns
    .map((turn): Said => ({ role: turn.role, text: turnText(turn, images, losses), at: turn.at }))
    .filter(({ text }) => text !== "");
  const talk = spoken.filter(({ role }) => role !== "system");
  if (talk.length === 0 && images.isEmpty) {
    const message = "nothing in the messages can be said to a model at Replicate";
    throw new InvalidRequestError(clientPath(request, "turns"), message, 422, "lossy_translation");
  }
  // An image may be all that is asked.
  const isQuestion = talk.every(({ role }) => role === "user") && talk.length <= 1;
  // Where images go beside messages is not documented.
  if (traits.messages && !isQuestion && images.isEmpty) {
    const last = talk.at(-1);
    if (last?.role === "assistant")
      losses.approximated(
        last.at,
        "the model answers the assistant's last words, it does not go on with them",
      );
    return { messages: messages(spoken, instruction) };
  }
  const system = systemPrompt(spoken, instruction, losses);
  const prompt = isQuestion ? (talk[0]?.text ?? "") : transcript(request, talk, losses);
  if (traits.system === undefined)
    return { prompt: [system, prompt].filter((text) => text !== "").join("\n\n") };
  return { prompt, ...(system !== "" && { [traits.system]: system }) };
}

function messages(spoken: readonly Said[], instruction: string | undefined): JsonObject[] {
  const list = spoken.map(({ role, text }) => ({ role, content: text }));
  return instruction === undefined ? list : [{ role: "system", content: instruction }, ...list];
}

function systemPrompt(spoken: readonly Said[], instruction: string | undefined, losses: Losses): string {
  const begins = spoken.findIndex(({ role }) => role !== "system");
  spoken.forEach(({ role, at }, index) => {
    if (role === "system" && index > begins && begins >= 0)
      losses.approximated(at, "Replicate has one system prompt; it stands there");
  });
  const texts = spoken.filter(({ role }) => role === "system").map(({ text }) => text);
  return [...texts, ...(instruction === undefined ? [] : [instruction])].join("\n\n");
}

/** It ends where the assistant is to speak, or in the middle of what it has begun to say. */
function transcript(request: ConversationRequest, talk: readonly Said[], losses: Losses): string {
  losses.approximated(
    clientPath(request, "turns"),
    "this model takes no messages; the conversation is a transcript in its prompt",
  );
  const lines = talk.map(({ role, text }) => `${role === "user" ? "User" : "Assistant"}: ${text}`);
  if (talk.at(-1)?.role !== "assistant") lines.push("Assistant:");
  return lines.join("\n\n");
}
