import { describe, expect, it } from "vitest";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall, signedBy } from "../../../sealing.ts";
import { encode, fromOpenai } from "./requests.ts";

const fromAnthropic = (body: JsonObject, model?: string) =>
  encode(
    anthropic.decodeRequest(
      {
        model: "m",
        max_tokens: 9,
        messages: [{ role: "user", content: "hi" }],
        ...body,
      },
      clientCall(),
    ),
    model,
  );
const call = (id: string, name = "f", args = "{}") => ({
  id,
  type: "function",
  function: { name, arguments: args },
});
const contentsOf = (body: JsonObject) => body["contents"] as Array<{ role: string; parts: JsonObject[] }>;
const config = (body: JsonObject) => body["generationConfig"];

describe("contents", () => {
  it("have the system's words apart, wherever they stood", () => {
    const { body, lost } = fromOpenai({
      messages: [
        { role: "system", content: "one" },
        { role: "user", content: "hi" },
        { role: "developer", content: "two" },
      ],
    });
    expect(body["systemInstruction"]).toEqual({ parts: [{ text: "one" }, { text: "two" }] });
    expect(contentsOf(body)).toEqual([{ role: "user", parts: [{ text: "hi" }] }]);
    expect(lost).toEqual(["approximated messages[2]"]);
  });

  it("begin with the user", () => {
    const { body, lost } = fromOpenai({ messages: [{ role: "system", content: "only this" }] });
    expect(contentsOf(body)).toEqual([{ role: "user", parts: [{ text: "Continue." }] }]);
    expect(lost).toEqual(["approximated messages[0]"]);
  });

  it("hold the responses by themselves, in the order of the calls, with their names", () => {
    const { body } = fromOpenai({
      messages: [
        { role: "user", content: "go" },
        { role: "assistant", content: "I will.", tool_calls: [call("a", "f", '{"x":1}'), call("b", "g")] },
        { role: "tool", tool_call_id: "b", content: "second" },
        { role: "tool", tool_call_id: "a", content: '{"first":true}' },
        { role: "user", content: "and?" },
      ],
    });
    expect(contentsOf(body).slice(1)).toEqual([
      {
        role: "model",
        parts: [
          { text: "I will." },
          { functionCall: { id: "a", name: "f", args: { x: 1 } } },
          { functionCall: { id: "b", name: "g", args: {} } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "a", name: "f", response: { first: true } } },
          { functionResponse: { id: "b", name: "g", response: { output: "second" } } },
        ],
      },
      { role: "user", parts: [{ text: "and?" }] },
    ]);
  });

  it.each<[string, JsonObject]>([
    ["plain", { output: "plain" }],
    ["", {}],
    ["[1]", { output: "[1]" }],
    ['{"a":1}', { a: 1 }],
    ["{not json", { output: "{not json" }],
    // Read as an object, these digits would change.
    ['{"id":12345678901234567890}', { output: '{"id":12345678901234567890}' }],
    // Read back, it would be taken for something else.
    ['{"output":"x"}', { output: '{"output":"x"}' }],
  ])("say that a function returned %j", (content, response) => {
    const { body } = fromOpenai({
      messages: [
        { role: "user", content: "go" },
        { role: "assistant", tool_calls: [call("a")] },
        { role: "tool", tool_call_id: "a", content },
      ],
    });
    expect(contentsOf(body)[2]?.parts[0]).toMatchObject({ functionResponse: { response } });
  });

  it("say that a function failed, and hold its images where the model takes them", () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    const messages = [
      { role: "user", content: "go" },
      { role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: {} }] },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "a",
            is_error: true,
            content: [{ type: "text", text: "no" }, image],
          },
        ],
      },
    ];
    const inlineData = { mimeType: "image/png", data: "AAAA" };
    const current = fromAnthropic({ messages }, "gemini-3-flash-preview");
    expect(contentsOf(current.body)[2]?.parts).toEqual([
      { functionResponse: { id: "a", name: "f", response: { error: "no" }, parts: [{ inlineData }] } },
    ]);
    expect(current.lost).toEqual([]);
    const older = fromAnthropic({ messages }, "gemini-2.5-flash");
    expect(contentsOf(older.body).slice(2)).toEqual([
      { role: "user", parts: [{ functionResponse: { id: "a", name: "f", response: { error: "no" } } }] },
      { role: "user", parts: [{ inlineData }] },
    ]);
    expect(older.lost).toEqual(["approximated messages[2].content[0]"]);
  });

  it.each<[string, JsonObject[], RegExp]>([
    [
      "a call without result",
      [
        { role: "assistant", tool_calls: [call("a")] },
        { role: "user", content: "?" },
        { role: "assistant", content: "!" },
      ],
      /no tool result/,
    ],
    ["a call at the end", [{ role: "assistant", tool_calls: [call("a")] }], /no tool result/],
    ["a result without call", [{ role: "tool", tool_call_id: "a", content: "x" }], /no matching tool call/],
  ])("refuse %s", (_, messages, message) => {
    expect(() => fromOpenai({ messages: [{ role: "user", content: "hi" }, ...messages] })).toThrow(message);
  });

  it("tell calls with one id apart by their order", () => {
    const { body } = fromOpenai({
      messages: [
        { role: "user", content: "go" },
        { role: "assistant", tool_calls: [call("same", "f"), call("same", "g")] },
        { role: "tool", tool_call_id: "same", content: "of f" },
        { role: "tool", tool_call_id: "same", content: "of g" },
      ],
    });
    expect(contentsOf(body)[2]?.parts).toMatchObject([
      { functionResponse: { name: "f", response: { output: "of f" } } },
      { functionResponse: { name: "g", response: { output: "of g" } } },
    ]);
  });

  it("hold images and documents by https where the model fetches them", () => {
    const messages = [
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "https://example.com/a.png?x=1", detail: "high" } },
          { type: "image_url", image_url: { url: "data:image/webp;base64,AAAA" } },
          { type: "input_audio", input_audio: { data: "BBBB", format: "wav" } },
          { type: "file", file: { file_id: "file-1" } },
        ],
      },
    ];
    const { body, lost } = fromOpenai({ messages });
    expect(contentsOf(body)[0]?.parts).toEqual([
      { fileData: { mimeType: "image/png", fileUri: "https://example.com/a.png?x=1" } },
      { inlineData: { mimeType: "image/webp", data: "AAAA" } },
      { inlineData: { mimeType: "audio/wav", data: "BBBB" } },
    ]);
    expect(lost).toEqual(["dropped messages[0].content[0].detail", "dropped messages[0].content[3]"]);
    const refused = {
      name: "InvalidRequestError",
      path: "messages[0].content[0]",
      code: "file_url_not_supported",
    };
    expect(() => fromOpenai({ messages }, "gemini-2.0-flash")).toThrow(expect.objectContaining(refused));
    const plain = [
      { role: "user", content: [{ type: "image_url", image_url: { url: "http://example.com/a.png" } }] },
    ];
    expect(() => fromOpenai({ messages: plain })).toThrow(expect.objectContaining(refused));
  });
});

