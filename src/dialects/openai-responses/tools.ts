/**
 * Tools and the choice among them, both ways. Functions are flat here; all other tools (built-in ones, custom ones,
 * namespaces) are OpenAI's own.
 *
 * Source: https://platform.openai.com/docs/api-reference/responses/create (`tools`, `tool_choice`)
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ConversationRequest, ForeignTool, Tool, ToolChoice } from "../../conversation/request.ts";
import {
  booleanField,
  listField,
  objectField,
  objectItem,
  requiredString,
  stringField,
} from "../../json/fields.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import type { Leftovers } from "../leftovers.ts";

type DecodedTools = Pick<ConversationRequest, "tools" | "foreignTools" | "toolChoice">;

const functionFields = new Set(["type", "name", "description", "parameters", "strict"]);

/** @throws InvalidRequestError */
export function decodeTools(body: JsonObject, leftovers: Leftovers): DecodedTools {
  const tools: Tool[] = [];
  const foreignTools: ForeignTool[] = [];
  (listField(body, "tools") ?? []).forEach((item, index) => {
    const at = `tools[${index}]`;
    const tool = objectItem(item, at);
    if (requiredString(tool, "type", at) === "function") tools.push(decodeFunction(tool, at, leftovers));
    else foreignTools.push({ dialect: "openai-responses", value: tool, at });
  });
  return decodeToolChoice(body["tool_choice"], { tools, foreignTools }, leftovers);
}

function decodeFunction(tool: JsonObject, at: string, leftovers: Leftovers): Tool {
  leftovers.collect(tool, at, functionFields);
  const description = stringField(tool, "description", at);
  const parameters = objectField(tool, "parameters", at);
  const strict = booleanField(tool, "strict", at);
  return {
    name: requiredString(tool, "name", at),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(strict === undefined ? {} : { strict }),
    at,
  };
}

function decodeToolChoice(
  choice: JsonValue | undefined,
  declared: DecodedTools,
  leftovers: Leftovers,
): DecodedTools {
  const at = "tool_choice";
  if (choice === undefined || choice === null) return declared;
  if (choice === "auto" || choice === "none" || choice === "required")
    return { ...declared, toolChoice: { kind: choice } };
  if (!isObject(choice)) throw new InvalidRequestError(at, `${at} is not a choice of this API.`);
  switch (requiredString(choice, "type", at)) {
    case "function":
      return { ...declared, toolChoice: { kind: "tool", name: requiredString(choice, "name", at) } };
    case "allowed_tools":
      return allowedOf(choice, declared);
    default:
      leftovers.note(at, choice);
      return declared;
  }
}

/** To allow some tools is to offer only those: the same for the model, and every API can say it. */
function allowedOf(choice: JsonObject, { tools, foreignTools }: DecodedTools): DecodedTools {
  const mode = requiredString(choice, "mode", "tool_choice");
  if (mode !== "auto" && mode !== "required")
    throw new InvalidRequestError("tool_choice.mode", "tool_choice.mode is unknown.");
  const allowed = (listField(choice, "tools", "tool_choice") ?? []).filter(isObject);
  const functions = new Set(allowed.filter(({ type }) => type === "function").map(({ name }) => name));
  const isAllowed = ({ type, name, server_label: label }: JsonObject) =>
    allowed.some(
      (entry) => entry["type"] === type && (entry["name"] ?? entry["server_label"]) === (name ?? label),
    );
  return {
    tools: tools.filter((tool) => functions.has(tool.name)),
    foreignTools: foreignTools.filter((tool) => isAllowed(tool.value)),
    toolChoice: { kind: mode },
  };
}

/** Here a function without `strict` is held to it, and without parameters refused: both are always written. */
export function encodeTool(tool: Tool): JsonObject {
  return {
    type: "function",
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    parameters: tool.parameters ?? { type: "object", properties: {} },
    strict: tool.strict ?? false,
  };
}

/** As the value of `tool_choice`. */
export function encodeToolChoice(choice: ToolChoice): JsonValue {
  switch (choice.kind) {
    case "auto":
    case "none":
    case "required":
      return choice.kind;
    case "tool":
      return { type: "function", name: choice.name };
    default: {
      const unknown: never = choice;
      throw new TypeError(`unknown tool choice: ${String(unknown)}`);
    }
  }
}
