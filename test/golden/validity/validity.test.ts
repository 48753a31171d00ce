/**
 * What Tollgate writes, for providers and for applications, held to the types that the providers publish: every pair of
 * dialects, with recorded traffic, a probe of each feature, and conversations that were made up. The type checker
 * judges; it is asked once.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ErrorKind } from "../../../src/conversation/error.ts";
import { Losses } from "../../../src/conversation/losses.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { context } from "../pairs/recordings.ts";
import {
  answersOf,
  type Client,
  clients,
  encodedFor,
  encodedStream,
  requestsOf,
  shapeOf,
  streamsOf,
  targets,
} from "./corpus.ts";
import { rules } from "./rules/index.ts";
import { type Claim, violationsOf } from "./type-checker.ts";
import { wrongs } from "./wrongs.ts";

const claims: Claim[] = [...wrongs];
/** What breaks rules beyond the types, by group. */
const broken = new Map<string, string[]>();

const requestPairs = clients.flatMap((client) => targets.map((target) => ({ client, target })));
const answerPairs = targets.flatMap((target) => clients.map((client) => ({ client, target })));
type Pair = (typeof requestPairs)[number];

const requestGroup = ({ client, target }: Pair) => `request: ${client.name} → ${target.name}`;
const answerGroup = ({ client, target }: Pair) => `answer: ${target.name} → ${client.name}`;
const streamGroup = ({ client, target }: Pair) => `stream: ${target.name} → ${client.name}`;
const ownGroup = (name: string) => `own: ${name}`;

/** A dialect's client and target are the same: what was valid must stay so, and what was not is the client's affair. */
const isOwn = ({ client, target }: Pair): boolean => client.name === target.name;

const requests = new Map(clients.map((client) => [client.name, requestsOf(client)]));
for (const { name } of clients)
  for (const { name: label, body } of requests.get(name) ?? [])
    if (body !== undefined)
      claims.push({ group: ownGroup(`${name} request`), label, type: `${name} request`, value: body });

const refused = new Set<string>();

for (const pair of requestPairs) {
  const { target } = pair;
  const refuse = (name: string) => {
    // Only of recorded requests: those that were made up are made to be difficult.
    if (name.endsWith(".json")) refused.add(`${pair.client.name}/${name} at ${target.name}`);
  };
  const asked = requests.get(pair.client.name) ?? [];
  for (const one of isOwn(pair) ? asked.filter(({ body }) => body !== undefined) : asked) {
    for (const { label, value } of encodedFor(target, one, refuse)) {
      if (!isOwn(pair)) noteRules(pair, label, value);
      // AWS publishes a model instead of types that would tell much: its rules are all there is.
      if (target.name !== "bedrock-converse")
        claims.push({ group: requestGroup(pair), label, type: `${target.name} request`, value });
    }
  }
}

function noteRules(pair: Pair, label: string, body: JsonObject): void {
  const group = requestGroup(pair);
  const isOpenAis = [pair.client, pair.target].every(({ name }) => name.startsWith("openai"));
  // One provider's two APIs: what is strict there is the client's own mistake.
  const found = rules[pair.target.name](body).filter((what) => !isOpenAis || !what.startsWith("strict: "));
  broken.set(group, [...(broken.get(group) ?? []), ...found.map((what) => `${label}: ${what}`)]);
}

const answered = new Map(targets.map((target) => [target.name, answersOf(target)]));
const streams = new Map(targets.map((target) => [target.name, streamsOf(target)]));
const seen = new Set<string>();

for (const { name } of clients)
  for (const { name: label, body } of answered.get(name) ?? [])
    if (body !== undefined)
      claims.push({ group: ownGroup(`${name} answer`), label, type: `${name} answer`, value: body });

