/** Functions of other providers' clients as OpenAI's two APIs take them. */
import type { Losses } from "../../conversation/losses.ts";
import type { DialectName } from "../../conversation/parts.ts";
import type { Tool } from "../../conversation/request.ts";
import { withFunctionSchema } from "../function-schema.ts";
import { isStrictSchema } from "./strict-schema.ts";

/** Without properties there is nothing to be strict about, but OpenAI wants it said. */
const noParameters = { type: "object", properties: {}, required: [], additionalProperties: false };

/**
 * Elsewhere `strict` allows more: optional properties at Anthropic, everything at Gemini.
 *
 * @param home the API that is encoded for; what its own clients say stands
 */
export function fitTool(given: Tool, dialect: DialectName, home: DialectName, losses: Losses): Tool {
  if (dialect === home) return given;
  const tool = withFunctionSchema(given, losses);
  if (tool.strict !== true || dialect === "openai-chat" || dialect === "openai-responses") return tool;
  if (tool.parameters === undefined) return { ...tool, parameters: noParameters };
  if (isStrictSchema(tool.parameters)) return tool;
  const { strict: _, ...lenient } = tool;
  const why = "OpenAI cannot hold arguments to this schema; the model is only told of it.";
  losses.approximated(`${tool.at}.strict`, why);
  return lenient;
}