describe("thought signatures", () => {
  const thinking = (signature: string, text = "") => ({ type: "thinking", thinking: text, signature });
  const signed = (signature: string, text = "") => thinking(signedBy("gemini", signature, text), text);
  const history = (content: JsonObject[], ids: string[]) => ({
    messages: [
      { role: "user", content: "go" },
      { role: "assistant", content },
      { role: "user", content: ids.map((id) => ({ type: "tool_result", tool_use_id: id, content: "ok" })) },
    ],
  });
  const use = (id: string) => ({ type: "tool_use", id, name: "f", input: {} });

  it("go back to their places, whatever the order that another dialect gave them", () => {
    const content = [
      signed("PROOF=", "I think"),
      signed("call.1:SECOND="),
      signed("call.0:FIRST="),
      signed("text.0:TEXT="),
      { type: "text", text: "Calling." },
      use("a"),
      use("b"),
    ];
    const { body, lost } = fromAnthropic(history(content, ["a", "b"]), "gemini-3-pro-preview");
    expect(contentsOf(body)[1]?.parts).toEqual([
      { text: "I think", thought: true, thoughtSignature: "PROOF=" },
      { text: "Calling.", thoughtSignature: "TEXT=" },
      { functionCall: { id: "a", name: "f", args: {} }, thoughtSignature: "FIRST=" },
      { functionCall: { id: "b", name: "f", args: {} }, thoughtSignature: "SECOND=" },
    ]);
    expect(lost).toEqual([]);
  });

  it("of a call that is gone are lost, those of a text find another", () => {
    const content = [
      signed("call.4:GONE="),
      signed("text.7:TEXT="),
      { type: "text", text: "Calling." },
      use("a"),
    ];
    const { body, lost } = fromAnthropic(history(content, ["a"]));
    expect(contentsOf(body)[1]?.parts[0]).toEqual({ text: "Calling.", thoughtSignature: "TEXT=" });
    expect(lost).toEqual(["dropped messages[1].content[0]"]);
  });

  it("that are not what we gave are left out: a thought keeps its text, anything else is told", () => {
    const content = [
      thinking(signedBy("gemini", "PROOF=", "I think"), "I thought"),
      thinking(signedBy("gemini", "call.0:FIRST=").replace("FIRST", "OTHER")),
      thinking("tollgate:gemini:text.0:TEXT="),
      { type: "text", text: "Calling." },
      use("a"),
    ];
    const { body, lost } = fromAnthropic(history(content, ["a"]), "gemini-3-pro-preview");
    expect(contentsOf(body)[1]?.parts).toEqual([
      { text: "I thought", thought: true },
      { text: "Calling." },
      {
        functionCall: { id: "a", name: "f", args: {} },
        thoughtSignature: "skip_thought_signature_validator",
      },
    ]);
    expect(lost).toEqual([
      "approximated messages[1].content[0]",
      "dropped messages[1].content[1]",
      "dropped messages[1].content[2]",
    ]);
  });

  it("of other providers stay away", () => {
    const { body, lost } = fromAnthropic(history([thinking("claudes", "hm"), use("a")], ["a"]));
    expect(JSON.stringify(body)).not.toContain("claudes");
    expect(lost).toEqual(["dropped messages[1].content[0]"]);
  });

  it("are stood in for where the model demands them: the first call of each step of the turn under way", () => {
    const step = (id: string) => [
      { role: "assistant", tool_calls: [call(`${id}1`), call(`${id}2`)] },
      { role: "tool", tool_call_id: `${id}1`, content: "ok" },
      { role: "tool", tool_call_id: `${id}2`, content: "ok" },
    ];
    const messages = [
      { role: "user", content: "old" },
      ...step("o"),
      { role: "user", content: "new" },
      ...step("a"),
      ...step("b"),
    ];
    const signs = (model: string) =>
      contentsOf(fromOpenai({ messages }, model).body)
        .flatMap(({ parts }) => parts)
        .filter((part) => part["functionCall"] !== undefined)
        .map((part) => part["thoughtSignature"]);
    const stand = "skip_thought_signature_validator";
    expect(signs("gemini-3-pro-preview")).toEqual([undefined, undefined, stand, undefined, stand, undefined]);
    expect(signs("gemini-2.5-pro").every((sign) => sign === undefined)).toBe(true);
  });
});

