/** Everything that is translated in these tests: recorded traffic, the probes of every feature, and what is made up. */
import type { Answer } from "../../../src/conversation/answer.ts";
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import { Losses } from "../../../src/conversation/losses.ts";
import type { ConversationRequest } from "../../../src/conversation/request.ts";
import { type ClientDialect, noQuirks } from "../../../src/dialects/dialect.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { clientCall } from "../../sealing.ts";
import { decodeChunks } from "../every-cut.ts";
import { answerCatalogues, requestCatalogues } from "../losses/catalogue.ts";
import { bytesOf, context, jsonOf, recorded } from "../pairs/recordings.ts";
import { answers, streamed } from "./answers.ts";
import { conversations } from "./conversations.ts";
import { clients, type Judged, type JudgedTarget, targets } from "./judged.ts";

export { clients, targets };
export type Client = (typeof clients)[number];

/** What a format can say depends on the model: old ones, ones that think, the newest. */
const models: Readonly<Record<Judged, readonly string[]>> = {
  "openai-chat": ["gpt-4o", "gpt-5.1", "mistral-large-latest"],
  "openai-responses": ["gpt-4o", "gpt-5.1"],
  anthropic: ["claude-3-5-haiku-latest", "claude-sonnet-4-5", "claude-opus-4-8"],
  gemini: ["gemini-1.5-pro", "gemini-2.5-flash", "gemini-3-pro-preview"],
  "bedrock-converse": [
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "us.anthropic.claude-opus-4-8",
    "us.meta.llama4-maverick-17b-instruct-v1:0",
    "us.amazon.nova-pro-v1:0",
  ],
};

export interface Asked {
  readonly name: string;
  /** As the client sent it; undefined for what was made up. */
  readonly body?: JsonObject;
  readonly conversation: ConversationRequest;
}

const inventedConversations = conversations(240);

/** The requests of a client. */
export function requestsOf({ name, dialect }: Client): Asked[] {
  const catalogue = requestCatalogues[name];
  const { path = "", plain = {}, probes = [] } = catalogue ?? {};
  const bodies: Array<readonly [string, JsonObject]> = [
    ...recorded(dialect, "request").map((file) => [file, jsonOf(dialect, file)] as const),
    ...probes.map(({ feature, fields }) => [feature, { ...plain, ...fields }] as const),
  ];
  return [
    ...bodies.map(([of, body]) => ({
      name: of,
      body,
      conversation: dialect.decodeRequest(body, clientCall(path)),
    })),
    ...inventedConversations
      .map((conversation, number) => ({ name: `invented ${number}`, conversation }))
      .filter(({ conversation }) => conversation.dialect === name),
  ];
}

/** For each model, where that makes a difference. @param refused told of models that cannot take it at all */
export function encodedFor(
  target: JudgedTarget,
  { name, body, conversation }: Asked,
  refused: (name: string) => void,
) {
  const seen = new Set<string>();
  const all = models[target.name];
  // Of what was made up there is plenty: one model for each.
  const some = body === undefined ? all.filter((_, i) => i === conversation.turns.length % all.length) : all;
  return some.flatMap((model) => {
    try {
      const value = target.encodeRequest(conversation, { model, quirks: noQuirks }, new Losses());
      const said = JSON.stringify({ ...value, model: "" });
      if (seen.has(said)) return [];
      seen.add(said);
      return [{ label: `${name}, ${model}`, value }];
    } catch (error) {
      if (!(error instanceof InvalidRequestError)) throw error;
      refused(name);
      return [];
    }
  });
}

const inventedAnswers = answers(240);

/** Vendors that speak OpenAI's dialect, each a little differently. */
const vendors = { name: "compatible-vendors" };
const recordedBy = (target: JudgedTarget) => (target.name === "openai-chat" ? [target, vendors] : [target]);

/** The answers of a target, read. `body` as it came. */
export function answersOf(target: JudgedTarget): Array<{ name: string; body?: JsonObject; answer: Answer }> {
  const bodies = [
    ...recordedBy(target).flatMap((by) =>
      recorded(by, "answer").map((file) => [file, jsonOf(by, file)] as const),
    ),
    ...answerCatalogues[target.name].map(({ feature, body }) => [feature, body] as const),
  ];
  return [
    ...bodies.map(([name, body]) => ({ name, body, answer: target.decodeAnswer(body) })),
    ...inventedAnswers
      .map((answer, number) => ({ name: `invented ${number}`, answer }))
      .filter(({ answer }) => answer.dialect === target.name),
  ];
}

/** The streams of a target, read. */
export function streamsOf(target: JudgedTarget): Array<{ name: string; events: StreamEvent[] }> {
  return [
    ...recordedBy(target).flatMap((by) =>
      recorded(by, "stream").map((name) => ({
        name,
        events: decodeChunks(target.streamDecoder(), [bytesOf(by, name)]),
      })),
    ),
    ...inventedAnswers
      .map((answer, number) => ({ name: `invented ${number}`, events: streamed(answer), answer }))
      .filter(({ answer }) => answer.dialect === target.name),
  ];
}

/** What a client parses of a stream, event by event. */
export function encodedStream(client: ClientDialect, events: readonly StreamEvent[]): JsonObject[] {
  const encoder = client.streamEncoder(context);
  const text = events.map((event) => encoder.push(event)).join("");
  return [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = ""]) => JSON.parse(data) as JsonObject);
}

const prose = new Set([
  ...["delta", "text", "content", "thinking", "reasoning_content", "refusal", "partial_json", "arguments"],
  ...["id", "item_id", "call_id", "responseId", "signature", "data", "encrypted_content", "message"],
]);

/** Alike for values that differ in prose, ids and numbers only: most events of a stream do, and types know none of it. */
export function shapeOf(value: JsonObject): string {
  return JSON.stringify(value, (name, member: unknown) => {
    if (typeof member === "number") return 0;
    return typeof member === "string" && prose.has(name) ? "" : member;
  });
}
