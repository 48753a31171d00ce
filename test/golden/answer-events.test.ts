/**
 * Recorded whole answers for a client that waits for events: what it reads out of them is what the whole answer, written
 * in its dialect, says.
 */
import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/conversation/answer.ts";
import { answerEvents } from "../../src/conversation/answer-events.ts";
import { Losses } from "../../src/conversation/losses.ts";
import type { Part } from "../../src/conversation/parts.ts";
import { conversationTargets } from "../../src/dialects/registry.ts";
import type { JsonObject } from "../../src/json/types.ts";
import { decodeChunks, expectStrictOrder } from "./every-cut.ts";
import { context, jsonOf, recorded, sides } from "./pairs/recordings.ts";
import { told } from "./told.ts";

const clients = [...new Set(sides.map(({ dialect }) => dialect))];

describe.each(conversationTargets)("answers of $name", (target) => {
  const names = recorded(target, "answer");

  it.each(names)("%s: the events say what the answer says, in their strict order", (name) => {
    const answer = target.decodeAnswer(jsonOf(target, name));
    const events = answerEvents(answer);
    expectStrictOrder(events);
    expect(events.at(-1)).toEqual({ kind: "end" });
    const { serviceTier: _, ...streamable } = answer;
    expect(told(events, target.name)).toEqual(streamable);
  });

  describe.each(clients)("to $name", (client) => {
    it.each(names)("%s", (name) => {
      const answer = target.decodeAnswer(jsonOf(target, name));
      const encoder = client.streamEncoder(context);
      const stream = answerEvents(answer)
        .map((event) => encoder.push(event))
        .join("");
      const whole = client.decodeAnswer(client.encodeAnswer(answer, context, new Losses()));
      expect(gist(read(client, stream))).toEqual(gist(whole));
    });
  });
});

/** What the client's SDK puts together out of the stream. */
function read(client: (typeof clients)[number], stream: string): Answer {
  const events = decodeChunks(client.streamDecoder(), [Buffer.from(stream)]);
  expectStrictOrder(events);
  if (client.name !== "openai-responses") return told(events, client.name);
  // The last event repeats the answer, and the SDK takes it from there.
  const last = stream.trimEnd().split("\ndata: ").at(-1) ?? "";
  const { response } = JSON.parse(last) as { response: JsonObject };
  return client.decodeAnswer(response);
}

/** Without what streams have no place for (the service tier) or tell in more pieces or twice (thinking, with its proof). */
function gist({ candidates, usage, model }: Answer) {
  return {
    model,
    usage,
    candidates: candidates.map(({ parts, ...rest }) => ({ ...rest, ...gistOf(parts) })),
  };
}

function gistOf(parts: readonly Part[]) {
  const thoughts = parts.filter((part) => part.kind === "reasoning");
  const thought = new Set(thoughts.map(({ text }) => text).filter((text) => text !== ""));
  const joined = (kind: "text" | "refusal") =>
    parts.map((part) => (part.kind === kind && "text" in part ? part.text : "")).join("");
  return {
    text: joined("text"),
    refusal: joined("refusal"),
    cited: parts.flatMap((part) => (part.kind === "text" ? (part.annotations?.items ?? []) : [])),
    thought: [...thought].join(""),
    // One that is nothing but our mark of whose thinking it is proves nothing.
    proofs: thoughts.filter(({ signature, redacted }) => (signature ?? redacted ?? "").length > 60).length,
    others: parts.filter(({ kind }) => kind !== "text" && kind !== "refusal" && kind !== "reasoning"),
  };
}
