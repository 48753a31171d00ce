/**
 * Labels of a request, which Bedrock writes into its invocation logs: the end user's id and, of OpenAI clients,
 * `metadata`.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html (`requestMetadata`)
 */
import type { Losses } from "../../conversation/losses.ts";
import type { ConversationRequest } from "../../conversation/request.ts";
import { isObject, type JsonObject } from "../../json/types.ts";
import { clientPath } from "../client-paths.ts";

const maxEntries = 16;
const validText = /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/;

/** @returns `requestMetadata`, or nothing when there are no labels */
export function encodeMetadata(request: ConversationRequest, losses: Losses): JsonObject {
  const given = request.extra["requestMetadata"];
  const labels: [path: string, name: string, value: unknown][] = [
    ...(request.user === undefined ? [] : [[clientPath(request, "user"), "user", request.user] as const]),
    ...entriesOf(request.extra["metadata"], "metadata"),
    ...entriesOf(given, "requestMetadata"),
  ].map(([path, name, value]) => [path, name, value]);
  const requestMetadata: JsonObject = {};
  for (const [path, name, value] of labels) {
    const isRoom = Object.keys(requestMetadata).length < maxEntries;
    if (isRoom && typeof value === "string" && name !== "" && validText.test(name) && validText.test(value))
      requestMetadata[name] = value;
    else losses.dropped(path, "Bedrock takes 16 labels of at most 256 plain characters");
  }
  return Object.keys(requestMetadata).length > 0 ? { requestMetadata } : {};
}

function entriesOf(value: unknown, at: string): (readonly [path: string, name: string, value: unknown])[] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, text]) => [`${at}.${name}`, name, text] as const);
}
