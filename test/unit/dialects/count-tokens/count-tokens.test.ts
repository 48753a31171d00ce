/** Requests to count tokens: what each format asks about, read from the others' and written for them. */
import { describe, expect, it } from "vitest";
import { type CountAnswer, countAnswer } from "../../../../src/conversation/count-answer.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import type { AnyDialectName } from "../../../../src/conversation/parts.ts";
import type { ConversationRequest } from "../../../../src/conversation/request.ts";
import { anthropicCountTokens } from "../../../../src/dialects/anthropic-count-tokens/index.ts";
import { bedrockCountTokens } from "../../../../src/dialects/bedrock-count-tokens/index.ts";
import { type Dialect, noQuirks } from "../../../../src/dialects/dialect.ts";
import { geminiCountTokens, vertexCountTokens } from "../../../../src/dialects/gemini-count-tokens/index.ts";
import { openaiInputTokens } from "../../../../src/dialects/openai-input-tokens/index.ts";
import { clientDialect } from "../../../../src/dialects/registry.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall, seal } from "../../../sealing.ts";

const geminiPath = "/v1beta/models/gemini-2.5-flash:countTokens?key=a";
const context = { model: "asked", includeUsage: false, now: 7, newId: () => "n".repeat(24), seal };
const tool = { name: "f", description: "does", input_schema: { type: "object", properties: {} } };

