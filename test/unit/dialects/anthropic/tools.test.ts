import { describe, expect, it } from "vitest";
import type { ConversationRequest } from "../../../../src/conversation/request.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { clientCall } from "../../../sealing.ts";
import { assistant, type Body, encode, lossList, user } from "./requests.ts";

const f = { name: "f", at: "tools[0]" };

describe("tool choice, both ways", () => {
  const table: [Partial<ConversationRequest>, Body["tool_choice"]][] = [
    [{ toolChoice: { kind: "auto" } }, { type: "auto" }],
    [{ toolChoice: { kind: "none" } }, { type: "none" }],
    [{ toolChoice: { kind: "required" } }, { type: "any" }],
    [{ toolChoice: { kind: "tool", name: "f" } }, { type: "tool", name: "f" }],
    [
      { toolChoice: { kind: "auto" }, parallelToolCalls: false },
      { type: "auto", disable_parallel_tool_use: true },
    ],
    [
      { toolChoice: { kind: "required" }, parallelToolCalls: true },
      { type: "any", disable_parallel_tool_use: false },
    ],
  ];
  it.each(table)("%j", (fields, choice) => {
    const { body, losses } = encode({ tools: [f], ...fields });
    expect(body.tool_choice).toEqual(choice);
    expect(losses).toEqual([]);
    const decoded = anthropic.decodeRequest(body as unknown as JsonObject, clientCall());
    expect(decoded).toMatchObject(fields);
  });

  it("parallel calls forbidden without a choice", () => {
    expect(encode({ tools: [f], parallelToolCalls: false }).body.tool_choice).toEqual({
      type: "auto",
      disable_parallel_tool_use: true,
    });
    expect(encode({ tools: [f], parallelToolCalls: true }).body).not.toHaveProperty("tool_choice");
  });

  it("is not sent without tools", () => {
    expect(encode({ toolChoice: { kind: "auto" }, parallelToolCalls: false }).body).not.toHaveProperty(
      "tool_choice",
    );
    const forced = encode({ toolChoice: { kind: "required" } });
    expect(forced.body).not.toHaveProperty("tool_choice");
    expect(lossList(forced.losses)).toEqual(["dropped tool_choice"]);
  });

  it("cannot be forced on every model", () => {
    const { body, losses } = encode(
      { tools: [f], toolChoice: { kind: "required" } },
      { model: "claude-fable-5-1" },
    );
    expect(body.tool_choice).toEqual({ type: "auto" });
    expect(lossList(losses)).toEqual(["approximated tool_choice"]);
  });
});

describe("definitions", () => {
  const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
  it.each([
    ["without parameters", {}, { type: "object", properties: {} }],
    ["without a type at the root", { parameters: { properties: {} } }, { type: "object", properties: {} }],
    ["with a schema", { parameters: schema }, schema],
  ])("%s", (_, fields, expected) => {
    const { body, losses } = encode({ tools: [{ ...f, ...fields }] });
    expect(body.tools).toEqual([{ name: "f", input_schema: expected }]);
    expect(losses).toEqual([]);
  });

  it("with alternatives at the root, where another dialect has them", () => {
    const parameters = { ...schema, anyOf: [{ required: ["a"] }] };
    const { body, losses } = encode({ tools: [{ ...f, parameters }] });
    const told = `{anyOf: ${JSON.stringify(parameters.anyOf)}}`;
    expect(body.tools).toEqual([
      { name: "f", input_schema: { ...schema, required: ["a"], description: told } },
    ]);
    expect(lossList(losses)).toEqual(["approximated tools[0].parameters"]);
  });

  it("strict, where the model has it", () => {
    const tools = [{ ...f, parameters: schema, strict: true }];
    expect(encode({ tools }).body.tools).toEqual([{ name: "f", input_schema: schema, strict: true }]);
    const old = encode({ tools }, { model: "claude-sonnet-4-0" });
    expect(old.body.tools).toEqual([{ name: "f", input_schema: schema }]);
    expect(lossList(old.losses)).toEqual(["dropped tools[0].strict"]);
  });

  it("of another dialect's own tools are lost", () => {
    const { body, losses } = encode({
      foreignTools: [{ dialect: "openai-chat", value: { type: "x" }, at: "tools[3]" }],
    });
    expect(body).not.toHaveProperty("tools");
    expect(lossList(losses)).toEqual(["dropped tools[3]"]);
  });

  it("are made up for calls in the history, and their use forbidden", () => {
    const call = { kind: "tool-call", id: "a", name: "g", arguments: "{}" } as const;
    const result = { kind: "tool-result", callId: "a", content: [], isError: false } as const;
    const { body, losses } = encode({ turns: [user("Hi"), assistant(call), user(result)] });
    expect(body.tools).toEqual([{ name: "g", input_schema: { type: "object", properties: {} } }]);
    expect(body.tool_choice).toEqual({ type: "none" });
    expect(losses).toEqual([]);
  });

  it("keep their order and own members in the same dialect", () => {
    const tools = [
      { name: "f", input_schema: schema, defer_loading: true },
      { type: "web_search_20260318", name: "web_search" },
      { name: "g", input_schema: schema, eager_input_streaming: true },
    ];
    const body: JsonObject = {
      model: "m",
      max_tokens: 1,
      messages: [{ role: "user", content: "Hi" }],
      tools,
    };
    const decoded = anthropic.decodeRequest(body, clientCall());
    expect(encode(decoded).body.tools).toEqual(tools);
    expect(Object.keys(decoded.extra)).toEqual(["tools[0].defer_loading", "tools[2].eager_input_streaming"]);
  });
});
