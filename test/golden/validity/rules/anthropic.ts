/**
 * What Anthropic demands beyond its types, from its reference and from what it says when it refuses.
 *
 * Sources: https://docs.anthropic.com/en/api/messages,
 * https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use,
 * https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
 */
import { isObject, type JsonObject, type JsonValue } from "../../../../src/json/types.ts";
import { brokenBase64, isWithin, objects, rootOfFunction } from "./checks.ts";

export function anthropicRules(body: JsonObject): string[] {
  const tools = objects(body["tools"]);
  const own = tools.filter(({ input_schema: schema }) => schema !== undefined);
  const stops = Array.isArray(body["stop_sequences"]) ? body["stop_sequences"] : [];
  return [
    ...isWithin(body, "max_tokens", 1, Infinity),
    ...isWithin(body, "temperature", 0, 1),
    ...isWithin(body, "top_p", 0, 1),
    ...thinking(body),
    ...(body["tool_choice"] !== undefined && tools.length === 0 ? ["tool_choice: no tools"] : []),
    ...(body["tools"] !== undefined && tools.length === 0 ? ["tools: an empty list"] : []),
    ...own.flatMap(({ name, input_schema: schema }) => [
      ...(/^[a-zA-Z0-9_-]{1,128}$/.test(String(name)) ? [] : [`tools: the name ${String(name)}`]),
      ...rootOfFunction(schema),
    ]),
    ...(stops.some((stop) => String(stop).trim() === "") ? ["stop_sequences: white space alone"] : []),
    ...(markers(body) > 4 ? [`cache_control: ${markers(body)} of them`] : []),
    ...objects(body["messages"]).flatMap(({ content }) => media(content)),
    ...messageRules(objects(body["messages"])),
  ];
}

function media(content: JsonValue | undefined): string[] {
  return objects(content).flatMap(({ source, content: inner }) => [
    ...(isObject(source) && source["type"] === "base64" ? brokenBase64(source, "data") : []),
    ...media(inner),
  ]);
}

function thinking(body: JsonObject): string[] {
  const { thinking: asked, max_tokens: most } = body;
  if (!isObject(asked) || asked["type"] !== "enabled") return [];
  const budget = Number(asked["budget_tokens"]);
  return budget >= 1024 && budget < Number(most)
    ? []
    : [`thinking: a budget of ${budget} of ${String(most)}`];
}

function markers(value: JsonValue): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + markers(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [name, member]) => {
    if (name === "input" || name === "input_schema") return sum;
    return sum + (name === "cache_control" ? 1 : markers(member));
  }, 0);
}

function messageRules(messages: readonly JsonObject[]): string[] {
  const found: string[] = [];
  const ids = new Set<JsonValue | undefined>();
  let open = new Set<JsonValue | undefined>();
  messages.forEach((message, index) => {
    const at = `messages[${index}]`;
    const content = message["content"];
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : objects(content);
    if (blocks.length === 0) found.push(`${at}: empty`);
    let isBehind = false;
    for (const block of blocks as JsonObject[]) {
      if (block["type"] === "tool_result") {
        if (isBehind) found.push(`${at}: a result behind other content`);
        if (!open.delete(block["tool_use_id"])) found.push(`${at}: a result without its call`);
      } else isBehind = true;
      if (block["type"] === "text" && String(block["text"]).trim() === "") found.push(`${at}: blank text`);
    }
    if (open.size > 0) found.push(`${at}: calls before it have no results`);
    const calls = (blocks as JsonObject[]).filter(({ type }) => type === "tool_use");
    open = new Set(calls.map(({ id }) => id));
    for (const { id } of calls) {
      if (!/^[a-zA-Z0-9_-]+$/.test(String(id))) found.push(`${at}: the id ${String(id)}`);
      if (ids.has(id)) found.push(`${at}: the id ${String(id)} again`);
      ids.add(id);
    }
  });
  if (messages[0]?.["role"] !== "user") found.push("messages: the first is not the user's");
  if (open.size > 0) found.push("messages: calls at the end have no results");
  const last = messages.at(-1);
  const text = objects(last?.["content"]).at(-1)?.["text"] ?? last?.["content"];
  if (last?.["role"] === "assistant" && typeof text === "string" && text !== text.trimEnd())
    found.push("messages: white space at the end");
  return found;
}
