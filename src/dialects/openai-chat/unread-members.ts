/**
 * Members of messages, parts and tools that have no neutral meaning. They travel in the request's `extra` under
 * their JSON path, so that any other dialect reports each as lost. (Calls that stay in this dialect are not
 * decoded, and lose nothing.)
 */
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";

const messageMembers = new Set(
  `role content name refusal audio tool_calls tool_call_id function_call reasoning_content reasoning
   thinking_blocks annotations cache_control`.split(/\s+/),
);
const partMembers = new Set(
  `type text refusal image_url input_audio file cache_control prompt_cache_breakpoint`.split(/\s+/),
);
const toolMembers = new Set("type function custom cache_control".split(" "));
const functionMembers = new Set("name description parameters strict cache_control".split(" "));
/** Kinds of parts that are kept whole when they are not one of these. */
const readParts = new Set("text refusal image_url input_audio file".split(" "));
/** A hostile request must not grow the report. */
const maxUnread = 256;

/** By path, with their values. */
export function unreadMembers(body: JsonObject): Array<[path: string, value: JsonValue]> {
  const unread: Array<[string, JsonValue]> = [];
  const note = (object: JsonValue | undefined, at: string, read: ReadonlySet<string>): void => {
    if (!isObject(object)) return;
    for (const [name, value] of Object.entries(object)) {
      if (!read.has(name) && value !== null && unread.length < maxUnread)
        unread.push([`${at}.${name}`, value]);
    }
  };
  listOf(body["messages"]).forEach((message, index) => {
    const at = `messages[${index}]`;
    note(message, at, messageMembers);
    listOf(isObject(message) ? message["content"] : undefined).forEach((part, position) => {
      if (isObject(part) && readParts.has(String(part["type"])))
        note(part, `${at}.content[${position}]`, partMembers);
    });
  });
  listOf(body["tools"]).forEach((tool, index) => {
    if (!isObject(tool) || tool["type"] !== "function") return;
    note(tool, `tools[${index}]`, toolMembers);
    note(tool["function"], `tools[${index}].function`, functionMembers);
  });
  return unread;
}

/** Whether a name in `extra` is such a path, and not a top-level field. */
export function isInnerPath(name: string): boolean {
  return /^(messages|tools)\[\d+\]\./.test(name);
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
