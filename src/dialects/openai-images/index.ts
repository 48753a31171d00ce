/**
 * OpenAI's Images API: pictures from text, edits and variations of pictures; as JSON and as forms, whole and streamed.
 *
 * Source: https://platform.openai.com/docs/api-reference/images
 */
import { passed } from "../operation.ts";
import { passingDialect } from "../passing/dialect.ts";
import { EventWatch } from "../passing/event-watch.ts";
import { decodeEventUsage, decodeUsage } from "./usage.ts";

/** The dialect, for the registry. */
export const openaiImages = passingDialect({
  name: "openai-images",
  operation: passed("image", "images"),
  forms: true,
  // For edits the reference names a newer default than for the other two.
  usualModel: (path) => (/\/images\/edits(?:\?|$)/.test(path) ? "gpt-image-1.5" : "dall-e-2"),
  usage: decodeUsage,
  stream: () => new EventWatch(decodeEventUsage),
});
