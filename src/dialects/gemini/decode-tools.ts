/**
 * `tools` and `toolConfig`, to the neutral form. Tools that Google runs itself (search, code execution, …) are foreign.
 *
 * Source: https://ai.google.dev/api/caching#Tool
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ConversationRequest, ForeignTool, Tool, ToolChoice } from "../../conversation/request.ts";
import { listField, objectField, objectItem, requiredString, stringField } from "../../json/fields.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import type { Leftovers } from "../leftovers.ts";
import { decodeSchema } from "./decode-schema.ts";
import { callingModes, enumName } from "./enums.ts";
import { camelCased } from "./spelling.ts";

const declarationFields = new Set(["name", "description", "parameters", "parametersJsonSchema"]);
const configFields = new Set(["functionCallingConfig"]);
const callingFields = new Set(["mode", "allowedFunctionNames"]);
const callingPath = "toolConfig.functionCallingConfig";

type DecodedTools = Pick<ConversationRequest, "tools" | "foreignTools" | "toolChoice">;

/** @param body in camelCase. @throws InvalidRequestError */
export function decodeTools(body: JsonObject, leftovers: Leftovers): DecodedTools {
  const tools: Tool[] = [];
  const foreignTools: ForeignTool[] = [];
  // Google takes a single object for a list.
  const given = isObject(body["tools"]) ? [body["tools"]] : (listField(body, "tools") ?? []);
  given.forEach((item, index) => {
    const at = `tools[${index}]`;
    for (const [name, value] of Object.entries(camelCased(objectItem(item, at)))) {
      if (name !== "functionDeclarations") {
        if (value !== null)
          foreignTools.push({ dialect: "gemini", value: { [name]: value }, at: `${at}.${name}` });
        continue;
      }
      const declared = isObject(value) ? [value] : (listField({ [name]: value }, name, at) ?? []);
      declared.forEach((declaration, position) => {
        const path = `${at}.functionDeclarations[${position}]`;
        tools.push(decodeDeclaration(camelCased(objectItem(declaration, path)), path, leftovers));
      });
    }
  });
  return { tools, foreignTools, ...decodeChoice(body, tools, leftovers) };
}

function decodeDeclaration(declaration: JsonObject, at: string, leftovers: Leftovers): Tool {
  leftovers.collect(declaration, at, declarationFields);
  const description = stringField(declaration, "description", at);
  const own = objectField(declaration, "parameters", at);
  const parameters =
    objectField(declaration, "parametersJsonSchema", at) ??
    (own === undefined ? undefined : decodeSchema(own));
  return {
    name: requiredString(declaration, "name", at),
    at,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
  };
}

function decodeChoice(
  body: JsonObject,
  tools: readonly Tool[],
  leftovers: Leftovers,
): Partial<Pick<ConversationRequest, "tools" | "toolChoice">> {
  const config = camelCased(objectField(body, "toolConfig") ?? {});
  leftovers.collect(config, "toolConfig", configFields);
  const calling = objectField(config, "functionCallingConfig", "toolConfig");
  if (calling === undefined) return {};
  const spelled = camelCased(calling);
  leftovers.collect(spelled, callingPath, callingFields);
  const names = (listField(spelled, "allowedFunctionNames", callingPath) ?? []).filter(
    (name) => typeof name === "string",
  );
  // To allow some functions is to offer only those: the same for the model, and every API can say it.
  const offered = names.length === 0 ? tools : tools.filter((tool) => names.includes(tool.name));
  const named = { ...spelled, mode: enumName(spelled["mode"], callingModes) ?? null };
  const mode = (stringField(named, "mode", callingPath) ?? "AUTO").toUpperCase();
  switch (mode) {
    case "MODE_UNSPECIFIED":
    case "AUTO":
      return { toolChoice: { kind: "auto" } };
    case "NONE":
      return { toolChoice: { kind: "none" } };
    case "ANY":
      return { tools: names.length === 1 ? tools : offered, toolChoice: forced(names) };
    case "VALIDATED":
      return { tools: offered.map((tool) => ({ ...tool, strict: true })), toolChoice: { kind: "auto" } };
    default:
      throw new InvalidRequestError(`${callingPath}.mode`, `${callingPath}.mode is not a mode of this API.`);
  }
}

function forced(names: readonly string[]): ToolChoice {
  const [only] = names;
  return names.length === 1 && only !== undefined ? { kind: "tool", name: only } : { kind: "required" };
}
