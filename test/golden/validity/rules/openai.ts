/**
 * What OpenAI's two APIs demand beyond their types, from their references and from what they say when they refuse.
 *
 * Sources: https://platform.openai.com/docs/api-reference/chat/create,
 * https://platform.openai.com/docs/api-reference/responses/create,
 * https://platform.openai.com/docs/guides/function-calling
 */
import { isObject, type JsonObject, type JsonValue } from "../../../../src/json/types.ts";
import { brokenBase64, isWithin, objects, rootOfFunction } from "./checks.ts";

const name = /^[a-zA-Z0-9_-]{1,64}$/;

export function chatRules(body: JsonObject): string[] {
  const tools = body["tools"];
  const functions = objects(tools).flatMap(({ function: declared }) =>
    isObject(declared) ? [declared] : [],
  );
  const format = isObject(body["response_format"]) ? body["response_format"]["json_schema"] : undefined;
  return [
    ...shared(body, functions, isObject(format) ? format : undefined),
    ...(Array.isArray(body["stop"]) && body["stop"].length > 4 ? ["stop: more than four"] : []),
    ...(body["parallel_tool_calls"] !== undefined && tools === undefined
      ? ["parallel_tool_calls: no tools"]
      : []),
    ...(body["top_logprobs"] !== undefined && body["logprobs"] !== true
      ? ["top_logprobs: without logprobs"]
      : []),
    ...jsonWord(body["response_format"], body["messages"]),
    ...isWithin(body, "n", 1, 128),
    ...isWithin(body, "max_completion_tokens", 1, Infinity),
    ...["url", "file_data"].flatMap((member) => brokenBase64(body["messages"] ?? [], member, "data:")),
    ...chatMessages(objects(body["messages"])),
  ];
}

function chatMessages(messages: readonly JsonObject[]): string[] {
  const found: string[] = [];
  let open = new Set<JsonValue | undefined>();
  messages.forEach((message, index) => {
    const at = `messages[${index}]`;
    const calls = objects(message["tool_calls"]);
    if (message["role"] === "tool") {
      if (!open.delete(message["tool_call_id"])) found.push(`${at}: a result without its call`);
    } else {
      if (open.size > 0) found.push(`${at}: calls before it have no results`);
      open = new Set(calls.map(({ id }) => id));
      if (open.size < calls.length) found.push(`${at}: ids are not unique`);
    }
    for (const { id } of calls)
      if (typeof id !== "string" || id === "" || id.length > 40)
        found.push(`${at}: an id of ${String(id).length}`);
    if (message["content"] === null && calls.length === 0 && message["audio"] === undefined)
      found.push(`${at}: no content`);
    if (Array.isArray(message["content"]) && message["content"].length === 0)
      found.push(`${at}: empty content`);
  });
  if (messages.length === 0) found.push("messages: none");
  if (open.size > 0) found.push("messages: calls at the end have no results");
  return found;
}

export function responsesRules(body: JsonObject): string[] {
  const functions = objects(body["tools"]).filter(({ type }) => type === "function");
  const text = isObject(body["text"]) ? body["text"]["format"] : undefined;
  const format = isObject(text) && text["type"] === "json_schema" ? text : undefined;
  return [
    ...shared(body, functions, format),
    ...jsonWord(text, body["input"]),
    ...isWithin(body, "max_output_tokens", 16, Infinity),
    ...["image_url", "file_data"].flatMap((member) => brokenBase64(body["input"] ?? [], member, "data:")),
    ...responsesInput(objects(body["input"])),
  ];
}

function responsesInput(items: readonly JsonObject[]): string[] {
  const found: string[] = [];
  const open = new Set<JsonValue | undefined>();
  items.forEach((item, index) => {
    const at = `input[${index}]`;
    const id = item["call_id"];
    if (item["type"] === "function_call") {
      if (open.has(id)) found.push(`${at}: an id that another open call has`);
      open.add(id);
      if (typeof id !== "string" || id === "" || id.length > 64)
        found.push(`${at}: an id of ${String(id).length}`);
    } else if (item["type"] === "function_call_output") {
      if (!open.delete(id)) found.push(`${at}: a result without its call`);
    }
    if (Array.isArray(item["content"]) && item["content"].length === 0) found.push(`${at}: empty content`);
  });
  if (items.length === 0) found.push("input: none");
  if (open.size > 0) found.push("input: calls have no results");
  return found;
}

/** "'messages' must contain the word 'json' in some form" */
function jsonWord(format: JsonValue | undefined, messages: JsonValue | undefined): string[] {
  const isAsked = isObject(format) && format["type"] === "json_object";
  return isAsked && !/json/i.test(JSON.stringify(messages)) ? ["JSON mode without the word"] : [];
}

/** @param format the members of a `json_schema` format */
function shared(
  body: JsonObject,
  functions: readonly JsonObject[],
  format: JsonObject | undefined,
): string[] {
  const names = functions.map((declared) => declared["name"]);
  const tools = body["tools"];
  return [
    ...names.filter((one) => !name.test(String(one))).map((one) => `tools: the name ${String(one)}`),
    ...(new Set(names).size < names.length ? ["tools: names are not unique"] : []),
    ...(Array.isArray(tools) && tools.length === 0 ? ["tools: an empty list"] : []),
    ...(body["tool_choice"] !== undefined && tools === undefined ? ["tool_choice: no tools"] : []),
    ...functions.flatMap(({ parameters, strict }) =>
      rootOfFunction(parameters, { properties: strict !== true }),
    ),
    ...(format !== undefined && !name.test(String(format["name"])) ? ["the name of the format"] : []),
    ...functions.flatMap(({ parameters, strict }) => (strict === true ? strictRules(parameters ?? {}) : [])),
    ...(format?.["strict"] === true ? strictRules(format["schema"] ?? {}) : []),
    ...isWithin(body, "temperature", 0, 2),
    ...isWithin(body, "top_p", 0, 1),
    ...isWithin(body, "top_logprobs", 0, 20),
    ...isWithin(body, "frequency_penalty", -2, 2),
    ...isWithin(body, "presence_penalty", -2, 2),
  ];
}

/** https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
function strictRules(schema: JsonValue): string[] {
  if (Array.isArray(schema)) return schema.flatMap(strictRules);
  if (!isObject(schema)) return [];
  const { properties, required, additionalProperties: others } = schema;
  const names = isObject(properties) ? Object.keys(properties) : [];
  const isWhole = names.every((one) => Array.isArray(required) && required.includes(one));
  return [
    ...(schema["type"] === "object" && others !== false ? ["strict: an open object"] : []),
    ...(isWhole ? [] : ["strict: an optional property"]),
    ...["allOf", "oneOf", "not", "patternProperties"]
      .filter((one) => schema[one] !== undefined)
      .map((one) => `strict: ${one}`),
    ...Object.values(isObject(properties) ? properties : {}).flatMap(strictRules),
    ...["items", "anyOf"].flatMap((one) => (schema[one] === undefined ? [] : strictRules(schema[one]))),
  ];
}
