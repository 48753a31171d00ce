/** Reasoning of every provider, through the history of every client: back as it was, or without its proof. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../../src/conversation/answer.ts";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import { Losses } from "../../../src/conversation/losses.ts";
import { type DialectName, dialectNames, type ReasoningPart } from "../../../src/conversation/parts.ts";
import { noUsage } from "../../../src/conversation/usage.ts";
import type { ClientDialect, EncodeContext } from "../../../src/dialects/dialect.ts";
import { conversationClients } from "../../../src/dialects/registry.ts";
import { Seal } from "../../../src/dialects/seal.ts";
import { isObject, type JsonObject, type JsonValue } from "../../../src/json/types.ts";
import { seal } from "../../sealing.ts";

const context: EncodeContext = {
  model: "m",
  includeUsage: true,
  now: 1,
  newId: () => "0".repeat(24),
  seal,
};
const clients = ["openai-chat", "openai-responses", "anthropic", "gemini"] as const;

function clientNamed(name: DialectName) {
  const found = conversationClients.find((dialect) => dialect.name === name);
  if (found === undefined) throw new Error(`nobody speaks ${name}`);
  return found;
}

const words = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
/** Of any provider but the client's own. */
const partsFor = (client: DialectName) =>
  fc.array(
    fc.tuple(
      fc.constantFrom(...dialectNames.filter((name) => name !== client)),
      fc.oneof(
        fc.record({ text: words, signature: words }),
        fc.record({ text: fc.constant(""), redacted: words }),
        // Gemini's, of a call.
        fc.record({ text: fc.constant(""), signature: words }),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  );
const reasoning = ([origin, given]: readonly [DialectName, object]): ReasoningPart =>
  ({ kind: "reasoning", origin, ...given }) as ReasoningPart;

function answerOf(parts: readonly ReasoningPart[]): Answer {
  const said = { kind: "text" as const, text: "Twelve." };
  return {
    id: "r",
    model: "m",
    candidates: [{ parts: [...parts, said], finish: "stop" }],
    usage: noUsage,
    dialect: "bedrock-converse",
  };
}

/** The assistant's turn in the client's next request, as its SDK keeps whole answers. */
function turnOf(client: ClientDialect, answer: JsonObject): JsonValue[] {
  if (client.name === "openai-chat")
    return (answer["choices"] as JsonObject[]).map((c) => c["message"] ?? null);
  if (client.name === "openai-responses") return answer["output"] as JsonValue[];
  if (client.name === "gemini")
    return (answer["candidates"] as JsonObject[]).map((c) => c["content"] ?? null);
  return [{ role: "assistant", content: answer["content"] ?? null }];
}

function requestWith(client: ClientDialect, turn: JsonValue[]): JsonObject {
  if (client.name === "gemini") return { contents: [{ role: "user", parts: [{ text: "?" }] }, ...turn] };
  const list = [{ role: "user", content: "?" }, ...turn];
  return client.name === "openai-responses"
    ? { model: "m", input: list }
    : { model: "m", max_tokens: 9, messages: list };
}

/** What the history holds for whoever made it; the places of parts are not compared. */
function reasoningIn(client: ClientDialect, turn: JsonValue[], under = seal): object[] {
  const path = "/v1beta/models/m:generateContent";
  const { turns } = client.decodeRequest(requestWith(client, turn), { path, seal: under });
  const parts = turns.flatMap((one) => (one.role === "assistant" ? one.parts : []));
  return parts.flatMap((part) => {
    if (part.kind !== "reasoning") return [];
    const { at: _, ...rest } = part;
    return [rest];
  });
}

function* eventsOf(parts: readonly ReasoningPart[], cut: number): Generator<StreamEvent> {
  yield { kind: "start", id: "r", model: "m" };
  for (const [index, part] of parts.entries()) {
    const place = { candidate: 0, index };
    if (part.text === "") {
      yield { kind: "part", ...place, part };
      continue;
    }
    yield { kind: "open", ...place, part: { kind: "reasoning", origin: part.origin } };
    for (let at = 0; at < part.text.length; at += cut)
      yield { kind: "delta", ...place, text: part.text.slice(at, at + cut) };
    if (part.signature !== undefined) yield { kind: "signature", ...place, signature: part.signature };
    yield { kind: "close", ...place };
  }
  yield { kind: "finish", candidate: 0, reason: "stop" };
  yield { kind: "usage", usage: noUsage };
  yield { kind: "end" };
}

/** The turn as applications put it together from a stream. */
function gathered(client: ClientDialect, stream: string): JsonValue[] {
  const events = stream
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice("data: ".length)) as JsonObject);
  switch (client.name) {
    case "openai-chat": {
      const deltas = events.flatMap((event) => event["choices"] as Array<{ delta: JsonObject }>);
      const blocks = deltas.map(({ delta }) => delta["thinking_blocks"]).filter((list) => list !== undefined);
      return [{ role: "assistant", content: "Twelve.", thinking_blocks: blocks.flat() as JsonValue[] }];
    }
    case "openai-responses":
      return events
        .filter(({ type }) => type === "response.output_item.done")
        .map(({ item }) => item ?? null);
    case "gemini":
      return events.flatMap((event) =>
        (event["candidates"] as JsonObject[]).map((candidate) => candidate["content"] ?? null),
      );
    default:
      return [{ role: "assistant", content: blocksOf(events) }];
  }
}

