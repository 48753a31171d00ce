/**
 * Tools and the choice among them, both ways. Custom tools (free text, grammars) are OpenAI's own.
 *
 * Source: https://platform.openai.com/docs/api-reference/chat/create (`tools`, `tool_choice`)
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ForeignTool, Tool, ToolChoice } from "../../conversation/request.ts";
import {
  booleanField,
  listField,
  objectField,
  objectItem,
  requiredObject,
  requiredString,
  stringField,
} from "../../json/fields.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { decodeCacheMarker } from "./decode-content.ts";

/** Tools, and the choice among them, of one request. */
export interface DecodedTools {
  readonly tools: readonly Tool[];
  readonly foreignTools: readonly ForeignTool[];
  readonly toolChoice?: ToolChoice;
  /** A choice with no neutral meaning, verbatim. */
  readonly ownToolChoice?: JsonObject;
  /** The client speaks the legacy `functions` / `function_call`. */
  readonly isLegacy: boolean;
}

/** @throws InvalidRequestError */
export function decodeTools(body: JsonObject): DecodedTools {
  const tools: Tool[] = [];
  const foreignTools: ForeignTool[] = [];
  (listField(body, "tools") ?? []).forEach((item, index) => {
    const at = `tools[${index}]`;
    const tool = objectItem(item, at);
    // Some clients leave the type out.
    if ((stringField(tool, "type", at) ?? "function") !== "function") {
      foreignTools.push({ dialect: "openai-chat", value: tool, at });
      return;
    }
    const declared = requiredObject(tool, "function", at);
    tools.push({ ...decodeFunction(declared, `${at}.function`), ...decodeCacheMarker(tool), at });
  });
  const functions = listField(body, "functions") ?? [];
  functions.forEach((item, index) => {
    const at = `functions[${index}]`;
    tools.push({ ...decodeFunction(objectItem(item, at), at), at });
  });
  const isLegacy = functions.length > 0;
  const choice = body["tool_choice"] ?? (isLegacy ? body["function_call"] : undefined);
  if (choice === undefined || choice === null) return { tools, foreignTools, isLegacy };
  const at = body["tool_choice"] === undefined ? "function_call" : "tool_choice";
  return { tools, foreignTools, isLegacy, ...decodeToolChoice(choice, at, tools, foreignTools) };
}

/** Cache markers are the caller's to report. */
export function encodeTool(tool: Tool): JsonObject {
  const declared: JsonObject = { name: tool.name };
  if (tool.description !== undefined) declared["description"] = tool.description;
  if (tool.parameters !== undefined) declared["parameters"] = tool.parameters;
  if (tool.strict !== undefined) declared["strict"] = tool.strict;
  return { type: "function", function: declared };
}

/** As the value of `tool_choice`. */
export function encodeToolChoice(choice: ToolChoice): JsonValue {
  switch (choice.kind) {
    case "auto":
    case "none":
    case "required":
      return choice.kind;
    case "tool":
      return { type: "function", function: { name: choice.name } };
    default: {
      const unknown: never = choice;
      throw new TypeError(`unknown tool choice: ${String(unknown)}`);
    }
  }
}

function decodeFunction(declared: JsonObject, at: string): Omit<Tool, "at"> {
  const description = stringField(declared, "description", at);
  const parameters = objectField(declared, "parameters", at);
  const strict = booleanField(declared, "strict", at);
  return {
    name: requiredString(declared, "name", at),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
    ...decodeCacheMarker(declared),
  };
}

function decodeToolChoice(
  choice: JsonValue,
  at: string,
  tools: readonly Tool[],
  foreignTools: readonly ForeignTool[],
): Partial<DecodedTools> {
  if (choice === "auto" || choice === "none" || choice === "required")
    return { toolChoice: { kind: choice } };
  if (!isObject(choice)) throw new InvalidRequestError(at, `${at} is not a choice of this API.`);
  if (at === "function_call")
    return { toolChoice: { kind: "tool", name: requiredString(choice, "name", at) } };
  const type = requiredString(choice, "type", at);
  if (type === "function") {
    const name = requiredString(requiredObject(choice, "function", at), "name", `${at}.function`);
    return { toolChoice: { kind: "tool", name } };
  }
  if (type !== "allowed_tools") return { ownToolChoice: choice };
  // To allow some tools is to offer only those: the same for the model, and every API can say it.
  const allowed = requiredObject(choice, "allowed_tools", at);
  const path = `${at}.allowed_tools`;
  const mode = requiredString(allowed, "mode", path);
  if (mode !== "auto" && mode !== "required")
    throw new InvalidRequestError(`${path}.mode`, `${path}.mode is unknown.`);
  const names = new Set((listField(allowed, "tools", path) ?? []).map(toolName));
  return {
    tools: tools.filter((tool) => names.has(tool.name)),
    foreignTools: foreignTools.filter((tool) => names.has(toolName(tool.value))),
    toolChoice: { kind: mode },
  };
}

/** The name stands inside the member that is called like the type: `function.name`, `custom.name`. */
function toolName(tool: JsonValue): JsonValue | undefined {
  if (!isObject(tool)) return undefined;
  const inner = tool[String(tool["type"])];
  return isObject(inner) ? inner["name"] : tool["name"];
}
