/**
 * OpenAI's moderation: text and pictures in, what is wrong with them out. OpenAI takes nothing for it and reports no
 * usage; Mistral does.
 *
 * Sources: https://platform.openai.com/docs/api-reference/moderations, https://docs.mistral.ai/api/#tag/classifiers
 */
import { decodeUsage } from "../openai-chat/usage.ts";
import { passed } from "../operation.ts";
import { passingDialect } from "../passing/dialect.ts";

/** The dialect, for the registry. */
export const openaiModerations = passingDialect({
  name: "openai-moderations",
  operation: passed("moderate", "moderation"),
  usualModel: () => "omni-moderation-latest",
  usage: (body) => decodeUsage(body["usage"]),
});
