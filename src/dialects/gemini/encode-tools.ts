/**
 * Tool definitions and tool choice.
 *
 * Source: https://ai.google.dev/gemini-api/docs/function-calling
 */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest, Tool } from "../../conversation/request.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import { withFunctionSchema } from "../function-schema.ts";
import type { Restorer } from "../leftovers.ts";
import type { ModelTraits } from "./model-traits.ts";
import { encodeSchema } from "./schema.ts";

export interface ToolEncoding {
  readonly losses: Losses;
  readonly traits: ModelTraits;
  readonly restorer: Restorer;
}

/** Members of the body; nothing when there is nothing to say. */
export function encodeTools(request: ConversationRequest, encoding: ToolEncoding): JsonObject {
  const { losses } = encoding;
  const declarations = request.tools.map((tool) => encodeTool(tool, encoding));
  const tools: JsonObject[] = declarations.length === 0 ? [] : [{ functionDeclarations: declarations }];
  for (const tool of request.foreignTools) {
    if (tool.dialect === "gemini") tools.push(tool.value);
    else losses.droppedContent(tool.at, `only ${tool.dialect} has this tool`);
  }
  if (request.parallelToolCalls === false && declarations.length > 0)
    losses.dropped(clientPath(request, "parallelToolCalls"), "Gemini may call several functions at once");
  const calling = encodeChoice(request, encoding);
  const config: JsonObject = calling === undefined ? {} : { functionCallingConfig: calling };
  encoding.restorer.restore(config, "toolConfig");
  return {
    ...(tools.length > 0 && { tools }),
    ...(Object.keys(config).length > 0 && { toolConfig: config }),
  };
}

function encodeTool(tool: Tool, { losses, traits, restorer }: ToolEncoding): JsonObject {
  if (tool.cache !== undefined)
    losses.approximated(`${tool.at}.cache_control`, "Gemini caches by itself; markers are not sent");
  if (tool.strict === true && !traits.validated)
    losses.dropped(`${tool.at}.strict`, "this model has no strict functions");
  const declaration: JsonObject = {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...encodeParameters(tool, traits, losses),
  };
  restorer.restore(declaration, tool.at);
  return declaration;
}

/** A function without parameters declares none: Gemini refuses an object without members. */
function encodeParameters(tool: Tool, traits: ModelTraits, losses: Losses): JsonObject {
  const { parameters } = withFunctionSchema(tool, losses);
  if (parameters === undefined) return {};
  const { properties, additionalProperties: others } = parameters;
  const isEmpty = !isObject(properties) || Object.keys(properties).length === 0;
  if (isEmpty && (others === undefined || others === false)) return {};
  const { schema, exact } = encodeSchema(parameters);
  if (exact) return { parameters: schema };
  if (traits.jsonSchema) return { parametersJsonSchema: parameters };
  losses.approximated(`${tool.at}.parameters`, "parts of the schema are told to the model but not enforced");
  return { parameters: schema };
}

function encodeChoice(
  request: ConversationRequest,
  { losses, traits }: ToolEncoding,
): JsonObject | undefined {
  const { toolChoice: choice, tools } = request;
  if (tools.length === 0) {
    if (choice?.kind === "required" || choice?.kind === "tool")
      losses.dropped(clientPath(request, "toolChoice"), "there is no function to choose");
    return undefined;
  }
  // Arguments that must match their schema are what this mode promises; ANY promises it by itself.
  const isStrict = traits.validated && tools.some((tool) => tool.strict === true);
  switch (choice?.kind) {
    case undefined:
      return isStrict ? { mode: "VALIDATED" } : undefined;
    case "auto":
      return { mode: isStrict ? "VALIDATED" : "AUTO" };
    case "none":
      return { mode: "NONE" };
    case "required":
      return { mode: "ANY" };
    case "tool":
      return { mode: "ANY", allowedFunctionNames: [choice.name] };
    default: {
      const never: never = choice;
      return never;
    }
  }
}
