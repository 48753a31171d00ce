/**
 * Tool definitions and tool choice.
 *
 * Source: https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
 */

import type { ConversationRequest, Tool } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";
import { withFunctionSchema } from "../function-schema.ts";
import type { Encoding } from "./encode-content.ts";
import type { ModelTraits } from "./model-traits.ts";
import { encodeSchema } from "./schema.ts";

export interface EncodedTools {
  readonly tools?: JsonObject[];
  readonly toolChoice?: JsonObject;
  /** The model must call a tool, which manual thinking does not allow. */
  readonly forced: boolean;
}

export function encodeTools(
  request: ConversationRequest,
  traits: ModelTraits,
  encoding: Encoding,
): EncodedTools {
  const tools = [
    ...request.tools.map((tool) => ({ at: tool.at, block: encodeTool(tool, traits, encoding) })),
    ...foreignTools(request, encoding),
  ];
  // The provider's cache begins with the tools: their order must not change between calls.
  if (encoding.isOwn) tools.sort((a, b) => position(a.at) - position(b.at));
  if (tools.length === 0) return withoutTools(request, encoding);
  const toolChoice = encodeChoice(request, traits, encoding);
  const forced = toolChoice?.["type"] === "any" || toolChoice?.["type"] === "tool";
  return { tools: tools.map(({ block }) => block), ...(toolChoice && { toolChoice }), forced };
}

function encodeTool(given: Tool, traits: ModelTraits, encoding: Encoding): JsonObject {
  const { losses } = encoding;
  const tool = encoding.isOwn ? given : withFunctionSchema(given, losses);
  const parameters: JsonObject = tool.parameters ?? { type: "object", properties: {} };
  const block: JsonObject = {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    // The root must say that it is an object.
    input_schema: parameters["type"] === undefined ? { type: "object", ...parameters } : parameters,
  };
  if (tool.strict !== undefined) {
    if (traits.structuredOutput) setStrict(block, tool, tool.strict, encoding);
    else if (tool.strict) losses.dropped(`${tool.at}.strict`, "this model has no strict tools");
  }
  encoding.restorer.restore(block, tool.at);
  encoding.markers.mark(block, tool.cache, tool.at, losses);
  return block;
}

function setStrict(block: JsonObject, tool: Tool, strict: boolean, encoding: Encoding): void {
  if (!strict && !encoding.isOwn) return;
  block["strict"] = strict;
  if (!strict || encoding.isOwn) return;
  const { schema, changed } = encodeSchema(block["input_schema"] as JsonObject);
  block["input_schema"] = schema;
  if (changed)
    encoding.losses.approximated(
      `${tool.at}.strict`,
      "parts of the schema are told to the model but not enforced",
    );
}

function foreignTools(request: ConversationRequest, encoding: Encoding): { at: string; block: JsonObject }[] {
  const known = request.foreignTools.filter((tool) => {
    if (tool.dialect === "anthropic") return true;
    encoding.losses.droppedContent(tool.at, `only ${tool.dialect} has this tool`);
    return false;
  });
  return known.map((tool) => ({ at: tool.at, block: tool.value }));
}

/**
 * Anthropic refuses a tool choice without tools, and may refuse tool calls in the history: then the tools that
 * were called are declared by name, and their use is forbidden.
 */
function withoutTools(request: ConversationRequest, encoding: Encoding): EncodedTools {
  const choice = request.toolChoice?.kind;
  if (choice === "required" || choice === "tool")
    encoding.losses.dropped(clientPath(request, "toolChoice"), "there is no tool to choose");
  const called = new Set<string>();
  for (const turn of request.turns)
    for (const part of turn.parts) if (part.kind === "tool-call") called.add(part.name);
  if (called.size === 0) return { forced: false };
  const tools = Array.from(called, (name) => ({ name, input_schema: { type: "object", properties: {} } }));
  return { tools, toolChoice: { type: "none" }, forced: false };
}

function encodeChoice(
  request: ConversationRequest,
  traits: ModelTraits,
  encoding: Encoding,
): JsonObject | undefined {
  const { toolChoice: choice, parallelToolCalls: parallel } = request;
  if (choice?.kind === "none") return restoredChoice({ type: "none" }, encoding);
  // Calls in parallel are the default; the flag has no place of its own.
  if (choice === undefined && parallel !== false) return undefined;
  let encoded: JsonObject =
    choice?.kind === "tool"
      ? { type: "tool", name: choice.name }
      : { type: choice?.kind === "required" ? "any" : "auto" };
  if (!traits.forcedTools && encoded["type"] !== "auto") {
    encoding.losses.approximated(
      clientPath(request, "toolChoice"),
      "this model cannot be forced to call a tool",
    );
    encoded = { type: "auto" };
  }
  if (parallel !== undefined) encoded["disable_parallel_tool_use"] = !parallel;
  return restoredChoice(encoded, encoding);
}

function restoredChoice(choice: JsonObject, encoding: Encoding): JsonObject {
  encoding.restorer.restore(choice, "tool_choice");
  return choice;
}

/** The number in `tools[3]`. */
function position(at: string): number {
  return Number(/\[(\d+)\]/.exec(at)?.[1] ?? Number.MAX_SAFE_INTEGER);
}
