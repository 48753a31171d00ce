/**
 * OpenAI's text to speech: JSON in, sound out as it is made, or events with pieces of sound in them.
 *
 * Sources: https://platform.openai.com/docs/api-reference/audio/createSpeech,
 * https://platform.openai.com/docs/api-reference/audio/speech-audio-done-event
 */
import { noUsage, type Usage } from "../../conversation/usage.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { count } from "../counts.ts";
import { passed } from "../operation.ts";
import { BinaryWatch } from "../passing/binary-watch.ts";
import { isTrue, passingDialect } from "../passing/dialect.ts";
import { EventWatch } from "../passing/event-watch.ts";

/** The dialect, for the registry. */
export const openaiSpeech = passingDialect({
  name: "openai-speech",
  operation: passed("speech", "speech"),
  isStream: (body) => body.member("stream_format") === "sse" || isTrue(body, "stream"),
  usage: decodeUsage,
  // Whoever listens shall hear the beginning before the end is spoken.
  streams: (contentType) => !contentType.startsWith("application/json"),
  stream: (contentType) =>
    contentType.startsWith("text/event-stream") ? new EventWatch(decodeUsage) : new BinaryWatch(),
});

/** What is read is text, what is spoken all sound. */
function decodeUsage({ usage }: JsonObject): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const { input_tokens: input, output_tokens: output } = usage;
  if (typeof input !== "number" && typeof output !== "number") return undefined;
  return { ...noUsage, input: count(input), output: count(output), audioOutput: count(output) };
}
