/**
 * Tool definitions and tool choice, to the neutral form. Tools that Anthropic runs itself, or whose schema only
 * its models know (`web_search_…`, `bash_…`, `computer_…`), are foreign.
 *
 * Source: https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ConversationRequest, ForeignTool, Tool, ToolChoice } from "../../conversation/request.ts";
import {
  booleanField,
  listField,
  objectField,
  objectItem,
  requiredObject,
  requiredString,
  stringField,
} from "../../json/fields.ts";
import type { JsonObject } from "../../json/types.ts";
import type { Leftovers } from "../leftovers.ts";
import { cache } from "./decode-content.ts";

const toolFields = new Set(["type", "name", "description", "input_schema", "strict", "cache_control"]);
const choiceFields = new Set(["type", "name", "disable_parallel_tool_use"]);

export function decodeTools(
  body: JsonObject,
  leftovers: Leftovers,
): Pick<ConversationRequest, "tools" | "foreignTools"> {
  const tools: Tool[] = [];
  const foreignTools: ForeignTool[] = [];
  (listField(body, "tools") ?? []).forEach((item, i) => {
    const at = `tools[${i}]`;
    const tool = objectItem(item, at);
    const type = stringField(tool, "type", at) ?? "custom";
    if (type === "custom") tools.push(decodeTool(tool, at, leftovers));
    else foreignTools.push({ dialect: "anthropic", value: tool, at });
  });
  return { tools, foreignTools };
}

function decodeTool(tool: JsonObject, at: string, leftovers: Leftovers): Tool {
  leftovers.collect(tool, at, toolFields);
  const description = stringField(tool, "description", at);
  const strict = booleanField(tool, "strict", at);
  return {
    name: requiredString(tool, "name", at),
    parameters: requiredObject(tool, "input_schema", at),
    at,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
    ...cache(tool),
  };
}

export function decodeToolChoice(
  body: JsonObject,
  leftovers: Leftovers,
): Pick<ConversationRequest, "toolChoice" | "parallelToolCalls"> {
  const choice = objectField(body, "tool_choice");
  if (choice === undefined) return {};
  leftovers.collect(choice, "tool_choice", choiceFields);
  const disabled = booleanField(choice, "disable_parallel_tool_use", "tool_choice");
  return {
    toolChoice: choiceOf(choice),
    ...(disabled !== undefined && { parallelToolCalls: !disabled }),
  };
}

function choiceOf(choice: JsonObject): ToolChoice {
  const type = requiredString(choice, "type", "tool_choice");
  switch (type) {
    case "auto":
    case "none":
      return { kind: type };
    case "any":
      return { kind: "required" };
    case "tool":
      return { kind: "tool", name: requiredString(choice, "name", "tool_choice") };
    default:
      throw new InvalidRequestError("tool_choice.type", "tool_choice.type is not a choice of this API.");
  }
}
