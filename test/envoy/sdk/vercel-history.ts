/** The calls and their results in a request, as a provider finds them in its own format. */
import { isObject, type JsonObject, type JsonValue } from "../../../src/json/types.ts";
import type { Provider } from "./vercel-stage.ts";

export interface History {
  readonly calls: ReadonlyArray<{ readonly id: string; readonly name: string; readonly input: JsonValue }>;
  /** `id`: of the call that is answered. */
  readonly results: ReadonlyArray<{ readonly id: string; readonly output: JsonValue }>;
}

export function historyAt(provider: Provider, body: JsonObject): History {
  switch (provider) {
    case "openai":
      return inMessages(objects(body["messages"]));
    case "responses":
      return inItems(objects(body["input"]));
    case "claude":
      return inBlocks(objects(body["messages"]).flatMap(({ content }) => objects(content)));
    case "gemini":
      return inParts(objects(body["contents"]).flatMap(({ parts }) => objects(parts)));
    default:
      return provider satisfies never;
  }
}

function inMessages(messages: JsonObject[]): History {
  const calls = messages.flatMap((message) => objects(message["tool_calls"]));
  const results = messages.filter(({ role }) => role === "tool");
  return {
    calls: calls.map(({ id, function: called }) => {
      const { name, arguments: input } = called as JsonObject;
      return { id: String(id), name: String(name), input: parsed(input) };
    }),
    results: results.map(({ tool_call_id: id, content }) => ({ id: String(id), output: parsed(content) })),
  };
}

function inItems(items: JsonObject[]): History {
  const calls = items.filter(({ type }) => type === "function_call");
  const results = items.filter(({ type }) => type === "function_call_output");
  return {
    calls: calls.map(({ call_id: id, name, arguments: input }) => ({
      id: String(id),
      name: String(name),
      input: parsed(input),
    })),
    results: results.map(({ call_id: id, output }) => ({ id: String(id), output: parsed(output) })),
  };
}

function inBlocks(blocks: JsonObject[]): History {
  const calls = blocks.filter(({ type }) => type === "tool_use");
  const results = blocks.filter(({ type }) => type === "tool_result");
  return {
    calls: calls.map(({ id, name, input }) => ({ id: String(id), name: String(name), input: input ?? null })),
    results: results.map(({ tool_use_id: id, content }) => ({ id: String(id), output: parsed(content) })),
  };
}

function inParts(parts: JsonObject[]): History {
  const of = (name: string) => parts.map((part) => part[name]).filter(isObject);
  return {
    calls: of("functionCall").map(({ id, name, args }) => ({
      id: String(id),
      name: String(name),
      input: args ?? null,
    })),
    results: of("functionResponse").map(({ id, response }) => ({ id: String(id), output: response ?? null })),
  };
}

const objects = (value: JsonValue | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

const parsed = (value: JsonValue | undefined): JsonValue =>
  typeof value === "string" ? (JSON.parse(value) as JsonValue) : (value ?? null);
