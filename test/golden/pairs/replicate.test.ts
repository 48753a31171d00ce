/**
 * Recorded requests of every client dialect for Replicate, and recorded predictions for every client dialect, whole and
 * as the stream that they become. The golden files are reviewed, not just recorded.
 */
import { describe, expect, it } from "vitest";
import { answerEvents } from "../../../src/conversation/answer-events.ts";
import { Losses } from "../../../src/conversation/losses.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { replicate } from "../../../src/dialects/replicate/index.ts";
import { clientCall } from "../../sealing.ts";
import { schemas, violations } from "../replicate/published-schemas.ts";
import { context, jsonOf, legible, recorded, sides } from "./recordings.ts";
import { expectAnswerTranslated } from "./translations.ts";

const clients = [...new Set(sides.map(({ dialect }) => dialect))];
/** Where its clients call. */
const pathOf = (client: (typeof clients)[number]) =>
  sides.find(({ dialect }) => dialect === client)?.path ?? "";

/** One that takes a prompt alone, one that takes messages, one that takes images and thinks. */
const shown = ["meta/meta-llama-3-8b-instruct", "openai/gpt-4.1-mini", "anthropic/claude-4-sonnet"];

/** They say nothing but what functions returned. */
const refused = ["gemini/any-mode.request.json", "gemini/parallel-results.request.json"];

const golden = (pair: string, kind: string, name: string) =>
  `__golden__/${pair}/${kind}/${name.replace(/\.json$/, "")}.txt`;

function encode(client: (typeof clients)[number], name: string, model: string) {
  const losses = new Losses();
  const request = client.decodeRequest(jsonOf(client, name), clientCall(pathOf(client)));
  const encoded = replicate.encodeRequest(request, { model, quirks: noQuirks }, losses);
  return { encoded, losses: losses.entries };
}

describe.each(clients)("$name → replicate", (client) => {
  describe.each(shown)("%s", (model) => {
    it.each(recorded(client, "request"))("request %s", async (name) => {
      if (refused.includes(`${client.name}/${name}`)) {
        expect(() => encode(client, name, model)).toThrow(/nothing in the messages can be said/);
        return;
      }
      const file = golden(`${client.name}-to-replicate`, `requests-${model.split("/")[0]}`, name);
      await expect(legible(encode(client, name, model))).toMatchFileSnapshot(file);
    });
  });

  it.each(Object.keys(schemas))("every request is one by the schema of %s", (model) => {
    const accepted = recorded(client, "request").filter(
      (name) => !refused.includes(`${client.name}/${name}`),
    );
    for (const name of accepted)
      expect(violations(model, encode(client, name, model).encoded), name).toEqual([]);
  });
});

describe.each(clients)("replicate → $name", (client) => {
  const pair = `replicate-to-${client.name}`;

  it.each(recorded(replicate, "answer"))("answer %s", (name) =>
    expectAnswerTranslated(replicate, name, client, golden(pair, "answers", name)),
  );

  it.each(recorded(replicate, "answer"))("answer %s as a stream", async (name) => {
    const encoder = client.streamEncoder(context);
    const events = answerEvents(replicate.decodeAnswer(jsonOf(replicate, name)));
    const stream = events.map((event) => encoder.push(event)).join("");
    await expect(stream).toMatchFileSnapshot(golden(pair, "streams", name));
  });
});

it("the schemas tell what is wrong", () => {
  const input = {
    prompt: "a",
    top_k: 1,
    temperature: 3,
    max_completion_tokens: 1.5,
    image_input: [1],
    messages: [1],
  };
  expect(violations("openai/gpt-4.1-mini", { input, stream: true })).toEqual([
    "stream is no member of a prediction",
    "input.top_k is not in the schema",
    "input.temperature is not from 0 to 2",
    "input.max_completion_tokens is no integer",
    "input.image_input is no strings",
    "input.messages is no objects",
  ]);
  expect(violations("openai/o1", { input: { reasoning_effort: "none" } })).toEqual([
    "nothing is said",
    "input.reasoning_effort is none of low, medium, high",
  ]);
});
