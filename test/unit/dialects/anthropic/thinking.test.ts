import { describe, expect, it } from "vitest";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { ConversationRequest, ReasoningRequest } from "../../../../src/conversation/request.ts";
import { assistant, type Body, encode, lossList, user } from "./requests.ts";

const sonnet45 = "claude-sonnet-4-5";
const opus46 = "claude-opus-4-6";
const opus5 = "claude-opus-5-5";
const fable = "claude-fable-5-1";
const haiku35 = "claude-3-5-haiku-20241022";

type Asked = Pick<Body, "thinking"> & { effort?: string; max?: number };

describe("the form fits the model", () => {
  const on: ReasoningRequest = { enabled: true };
  const table: [string, string, ReasoningRequest, Asked, string[]][] = [
    [
      "effort as budget",
      sonnet45,
      { ...on, effort: "low" },
      { thinking: { type: "enabled", budget_tokens: 2048 } },
      [],
    ],
    [
      "minimal effort",
      sonnet45,
      { ...on, effort: "minimal" },
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      [],
    ],
    [
      "a budget",
      sonnet45,
      { ...on, budget: 5000 },
      { thinking: { type: "enabled", budget_tokens: 5000 } },
      [],
    ],
    [
      "too small a budget",
      sonnet45,
      { ...on, budget: 10 },
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      ["approximated reasoning_effort"],
    ],
    ["effort", opus46, { ...on, effort: "medium" }, { thinking: { type: "adaptive" }, effort: "medium" }, []],
    [
      "a budget where it is still taken",
      opus46,
      { ...on, budget: 5000 },
      { thinking: { type: "enabled", budget_tokens: 5000 } },
      [],
    ],
    [
      "an effort beyond the model's",
      opus46,
      { ...on, effort: "xhigh" },
      { thinking: { type: "adaptive" }, effort: "max" },
      ["approximated reasoning_effort"],
    ],
    [
      "minimal effort, adaptive",
      opus5,
      { ...on, effort: "minimal" },
      { thinking: { type: "adaptive" }, effort: "low" },
      ["approximated reasoning_effort"],
    ],
    [
      "a budget where it is refused",
      opus5,
      { ...on, budget: 9000 },
      { thinking: { type: "adaptive" }, effort: "high" },
      ["approximated reasoning_effort"],
    ],
    ["neither", opus5, on, { thinking: { type: "adaptive" } }, []],
    [
      "off, where it is on by default",
      opus5,
      { enabled: false, effort: "none" },
      { thinking: { type: "disabled" } },
      [],
    ],
    ["off, where it is off by default", sonnet45, { enabled: false }, {}, []],
    [
      "off, where it cannot be",
      fable,
      { enabled: false },
      { effort: "low" },
      ["approximated reasoning_effort"],
    ],
    ["on, where there is none", haiku35, { ...on, effort: "high" }, {}, ["dropped reasoning_effort"]],
    ["off, where there is none", haiku35, { enabled: false }, {}, []],
  ];
  it.each(table)("%s, %s", (_, model, reasoning, expected, losses) => {
    const encoded = encode({ reasoning }, { model });
    expect(encoded.body.thinking).toEqual(expected.thinking);
    expect(encoded.body.output_config?.effort).toEqual(expected.effort);
    expect(lossList(encoded.losses)).toEqual(losses);
  });
});

describe("the budget fits the limit", () => {
  const table: [string, Partial<ConversationRequest>, number | undefined, Asked, string[]][] = [
    [
      "the client's limit stays, the budget is lowered",
      { maxOutputTokens: 4000, reasoning: { enabled: true, effort: "high" } },
      undefined,
      { thinking: { type: "enabled", budget_tokens: 3000 }, max: 4000 },
      ["approximated reasoning_effort"],
    ],
    [
      "never below the smallest",
      { maxOutputTokens: 1100, reasoning: { enabled: true, effort: "high" } },
      undefined,
      { thinking: { type: "enabled", budget_tokens: 1024 }, max: 1100 },
      ["approximated reasoning_effort"],
    ],
    [
      "no room: no thinking",
      { maxOutputTokens: 1024, reasoning: { enabled: true, effort: "low" } },
      undefined,
      { max: 1024 },
      ["dropped reasoning_effort"],
    ],
    [
      "a default limit is raised",
      { reasoning: { enabled: true, budget: 8000 } },
      2000,
      { thinking: { type: "enabled", budget_tokens: 8000 }, max: 12_096 },
      [],
    ],
    [
      "within the model's",
      { reasoning: { enabled: true, budget: 90_000 } },
      2000,
      { thinking: { type: "enabled", budget_tokens: 63_999 }, max: 64_000 },
      [],
    ],
  ];
  it.each(table)("%s", (_, fields, defaultMaxTokens, expected, losses) => {
    const encoded = encode(fields, {
      model: sonnet45,
      ...(defaultMaxTokens !== undefined && { defaultMaxTokens }),
    });
    expect(encoded.body.thinking).toEqual(expected.thinking);
    expect(encoded.body.max_tokens).toBe(expected.max);
    expect(lossList(encoded.losses)).toEqual(losses);
  });
});

