/**
 * OpenAI's speech to text, in the language that is spoken or in English: forms in; JSON, plain text, subtitles or
 * events out.
 *
 * Sources: https://platform.openai.com/docs/api-reference/audio/createTranscription,
 * https://platform.openai.com/docs/api-reference/audio/createTranslation
 */
import { passed } from "../operation.ts";
import { passingDialect } from "../passing/dialect.ts";
import { decodeUsage } from "./usage.ts";

/** The dialect, for the registry. */
export const openaiTranscriptions = passingDialect({
  name: "openai-transcriptions",
  operation: passed("transcribe", "transcriptions"),
  forms: true,
  usage: decodeUsage,
});