function blocksOf(events: readonly JsonObject[]): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const { type, content_block: block, delta } of events) {
    if (type === "content_block_start" && isObject(block)) blocks.push({ ...block });
    const last = blocks.at(-1);
    if (type !== "content_block_delta" || !isObject(delta) || last === undefined) continue;
    for (const name of ["thinking", "signature"])
      if (typeof delta[name] === "string") last[name] = `${last[name]}${delta[name]}`;
  }
  return blocks;
}

describe.each(clients)("in the history of a client of %s", (name) => {
  const client = clientNamed(name);

  it("comes back as it was, from a whole answer", () => {
    fc.assert(
      fc.property(partsFor(name), (given) => {
        const parts = given.map(reasoning);
        const encoded = client.encodeAnswer(answerOf(parts), context, new Losses());
        expect(reasoningIn(client, turnOf(client, encoded))).toEqual(parts);
      }),
    );
  });

  it("comes back as it was, from a stream cut anywhere", () => {
    fc.assert(
      fc.property(partsFor(name), fc.integer({ min: 1, max: 9 }), (given, cut) => {
        const parts = given.map(reasoning);
        const encoder = client.streamEncoder(context);
        const stream = [...eventsOf(parts, cut)].map((event) => encoder.push(event)).join("");
        expect(reasoningIn(client, gathered(client, stream))).toEqual(parts);
      }),
    );
  });

  it("proves nothing under another key, and keeps its text", () => {
    fc.assert(
      fc.property(partsFor(name), (given) => {
        const parts = given.map(reasoning);
        const encoded = client.encodeAnswer(answerOf(parts), context, new Losses());
        const other = new Seal(Buffer.alloc(32, 9));
        expect(reasoningIn(client, turnOf(client, encoded), other)).toEqual(
          parts.map(({ kind, text, origin }) => ({ kind, text, origin, brokenSeal: true })),
        );
      }),
    );
  });

  it("proves nothing beside another text", () => {
    const text = "I weighed it.";
    const part: ReasoningPart = { kind: "reasoning", text, origin: "bedrock-converse", signature: "U0lH" };
    const encoded = client.encodeAnswer(answerOf([part]), context, new Losses());
    const turn = turnOf(client, encoded);
    expect(reasoningIn(client, turn)).toEqual([part]);
    const edited = JSON.parse(JSON.stringify(turn).replaceAll(text, "I guessed it.")) as JsonValue[];
    expect(reasoningIn(client, edited)).toEqual([
      { kind: "reasoning", text: "I guessed it.", origin: "bedrock-converse", brokenSeal: true },
    ]);
  });
});
