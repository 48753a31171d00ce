import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import { assistant, type Body, encode, lossList, system, user } from "./requests.ts";

const call = (id: string, args = "{}"): Part => ({
  kind: "tool-call",
  id,
  name: "f",
  arguments: args,
  at: `call ${id}`,
});
const result = (callId: string, ...content: Part[]): Part => ({
  kind: "tool-result",
  callId,
  content,
  isError: false,
  at: `result ${callId}`,
});
const text = (value: string): Part => ({ kind: "text", text: value, at: "messages[0].content[0]" });
const tools = [{ name: "f", at: "tools[0]" }];

function messages(...turns: Parameters<typeof encode>[0]["turns"] & object): Body["messages"] {
  return encode({ turns, tools }).body.messages;
}

describe("tool calls and results", () => {
  it("puts all results first in the turn after the calls", () => {
    const expected: Body["messages"] = [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "a", name: "f", input: { x: 1 } },
          { type: "tool_use", id: "b", name: "f", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "b", content: "2" },
          { type: "tool_result", tool_use_id: "a" },
          { type: "text", text: "before" },
          { type: "text", text: "after" },
        ],
      },
    ];
    const turns = [
      user("Hi"),
      assistant(call("a", '{"x":1}'), call("b")),
      user("before", result("b", text("2"))),
      user(result("a"), "after"),
    ];
    expect(messages(...turns)).toEqual(expected);
  });

  it("keeps images, errors and several blocks of a result", () => {
    const image: Part = { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" } };
    const failed: Part = { ...result("a", text("no"), image), isError: true } as Part;
    expect(messages(user("Hi"), assistant(call("a")), user(failed)).at(-1)?.content).toEqual([
      {
        type: "tool_result",
        tool_use_id: "a",
        content: [
          { type: "text", text: "no" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } },
        ],
        is_error: true,
      },
    ]);
  });

  it("rewrites ids that Anthropic refuses or that come again, results alike", () => {
    const turns = [
      user("Hi"),
      assistant(call("call:1"), call("call_1")),
      user(result("call_1"), result("call:1")),
      assistant(call("call:1")),
      user(result("call:1")),
    ];
    const ids = JSON.stringify(messages(...turns)).match(/"(id|tool_use_id)":"[^"]*"/g);
    expect(ids).toEqual([
      '"id":"call_1"',
      '"id":"call_1_2"',
      '"tool_use_id":"call_1_2"',
      '"tool_use_id":"call_1"',
      '"id":"call_1_3"',
      '"tool_use_id":"call_1_3"',
    ]);
    expect(messages(...turns)).toEqual(messages(...turns));
  });

  it.each([
    ["a call without result", [user("Hi"), assistant(call("a"), call("b")), user(result("a"))], "call b"],
    ["a call at the end", [user("Hi"), assistant(call("a"))], "call a"],
    [
      "a call that an assistant turn follows",
      [user("Hi"), assistant(call("a")), user("?"), assistant("x")],
      "call a",
    ],
    ["a result without call", [user("Hi"), assistant("x"), user(result("a"))], "result a"],
    ["a result twice", [user("Hi"), assistant(call("a")), user(result("a"), result("a"))], "result a"],
  ])("refuses %s", (_, turns, path) => {
    const error = catchError(() => messages(...turns));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect((error as InvalidRequestError).path).toBe(path);
  });

  it.each([
    ["", {}],
    ['{"a":', { _raw: '{"a":' }],
    ["[1]", { _raw: "[1]" }],
    ['"x"', { _raw: '"x"' }],
  ])("keeps the arguments %j", (args, input) => {
    const { body, losses } = encode({
      turns: [user("Hi"), assistant(call("a", args)), user(result("a"))],
      tools,
    });
    expect(body.messages[1]?.content).toEqual([{ type: "tool_use", id: "a", name: "f", input }]);
    expect(lossList(losses)).toEqual(args === "" ? [] : ["approximated call a"]);
  });
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("order of turns", () => {
  it("merges neighbours of one role and leaves blank texts out", () => {
    expect(messages(user("a"), user("  ", "b"), assistant(""), user("c"))).toEqual([
      {
        role: "user",
        content: ["a", "b", "c"].map((value) => ({ type: "text", text: value })),
      },
    ]);
  });

  it("begins with a user turn", () => {
    const { body, losses } = encode({ turns: [assistant("x"), user("y")] });
    expect(body.messages[0]).toEqual({ role: "user", content: "Continue." });
    expect(lossList(losses)).toEqual(["approximated messages[1]"]);
  });

  it("trims what the model shall continue", () => {
    expect(messages(user("a"), assistant("Well, \n")).at(-1)).toEqual({
      role: "assistant",
      content: "Well,",
    });
  });

  it("adds a user turn for models that cannot continue one", () => {
    const { body, losses } = encode({ turns: [user("a"), assistant("x")] }, { model: "claude-opus-4-6" });
    expect(body.messages.at(-1)).toEqual({ role: "user", content: "Continue." });
    expect(lossList(losses)).toEqual(["approximated messages[1]"]);
  });

  it("lets a paused turn of server tools be continued by any model", () => {
    const value = { type: "web_search_tool_result", tool_use_id: "s", content: [] };
    const turns = [user("a"), assistant({ kind: "foreign", dialect: "anthropic", value })];
    const { body, losses } = encode({ turns, dialect: "anthropic" }, { model: "claude-opus-5" });
    expect(body.messages.at(-1)).toEqual({ role: "assistant", content: [value] });
    expect(losses).toEqual([]);
  });
});

describe("system turns", () => {
  it("come first, one block each", () => {
    const { body, losses } = encode({ turns: [system("a"), system("b"), user("Hi")] });
    expect(body.system).toEqual(["a", "b"].map((value) => ({ type: "text", text: value })));
    expect(losses).toEqual([]);
  });

  const later = [user("Hi"), assistant("Yes?"), system("Be brief.", "messages[2]"), user("What?")];

  it("inside the conversation move to the front for most models", () => {
    const { body, losses } = encode({ turns: later });
    expect(body.system).toBe("Be brief.");
    expect(lossList(losses)).toEqual(["approximated messages[2]"]);
  });

  it("inside the conversation stay there for models that take them, behind the user's words", () => {
    const { body, losses } = encode({ turns: later }, { model: "claude-opus-4-8" });
    expect(body.system).toBeUndefined();
    expect(body.messages.map((message) => message.role)).toEqual(["user", "assistant", "user", "system"]);
    expect(losses).toEqual([]);
  });

  it("before tool results do not part them from their calls", () => {
    const turns = [user("Hi"), assistant(call("a")), system("x", "messages[2]"), user(result("a"))];
    const { body } = encode({ turns, tools }, { model: "claude-opus-5" });
    expect(body.messages.map((message) => message.role)).toEqual(["user", "assistant", "user", "system"]);
  });

  it("alone still make a conversation", () => {
    const { body, losses } = encode({ turns: [system("x")] });
    expect(body).toMatchObject({ system: "x", messages: [{ role: "user", content: "Continue." }] });
    expect(lossList(losses)).toEqual(["approximated messages[0]"]);
  });
});