it("the budget is less than the limit, never equal to it", () => {
  const { body } = encode({ maxOutputTokens: 2048, reasoning: { enabled: true, effort: "low" } });
  expect(body.thinking).toEqual({ type: "enabled", budget_tokens: 1536 });
});

describe("what thinking excludes", () => {
  const thinks: Partial<ConversationRequest> = { reasoning: { enabled: true, effort: "low" } };
  const call: Part = { kind: "tool-call", id: "a", name: "f", arguments: "{}" };
  const result: Part = { kind: "tool-result", callId: "a", content: [], isError: false };
  const tools = [{ name: "f", at: "tools[0]" }];
  const signed: Part = { kind: "reasoning", text: "hm", signature: "s", origin: "anthropic", at: "t" };

  it("sampling is dropped, top_p near 1 stays", () => {
    const { body, losses } = encode({ ...thinks, temperature: 0.5, topP: 0.97, topK: 4 });
    expect(body).toMatchObject({ thinking: { type: "enabled" }, top_p: 0.97 });
    expect(body).not.toHaveProperty("temperature");
    expect(lossList(losses)).toEqual(["dropped temperature", "dropped top_k"]);
  });

  it.each([
    ["a forced tool", { tools, toolChoice: { kind: "required" } as const }],
    ["prefill", { turns: [user("Hi"), assistant("Well")] }],
    ["tool calls without signed thinking", { tools, turns: [user("Hi"), assistant(call), user(result)] }],
  ])("%s turns manual thinking off", (_, fields) => {
    const { body, losses } = encode({ ...thinks, ...fields });
    expect(body).not.toHaveProperty("thinking");
    expect(lossList(losses)).toEqual(["dropped reasoning_effort"]);
  });

  it("signed thinking before the calls lets it go on", () => {
    const { body, losses } = encode({
      ...thinks,
      tools,
      turns: [user("Hi"), assistant(signed, call), user(result)],
    });
    expect(body.thinking).toEqual({ type: "enabled", budget_tokens: 2048 });
    expect(body.messages[1]?.content).toMatchObject([
      { type: "thinking", thinking: "hm", signature: "s" },
      {},
    ]);
    expect(losses).toEqual([]);
  });

  it("calls of earlier turns do not matter", () => {
    const turns = [user("Hi"), assistant(call), user(result), assistant("done"), user("more")];
    expect(encode({ ...thinks, tools, turns }).body.thinking).toBeDefined();
  });

  it("adaptive thinking minds neither", () => {
    const turns = [user("Hi"), assistant(call), user(result)];
    const { body, losses } = encode(
      { ...thinks, tools, turns, toolChoice: { kind: "required" } },
      { model: opus5 },
    );
    expect(body.thinking).toEqual({ type: "adaptive" });
    expect(losses).toEqual([]);
  });

  it.each<[string, Part]>([
    ["another provider's", { ...signed, origin: "openai-chat" } as Part],
    ["unsigned", { kind: "reasoning", text: "hm", origin: "anthropic", at: "t" }],
  ])("%s thinking is never sent", (_, part) => {
    const { body, losses } = encode({ turns: [user("Hi"), assistant(part, "x"), user("y")] });
    expect(body.messages[1]).toEqual({ role: "assistant", content: "x" });
    expect(lossList(losses)).toEqual(["dropped t"]);
  });

  it("redacted thinking goes back as it came", () => {
    const part: Part = { kind: "reasoning", text: "", redacted: "xyz", origin: "anthropic" };
    const { body } = encode({ turns: [user("Hi"), assistant(part, "x"), user("y")] });
    expect(body.messages[1]?.content).toMatchObject([
      { type: "redacted_thinking", data: "xyz" },
      { type: "text" },
    ]);
  });
});