const questions = {
  anthropic: anthropicCountTokens.decodeRequest(
    {
      model: "claude-sonnet-4-5",
      system: "Be brief.",
      messages: [{ role: "user", content: "Hi" }],
      tools: [tool],
    },
    clientCall(),
  ),
  openai: openaiInputTokens.decodeRequest(
    { model: "gpt-5.1", instructions: "Be brief.", input: "Hi" },
    clientCall(),
  ),
  gemini: geminiCountTokens.decodeRequest(
    { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
    clientCall(geminiPath),
  ),
};

describe("the path of a call", () => {
  it.each([
    ["/v1/messages/count_tokens", "anthropic-count-tokens"],
    ["/mounted/v1/responses/input_tokens", "openai-input-tokens"],
    ["/v1beta/models/gemini-2.5-flash:countTokens", "gemini-count-tokens"],
    ["/v1/projects/p/locations/l/publishers/google/models/m:countTokens", "gemini-count-tokens"],
    ["/v1/messages/count_tokens/else", undefined],
  ])("%s: %s", (path, name) => {
    expect(clientDialect("POST", path)?.name).toBe(name);
  });
});

describe("a question", () => {
  it("asks for no answer, so that no limit is demanded", () => {
    expect(questions.anthropic).not.toHaveProperty("maxOutputTokens");
    expect(() => anthropicCountTokens.decodeRequest({ model: "m" }, clientCall())).toThrow(/messages/);
  });

  it("may be wrapped in Gemini's format, or stand bare", () => {
    const contents = [{ role: "user", parts: [{ text: "Hi" }] }];
    const systemInstruction = { parts: [{ text: "Be brief." }] };
    const wrapped = geminiCountTokens.decodeRequest(
      { generateContentRequest: { model: "models/gemini-2.5-flash", contents, systemInstruction } },
      clientCall(geminiPath),
    );
    const bare = geminiCountTokens.decodeRequest({ contents, systemInstruction }, clientCall(geminiPath));
    expect(wrapped.turns).toEqual(bare.turns);
    expect(wrapped.turns.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(wrapped.model).toBe("gemini-2.5-flash");
  });

  it("is written for Anthropic without limits and sampling", () => {
    const request = { ...questions.openai, maxOutputTokens: 5, temperature: 0.5, stop: ["x"] };
    const encoded = anthropicCountTokens.encodeRequest(
      request,
      { model: "claude-x", quirks: noQuirks },
      new Losses(),
    );
    expect(encoded).toEqual({
      model: "claude-x",
      system: "Be brief.",
      messages: [{ role: "user", content: "Hi" }],
    });
  });

  it("is written for OpenAI with what counts, and nothing else", () => {
    const request = { ...questions.anthropic, maxOutputTokens: 5, temperature: 0.5 };
    const encoded = openaiInputTokens.encodeRequest(
      request,
      { model: "gpt-5.1", quirks: noQuirks },
      new Losses(),
    );
    expect(Object.keys(encoded).sort()).toEqual(["input", "instructions", "model", "tools"]);
  });

  it("is wrapped for Google AI, and stands bare for Vertex AI", () => {
    const target = { model: "gemini-2.5-flash", quirks: noQuirks };
    const contents = [{ role: "user", parts: [{ text: "Hi" }] }];
    const encoded = geminiCountTokens.encodeRequest(questions.openai, target, new Losses());
    const { generateContentRequest: inner } = encoded as { generateContentRequest: JsonObject };
    expect(inner).toMatchObject({ model: "models/gemini-2.5-flash", contents });
    const bare = vertexCountTokens.encodeRequest(
      { ...questions.openai, serviceTier: "flex" },
      target,
      new Losses(),
    );
    expect(bare).toEqual({ contents, systemInstruction: { parts: [{ text: "Be brief." }] } });
  });

  it("is what Bedrock's Converse would be asked, without limits", () => {
    const request = { ...questions.anthropic, maxOutputTokens: 5 };
    const target = { model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0", quirks: noQuirks };
    const { input } = bedrockCountTokens.encodeRequest(request, target, new Losses()) as {
      input: JsonObject;
    };
    const { converse } = input as { converse: JsonObject };
    expect(Object.keys(converse).sort()).toEqual(["messages", "system", "toolConfig"]);
  });
});

describe("a question that passes", () => {
  const passed = (
    dialect: typeof anthropicCountTokens | typeof geminiCountTokens,
    body: JsonObject,
    model: string,
  ) => {
    const document = parseDocument(Buffer.from(JSON.stringify(body)));
    const bytes = dialect.passthrough.request(document, { model, quirks: noQuirks }, new Losses());
    return JSON.parse(Buffer.from(bytes).toString()) as JsonObject;
  };

  it("names the target's model", () => {
    const body = { model: "asked", messages: [{ role: "user", content: "Hi" }] };
    expect(passed(anthropicCountTokens, body, "claude-x")).toEqual({ ...body, model: "claude-x" });
  });

  it("names it in the wrapping too", () => {
    const wrapped = { generateContentRequest: { model: "models/asked", contents: [] } };
    expect(passed(geminiCountTokens, wrapped, "gemini-x")).toEqual({
      generateContentRequest: { model: "models/gemini-x", contents: [] },
    });
    expect(passed(geminiCountTokens, { contents: [] }, "gemini-x")).toEqual({ contents: [] });
  });
});

type CountDialect = Dialect<ConversationRequest, CountAnswer, AnyDialectName>;

describe("a count", () => {
  it.each<[string, CountDialect, JsonObject]>([
    ["Anthropic's", anthropicCountTokens, { input_tokens: 42 }],
    ["OpenAI's", openaiInputTokens, { object: "response.input_tokens", input_tokens: 42 }],
    ["Gemini's", geminiCountTokens, { totalTokens: 42 }],
  ])("in %s words", (_, dialect, body) => {
    expect(dialect.decodeAnswer(body)).toEqual(countAnswer(42));
    expect(dialect.encodeAnswer(countAnswer(42), context, new Losses())).toEqual(body);
    // A count is no consumption.
    expect(dialect.passthrough.usage(body)).toMatchObject({ input: 0, output: 0 });
  });

  it("of Bedrock and Vertex AI is read", () => {
    expect(bedrockCountTokens.decodeAnswer({ inputTokens: 7 })).toEqual(countAnswer(7));
    expect(vertexCountTokens.decodeAnswer({ totalTokens: 7, totalBillableCharacters: 20 })).toEqual(
      countAnswer(7),
    );
    expect(vertexCountTokens.decodeAnswer({})).toEqual(countAnswer(0));
  });

  it.each([{}, { input_tokens: "7" }, { input_tokens: -1 }, { input_tokens: 1.5 }])(
    "is not in %j",
    (body) => {
      expect(() => anthropicCountTokens.decodeAnswer(body as JsonObject)).toThrow("without a count");
    },
  );
});
