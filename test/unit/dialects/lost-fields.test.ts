/** Fields that say what happens anyway: nobody misses them where they have no place. */
import { describe, expect, it } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { anthropic } from "../../../src/dialects/anthropic/index.ts";
import { bedrockConverse } from "../../../src/dialects/bedrock-converse/index.ts";
import { type ClientDialect, noQuirks, type TargetDialect } from "../../../src/dialects/dialect.ts";
import { gemini } from "../../../src/dialects/gemini/index.ts";
import { openaiChat } from "../../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { clientCall } from "../../sealing.ts";

const targets: TargetDialect[] = [openaiChat, openaiResponses, anthropic, gemini, bedrockConverse];
const models: Readonly<Record<string, string>> = { anthropic: "claude-sonnet-4-5" };

function translate(client: ClientDialect, target: TargetDialect, body: JsonObject) {
  const losses = new Losses();
  const encode = { model: models[target.name] ?? "m", defaultMaxTokens: 100, quirks: noQuirks };
  const encoded = target.encodeRequest(client.decodeRequest(body, clientCall()), encode, losses);
  return { encoded, lost: losses.entries.map(({ path }) => path) };
}

const chat = { model: "m", messages: [{ role: "user", content: "hi" }] };
const responses = { model: "m", input: "hi" };

describe.each(targets.map((target) => ({ target, name: target.name })))("at $name", ({ target, name }) => {
  const isOpenAi = name.startsWith("openai");

  it.each([
    ["Chat Completions", openaiChat, chat],
    ["Responses", openaiResponses, responses],
  ] as const)(
    "a client of %s that wants nothing kept loses nothing, and one that wants it does",
    (...row) => {
      const [, client, body] = row;
      const refused = translate(client, target, { ...body, store: false });
      expect(refused.lost).toEqual([]);
      expect(refused.encoded["store"]).toBe(isOpenAi ? false : undefined);
      const asked = translate(client, target, { ...body, store: true });
      expect(asked.lost).toEqual(isOpenAi ? [] : ["store"]);
      expect(asked.encoded["store"]).toBe(isOpenAi ? true : undefined);
    },
  );

  it("a client of Anthropic's that wants arguments to stream finely loses nothing", () => {
    const tool = { name: "f", input_schema: { type: "object" }, eager_input_streaming: true };
    const asked = { model: "m", max_tokens: 99, messages: chat.messages, tools: [tool] };
    const { encoded, lost } = translate(anthropic, target, asked);
    expect(lost).toEqual([]);
    expect(JSON.stringify(encoded).includes("eager_input_streaming")).toBe(name === "anthropic");
    const other = { ...asked, tools: [{ ...tool, defer_loading: true }] };
    expect(translate(anthropic, target, other).lost).toEqual(
      name === "anthropic" ? [] : ["tools[0].defer_loading"],
    );
  });
});