for (const pair of answerPairs) {
  const { client, target } = pair;
  for (const { name: label, answer } of answered.get(target.name) ?? []) {
    const value = client.dialect.encodeAnswer(answer, context, new Losses());
    claims.push({ group: answerGroup(pair), label, type: `${client.name} answer`, value });
  }
  // Own streams pass; what is foreign in them would be held to a client's types that are newer than the recording.
  if (isOwn(pair) && client.name !== "openai-chat") continue;
  for (const { name, events } of streams.get(target.name) ?? []) {
    encodedStream(client.dialect, events).forEach((value, index) => {
      const shape = `${client.name} ${shapeOf(value)}`;
      const label = `${name}, event ${index}`;
      if (!seen.has(shape))
        claims.push({ group: streamGroup(pair), label, type: `${client.name} event`, value });
      seen.add(shape);
    });
  }
}

const kinds: Readonly<Record<ErrorKind, number>> = {
  ...{ "invalid-request": 400, authentication: 401, billing: 402, permission: 403, "not-found": 404 },
  ...{ conflict: 409, "too-large": 413, unprocessable: 422, "rate-limit": 429, server: 500 },
  ...{ "bad-gateway": 502, unavailable: 503, timeout: 504, overloaded: 529 },
};
const repliesGroup = ({ name }: Client) => `replies: ${name}`;
for (const client of clients) {
  const { name, dialect } = client;
  const claim = (label: string, type: "error" | "models", value: JsonObject) =>
    claims.push({ group: repliesGroup(client), label, type: `${name} ${type}`, value });
  for (const [kind, status] of Object.entries(kinds)) {
    const error = { kind: kind as ErrorKind, status, message: "No." };
    const told = { ...error, code: "some_code", param: "messages[0]", retryAfterSeconds: 3, requestId: "r" };
    claim(kind, "error", dialect.encodeError(error).body);
    claim(`${kind}, with all that is known`, "error", dialect.encodeError(told).body);
  }
  claim("models", "models", dialect.models.list(["gpt-4o", "claude"]));
}

const violations = await violationsOf(claims);

/** What is wrong in a group; fails when there is nothing in it. */
function wrongIn(group: string, isConsidered = (_label: string) => true): string[] {
  expect(claims.some((claim) => claim.group === group)).toBe(true);
  const found = (violations.get(group) ?? []).filter(({ label }) => isConsidered(label));
  return found.map(({ label, path, why }) => `${label}: ${path}: ${why}`);
}

/** Labels of requests and answers that their own provider's types do not allow. */
function strange(kind: "request" | "answer", { name }: Client): Set<string> {
  return new Set((violations.get(ownGroup(`${name} ${kind}`)) ?? []).map(({ label }) => label));
}

describe("requests are what the provider takes", () => {
  it.each(requestPairs)("$client.name → $target.name", (pair) => {
    if (!isOwn(pair)) expect(broken.get(requestGroup(pair))).toEqual([]);
    if (pair.target.name === "bedrock-converse") return;
    const left = isOwn(pair) ? strange("request", pair.client) : new Set<string>();
    // The label goes on with the model.
    const considered = (label: string) => !left.has(label.slice(0, label.lastIndexOf(", ")));
    expect(wrongIn(requestGroup(pair), considered)).toEqual([]);
  });
});

it("refuses media by URL where it cannot be fetched, and no other recorded request", () => {
  expect([...refused]).toMatchInlineSnapshot(`
    [
      "openai-chat/result-image-url.request.json at gemini",
      "openai-chat/result-image-url.request.json at bedrock-converse",
      "openai-responses/image-url.request.json at gemini",
      "openai-responses/pdf-url.request.json at gemini",
      "openai-responses/result-image.request.json at gemini",
      "openai-responses/image-url.request.json at bedrock-converse",
      "openai-responses/pdf-url.request.json at bedrock-converse",
      "openai-responses/result-image.request.json at bedrock-converse",
      "anthropic/pdf.request.json at gemini",
      "anthropic/result-image-url.request.json at gemini",
      "anthropic/pdf.request.json at bedrock-converse",
      "anthropic/result-image-url.request.json at bedrock-converse",
      "gemini/audio.request.json at gemini",
      "gemini/image-url.request.json at gemini",
      "gemini/pdf-url.request.json at gemini",
      "gemini/image-url.request.json at bedrock-converse",
      "gemini/pdf-url.request.json at bedrock-converse",
    ]
  `);
});

