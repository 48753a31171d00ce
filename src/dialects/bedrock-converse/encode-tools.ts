/**
 * Tool definitions and tool choice, to `toolConfig`.
 *
 * There is no choice `none`: without tools in the history the definitions stay away, which comes to the same. With
 * tools in the history Bedrock demands definitions, and the model cannot be kept from calling them.
 *
 * Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/tool-use.html
 */
import { InvalidRequestError } from "../../conversation/error.ts";
import type { ConversationRequest, Tool } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { encodeSchema } from "../anthropic/schema.ts";
import { clientPath } from "../client-paths.ts";
import { withFunctionSchema } from "../function-schema.ts";
import type { Encoding } from "./encode-content.ts";

export interface EncodedTools {
  readonly toolConfig?: JsonObject;
  /** Claude's own `tool_choice`, which alone can forbid calls in parallel; then `toolConfig` has no choice. */
  readonly claudeChoice?: JsonObject;
  /** The model must call a tool. */
  readonly forced: boolean;
}

/** @throws InvalidRequestError for names that Bedrock refuses */
export function encodeTools(request: ConversationRequest, encoding: Encoding): EncodedTools {
  const { losses } = encoding;
  for (const tool of request.foreignTools)
    losses.droppedContent(tool.at, `only ${tool.dialect} has this tool`);
  const called = calledTools(request);
  if (request.tools.length === 0) return withoutTools(request, called, encoding);
  if (request.toolChoice?.kind === "none") {
    const path = clientPath(request, "toolChoice");
    if (called.size === 0) {
      losses.approximated(path, "Bedrock has no such choice; the tools are not shown to the model");
      return { forced: false };
    }
    losses.approximated(path, "Bedrock has no such choice; the model may call tools");
    return { toolConfig: { tools: definitions(request, encoding) }, forced: false };
  }
  const tools = definitions(request, encoding);
  const choice = encodeChoice(request, encoding);
  const forced = choice !== undefined;
  if (request.parallelToolCalls === false) {
    if (encoding.traits.claude !== undefined)
      return { toolConfig: { tools }, claudeChoice: claudeChoice(choice), forced };
    losses.dropped(
      clientPath(request, "parallelToolCalls"),
      "Bedrock cannot forbid parallel calls for this model",
    );
  }
  return { toolConfig: { tools, ...(choice !== undefined && { toolChoice: choice }) }, forced };
}

function definitions(request: ConversationRequest, encoding: Encoding): JsonObject[] {
  return request.tools.flatMap((tool) => {
    const block = encodeTool(tool, encoding);
    const point = tool.cache && encoding.cachePoints.point(tool.cache, tool.at, "tools");
    return point === undefined ? [block] : [block, point];
  });
}

/** The members of Bedrock's pattern; other providers allow more. */
const validName = /^[a-zA-Z0-9_-]{1,64}$/;

function encodeTool(given: Tool, { traits, losses }: Encoding): JsonObject {
  const tool = withFunctionSchema(given, losses);
  if (!validName.test(tool.name))
    throw new InvalidRequestError(
      `${tool.at}.name`,
      "Amazon Bedrock takes tool names of at most 64 letters, digits, hyphens and underscores.",
    );
  const parameters: JsonObject = tool.parameters ?? { type: "object", properties: {} };
  const { schema, changed } =
    tool.strict === true && traits.structuredOutput
      ? encodeSchema(parameters)
      : { schema: parameters, changed: false };
  if (changed)
    losses.approximated(`${tool.at}.strict`, "parts of the schema are told to the model but not enforced");
  if (tool.strict === true && !traits.structuredOutput)
    losses.dropped(`${tool.at}.strict`, "this model has no strict tools");
  const isStrict = tool.strict === true && traits.structuredOutput;
  return {
    toolSpec: {
      name: tool.name,
      ...(tool.description !== undefined && tool.description !== "" && { description: tool.description }),
      inputSchema: { json: schema },
      ...(isStrict && { strict: true }),
    },
  };
}

/** Bedrock demands definitions of tools that the history calls: their names are all that is known. */
function withoutTools(
  request: ConversationRequest,
  called: ReadonlySet<string>,
  { losses }: Encoding,
): EncodedTools {
  const choice = request.toolChoice?.kind;
  if (choice === "required" || choice === "tool")
    losses.dropped(clientPath(request, "toolChoice"), "there is no tool to choose");
  if (called.size === 0) return { forced: false };
  const tools = Array.from(called, (name) => ({
    toolSpec: { name, inputSchema: { json: { type: "object", properties: {} } } },
  }));
  return { toolConfig: { tools }, forced: false };
}

function calledTools(request: ConversationRequest): Set<string> {
  const called = new Set<string>();
  for (const turn of request.turns)
    for (const part of turn.parts) if (part.kind === "tool-call") called.add(part.name);
  return called;
}

function encodeChoice(request: ConversationRequest, { traits, losses }: Encoding): JsonObject | undefined {
  const choice = request.toolChoice;
  const path = clientPath(request, "toolChoice");
  switch (choice?.kind) {
    case undefined:
    case "none":
    case "auto":
      // The default; some models refuse the field altogether.
      return undefined;
    case "required":
      if (traits.forcedTools !== "none") return { any: {} };
      losses.approximated(path, "this model cannot be forced to call a tool");
      return undefined;
    case "tool":
      if (traits.forcedTools === "all") return { tool: { name: choice.name } };
      losses.approximated(path, "this model cannot be forced to call a certain tool");
      return traits.forcedTools === "any" ? { any: {} } : undefined;
    default: {
      const never: never = choice;
      return never;
    }
  }
}

function claudeChoice(choice: JsonObject | undefined): JsonObject {
  const type = Object.keys(choice ?? {})[0] ?? "auto";
  const named = choice?.["tool"] as JsonObject | undefined;
  return { type, ...named, disable_parallel_tool_use: true };
}