describe("configuration", () => {
  it.each<[string, JsonObject, string, JsonObject | undefined, string[]]>([
    [
      "effort",
      { reasoning_effort: "low" },
      "gemini-2.5-flash",
      { thinkingBudget: 2048, includeThoughts: true },
      [],
    ],
    ["no effort", { reasoning_effort: "none" }, "gemini-2.5-flash", { thinkingBudget: 0 }, []],
    [
      "no effort",
      { reasoning_effort: "none" },
      "gemini-2.5-pro",
      { thinkingBudget: 128 },
      ["approximated reasoning_effort"],
    ],
    [
      "no effort",
      { reasoning_effort: "none" },
      "gemini-3-pro-preview",
      { thinkingLevel: "LOW" },
      ["approximated reasoning_effort"],
    ],
    [
      "minimal effort",
      { reasoning_effort: "minimal" },
      "gemini-3-flash-preview",
      { thinkingLevel: "MINIMAL", includeThoughts: true },
      [],
    ],
    [
      "minimal effort",
      { reasoning_effort: "minimal" },
      "gemini-3.7-flash",
      { thinkingLevel: "LOW", includeThoughts: true },
      ["approximated reasoning_effort"],
    ],
    [
      "medium effort",
      { reasoning_effort: "medium" },
      "gemini-3-pro-preview",
      { thinkingLevel: "HIGH", includeThoughts: true },
      ["approximated reasoning_effort"],
    ],
    [
      "the most effort",
      { reasoning_effort: "xhigh" },
      "gemini-3.1-pro-preview",
      { thinkingLevel: "HIGH", includeThoughts: true },
      ["approximated reasoning_effort"],
    ],
    ["effort", { reasoning_effort: "high" }, "gemini-2.0-flash", undefined, ["dropped reasoning_effort"]],
    ["no effort", { reasoning_effort: "none" }, "gemini-2.0-flash", undefined, []],
    [
      "effort",
      { reasoning_effort: "high" },
      "gemini-flash-latest",
      { thinkingLevel: "HIGH", includeThoughts: true },
      [],
    ],
  ])("%s %j of %s", (_, body, model, thinkingConfig, lost) => {
    const encoded = fromOpenai(body, model);
    expect(config(encoded.body)).toEqual(thinkingConfig === undefined ? undefined : { thinkingConfig });
    expect(encoded.lost).toEqual(lost);
  });

  it.each<[number, string, JsonObject, string[]]>([
    [4000, "gemini-2.5-flash", { thinkingBudget: 4000 }, []],
    [60_000, "gemini-2.5-flash", { thinkingBudget: 24_576 }, ["approximated thinking"]],
    [4000, "gemini-3-flash-preview", { thinkingLevel: "MEDIUM" }, ["approximated thinking"]],
  ])("a budget of %d of %s", (budget, model, expected, lost) => {
    const encoded = fromAnthropic({ thinking: { type: "enabled", budget_tokens: budget } }, model);
    expect(config(encoded.body)).toMatchObject({ thinkingConfig: expected });
    expect(encoded.lost).toEqual(lost);
  });

  it.each<[string, JsonObject, JsonObject | undefined, string[]]>([
    [
      "many stops",
      { stop: ["a", "b", "c", "d", "e", "f"] },
      { stopSequences: ["a", "b", "c", "d", "e"] },
      ["approximated stop"],
    ],
    ["a wide seed", { seed: 2 ** 40 }, undefined, ["dropped seed"]],
    ["a seed", { seed: 7 }, { seed: 7 }, []],
    ["answers", { n: 3 }, { candidateCount: 3 }, []],
    ["too many answers", { n: 100 }, { candidateCount: 8 }, ["approximated n"]],
    ["penalties", { presence_penalty: 1, frequency_penalty: 0 }, undefined, ["dropped presence_penalty"]],
    ["log probabilities", { logprobs: true, top_logprobs: 3 }, { responseLogprobs: true, logprobs: 3 }, []],
    ["JSON", { response_format: { type: "json_object" } }, { responseMimeType: "application/json" }, []],
    [
      "limits",
      { max_tokens: 5, temperature: 1.7, top_p: 0.5 },
      { maxOutputTokens: 5, temperature: 1.7, topP: 0.5 },
      [],
    ],
    ["a user", { user: "u" }, undefined, ["dropped user"]],
    ["an unknown field", { logit_bias: {} }, undefined, ["dropped logit_bias"]],
  ])("%s", (_, body, expected, lost) => {
    const encoded = fromOpenai(body);
    expect(config(encoded.body)).toEqual(expected);
    expect(encoded.lost).toEqual(lost);
  });

  it.each<[JsonObject, JsonObject | undefined]>([
    [{ tool_choice: "auto" }, { mode: "AUTO" }],
    [{ tool_choice: "none" }, { mode: "NONE" }],
    [{ tool_choice: "required" }, { mode: "ANY" }],
    [
      { tool_choice: { type: "function", function: { name: "f" } } },
      { mode: "ANY", allowedFunctionNames: ["f"] },
    ],
    [{}, undefined],
  ])("chooses functions: %j", (choice, functionCallingConfig) => {
    const { body } = fromOpenai({ tools: [{ type: "function", function: { name: "f" } }], ...choice });
    expect(body["toolConfig"]).toEqual(functionCallingConfig && { functionCallingConfig });
  });

  it("holds strict functions to their schema", () => {
    const strict = { tools: [{ type: "function", function: { name: "f", strict: true } }] };
    const mode = (more: JsonObject) => fromOpenai({ ...strict, ...more }).body["toolConfig"];
    expect(mode({})).toEqual({ functionCallingConfig: { mode: "VALIDATED" } });
    expect(mode({ tool_choice: "required" })).toEqual({ functionCallingConfig: { mode: "ANY" } });
    expect(fromOpenai(strict, "gemini-1.5-pro").lost).toEqual(["dropped tools[0].strict"]);
  });

  it("reports what Gemini has not", () => {
    const tools = [{ type: "function", function: { name: "f" } }];
    expect(fromOpenai({ tools, parallel_tool_calls: false }).lost).toEqual(["dropped parallel_tool_calls"]);
    const search = { tools: [{ type: "web_search_20250305", name: "web_search" }] };
    expect(fromAnthropic(search).lost).toEqual(["dropped tools[0]"]);
    const cached = { system: [{ type: "text", text: "x", cache_control: { type: "ephemeral" } }] };
    expect(fromAnthropic(cached).lost).toEqual(["approximated system[0].cache_control"]);
  });

  it.each<[string, JsonObject | undefined, string[]]>([
    ["auto", undefined, []],
    ["default", { serviceTier: "standard" }, []],
    ["flex", { serviceTier: "flex" }, []],
    ["scale", undefined, ["dropped service_tier"]],
  ])("tier %s", (tier, expected, lost) => {
    const encoded = fromOpenai({ service_tier: tier });
    expect(encoded.body["serviceTier"]).toBe(expected?.["serviceTier"]);
    expect(encoded.lost).toEqual(lost);
  });
});