describe("answers are what the application parses", () => {
  it.each(answerPairs)("$target.name → $client.name", (pair) => {
    const left = isOwn(pair) ? strange("answer", pair.client) : new Set<string>();
    expect(wrongIn(answerGroup(pair), (label) => !left.has(label))).toEqual([]);
  });

  it.each(answerPairs.filter((pair) => !isOwn(pair) || pair.client.name === "openai-chat"))(
    "streamed: $target.name → $client.name",
    (pair) => {
      const found = violations.get(streamGroup(pair)) ?? [];
      expect(found.map(({ label, path, why }) => `${label}: ${path}: ${why}`)).toEqual([]);
    },
  );

  it.each(clients)("errors and lists of models for $name", (client) => {
    expect(wrongIn(repliesGroup(client))).toEqual([]);
  });
});

describe("the check itself", () => {
  it("finds what is wrong, and nothing else", () => {
    const found = [...violations.values()].flat().filter(({ label }) => label.startsWith("wrong: "));
    expect(found.map(({ label, path, why }) => `${label} → ${path}: ${why}`)).toMatchInlineSnapshot(`
      [
        "wrong: a member of another API → max_output_tokens: Object literal may only specify known properties, and '"max_output_tokens"' does not exist in type 'ChatCompletionCreateParams'.",
        "wrong: a role → messages[0].role: Type '"model"' is not assignable to type '"assistant" | "developer" | "function" | "system" | "tool" | "user"'.",
        "wrong: a missing id → messages[0]: Property 'tool_call_id' is missing in type '{ role: "tool"; content: string; }' but required in type 'ChatCompletionToolMessageParam'.",
        "wrong: an image of the assistant → messages[0]: Type '"image_url"' is not assignable to type '"refusal" | "text"'.",
        "wrong: a word → choices[0].finish_reason: Type '"end_turn"' is not assignable to type '"content_filter" | "function_call" | "length" | "stop" | "tool_calls"'.",
        "wrong: a missing refusal → choices[0].message: Property 'refusal' is missing in type '{ role: "assistant"; content: string; }' but required in type 'ChatCompletionMessage'.",
        "wrong: a missing object → : Property 'object' is missing in type '{ id: string; created: number; model: string; choices: never[]; }' but required in type 'ChatCompletionChunk'.",
        "wrong: content of another API → input[0]: Type '"text"' is not assignable to type '"input_file" | "input_image" | "input_text"'.",
        "wrong: a tool of another API → tools[0].function: Object literal may only specify known properties, and '"function"' does not exist in type 'FunctionTool'.",
        "wrong: a missing number → : Property 'sequence_number' is missing in type '{ type: "response.output_text.delta"; delta: string; item_id: string; output_index: number; content_index: number; logprobs: never[]; }' but required in type 'ResponseTextDeltaEvent'.",
        "wrong: nothing but an id → : Type '{ id: string; }' is missing the following properties from type 'Omit<Response, "error" | "output_text" | "usage" | "user">': created_at, incomplete_details, instructions, metadata, and 8 more.",
        "wrong: no limit → : Type '{ model: "m"; messages: { role: "user"; content: string; }[]; }' is missing the following properties from type 'MessageCreateParamsStreaming': stream, max_tokens",
        "wrong: a detail → messages[0].content[0].detail: Object literal may only specify known properties, and '"detail"' does not exist in type 'ImageBlockParam'.",
        "wrong: a type of media → messages[0].content[0].source.media_type: Type '"image/heic"' is not assignable to type '"image/gif" | "image/jpeg" | "image/png" | "image/webp"'.",
        "wrong: an event of another API → type: Type '"response.created"' is not assignable to type '"content_block_delta" | "content_block_start" | "content_block_stop" | "error" | "message_delta" | "message_start" | "message_stop" | "ping"'.",
        "wrong: a block without its text → content_block: Property 'text' is missing in type '{ type: "text"; }' but required in type 'Omit<TextBlock, "citations">'.",
        "wrong: text that is none → contents[0].parts[0].text: Type 'number' is not assignable to type 'string'.",
        "wrong: a member of a call → contents[0].parts[0].functionCall.arguments: Object literal may only specify known properties, and '"arguments"' does not exist in type '{ args?: { [x: string]: unknown; } | undefined; id?: string | undefined; name?: string | undefined; partialArgs?: { boolValue?: boolean | undefined; jsonPath?: …'.",
        "wrong: a mode → toolConfig.functionCallingConfig.mode: Type '"MAYBE"' is not assignable to type '"ANY" | "AUTO" | "MODE_UNSPECIFIED" | "NONE" | "VALIDATED" | undefined'.",
        "wrong: JSON Schema → generationConfig.responseSchema.additionalProperties: Object literal may only specify known properties, and '"additionalProperties"' does not exist in type '{ anyOf?: ...[] | undefined; default?: unknown; description?: string | undefined; enum?: string[] | undefined; example?: unknown; format?: string | undefined; i…'.",
        "wrong: a member of another API → max_tokens: Object literal may only specify known properties, and '"max_tokens"' does not exist in type '{ contents: { parts?: { mediaResolution?: { level?: "MEDIA_RESOLUTION_HIGH" | "MEDIA_RESOLUTION_LOW" | "MEDIA_RESOLUTION_MEDIUM" | "MEDIA_RESOLUTION_ULTRA_HIGH"…'.",
        "wrong: a reason → candidates[0].finishReason: Type '"stop"' is not assignable to type '"BLOCKLIST" | "CONTINUATION" | "FINISH_REASON_UNSPECIFIED" | "IMAGE_OTHER" | "IMAGE_PROHIBITED_CONTENT" | "IMAGE_RECITATION" | "IMAGE_SAFETY" | "LANGUAGE" | "MA…'. Did you mean '"STOP"'?",
      ]
    `);
  });

  it("lets pass what providers took, but for what their types do not know", () => {
    const found = clients.flatMap(({ name }) =>
      (violations.get(ownGroup(`${name} request`)) ?? [])
        .filter(({ label }) => label.endsWith(".json"))
        .map(({ label, path }) => `${name}/${label}: ${path}`),
    );
    // A status of null, and the other spelling of names that Google takes as well.
    expect(found).toMatchInlineSnapshot(`
      [
        "openai-chat/cache-markers.request.json: messages[0].content[0].cache_control",
        "openai-chat/reasoning-content.request.json: messages[3].reasoning_content",
        "openai-chat/reasoning-content.request.json: messages[5].reasoning_content",
        "openai-responses/encrypted-reasoning-tool-results.request.json: input[2]",
        "openai-responses/tool-call-results.request.json: input[1]",
        "gemini/any-mode.request.json: tools[0].functionDeclarations[0].parameters_json_schema",
        "gemini/any-mode.request.json: tools[0].functionDeclarations[1].parameters_json_schema",
        "gemini/audio.request.json: contents[0].parts[1].fileData.file_uri",
        "gemini/call-results.request.json: tools[0].functionDeclarations[0].parameters_json_schema",
        "gemini/call-results.request.json: tools[0].functionDeclarations[1].parameters_json_schema",
        "gemini/call-signature.request.json: tools[0].functionDeclarations[0].parameters_json_schema",
        "gemini/call.request.json: tools[0].functionDeclarations[0].parameters_json_schema",
        "gemini/call.request.json: tools[0].functionDeclarations[1].parameters_json_schema",
        "gemini/image-url.request.json: contents[0].parts[1].fileData.file_uri",
        "gemini/parallel-results.request.json: tools[0].functionDeclarations[0].parameters_json_schema",
        "gemini/parallel-results.request.json: tools[0].functionDeclarations[1].parameters_json_schema",
        "gemini/pdf-url.request.json: contents[0].parts[1].fileData.file_uri",
        "gemini/result-image.request.json: tools[0].functionDeclarations[0].parameters_json_schema",
      ]
    `);
  });

  it("allows nothing that is not written", () => {
    const list = readFileSync(new URL("beyond-published.ts", import.meta.url), "utf8");
    const members = [...list.matchAll(/^ +(\w+)\??: /gm)].map(([, name = ""]) => name);
    const written = JSON.stringify(claims.filter(({ group }) => !group.startsWith("own: ")));
    expect(members.filter((name) => !written.includes(`"${name}":`))).toEqual([]);
  });
});
