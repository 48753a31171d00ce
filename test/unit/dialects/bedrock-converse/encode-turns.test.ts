import { describe, expect, it } from "vitest";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { assistant, call, encode, result, system, text, tool, user } from "./requests.ts";

const pdf = (name?: string): Part => ({
  kind: "document",
  source: { kind: "base64", mediaType: "application/pdf", data: "JVBERg==" },
  at: "messages[0].content[0]",
  ...(name !== undefined && { name }),
});
const png: Part = {
  kind: "image",
  source: { kind: "base64", mediaType: "image/png", data: "iVBORw==" },
  at: "p",
};

/** Each message as its role and the kinds of its blocks. */
function shape(body: JsonObject): string[] {
  return (body["messages"] as { role: string; content: JsonObject[] }[]).map(
    ({ role, content }) => `${role}: ${content.map((block) => Object.keys(block)[0]).join(" ")}`,
  );
}

describe("roles alternate", () => {
  it("neighbours of one role are one message, empty turns are none", () => {
    const { body, losses } = encode({
      turns: [
        user(text("a")),
        user(text("b")),
        assistant(text(" \n")),
        user(text("c")),
        assistant(text("d")),
        user(text("e")),
      ],
    });
    expect(shape(body)).toEqual(["user: text text text", "assistant: text", "user: text"]);
    expect(losses).toEqual([]);
  });

  it("system turns go to the head, wherever they stood", () => {
    const { body, losses } = encode({
      turns: [system(text("first")), user(text("a")), system(text("later"))],
    });
    expect(body["system"]).toEqual([{ text: "first" }, { text: "later" }]);
    expect(losses).toEqual(["messages[9] approximated"]);
  });

  it.each([
    ["claude", ["assistant: text", "user: text"], []],
    ["qwen", ["assistant: text", "user: text"], []],
    ["nova", ["user: text", "assistant: text", "user: text"], ["messages[1] approximated"]],
  ] as const)("%s and an assistant who begins", (model, expected, lost) => {
    const { body, losses } = encode({ turns: [assistant(text("Hi")), user(text("Hello"))] }, model);
    expect(shape(body)).toEqual(expected);
    expect(losses).toEqual(lost);
  });

  it.each([
    ["claude", ["user: text", "assistant: text"], []],
    ["nova", ["user: text", "assistant: text"], []],
    ["opus", ["user: text", "assistant: text", "user: text"], ["messages[1] approximated"]],
    ["llama", ["user: text", "assistant: text", "user: text"], ["messages[1] approximated"]],
  ] as const)("%s and an answer to be continued", (model, expected, lost) => {
    const { body, losses } = encode({ turns: [user(text("Go")), assistant(text("Once upon  "))] }, model);
    expect(shape(body)).toEqual(expected);
    expect(JSON.stringify(body)).toContain(lost.length > 0 ? "Once upon  " : '"Once upon"');
    expect(losses).toEqual(lost);
  });
});

describe("tool results", () => {
  const history = (...beside: Part[]) => [
    user(text("Go")),
    assistant(call("a"), call("b")),
    user(...beside, result("b", text("two")), result("a", text("one"))),
  ];

  it("come first, whatever was said beside them", () => {
    const { body, losses } = encode({ turns: history(text("and now?")), tools: [tool("f")] });
    expect(shape(body)[2]).toBe("user: toolResult toolResult text");
    expect(losses).toEqual([]);
  });

  it.each([
    ["claude", png, "user: toolResult toolResult image", 3],
    ["claude", pdf(), "user: toolResult toolResult", 5],
    ["nova", pdf(), "user: toolResult toolResult text document", 3],
    ["llama", text("x"), "user: toolResult toolResult", 5],
    ["mistral", text("x"), "user: toolResult toolResult", 5],
  ] as const)("%s takes only some things beside them", (model, part, third, count) => {
    const { body, losses } = encode({ turns: history(part), tools: [tool("f")] }, model);
    expect(shape(body)).toHaveLength(count);
    expect(shape(body)[2]).toBe(third);
    if (count === 5)
      expect(shape(body).slice(3)).toEqual(["assistant: text", expect.stringMatching(/^user: /)]);
    expect(losses.length > 0).toBe(count === 5 || part.kind === "document");
  });

  it.each([
    ["claude", "error", []],
    ["nova", "error", []],
    ["writer", undefined, ["messages[0] approximated"]],
  ] as const)("%s is told of a tool that failed", (model, status, lost) => {
    const failed = { ...result("a", text("no")), isError: true };
    const { body, losses } = encode({ turns: [user(text("Go")), assistant(call("a")), user(failed)] }, model);
    const block = (body["messages"] as JsonObject[])[2]?.["content"] as { toolResult: JsonObject }[];
    expect(block[0]?.toolResult["status"]).toBe(status);
    expect(losses).toEqual(lost);
  });

  it("hold images where the model takes them, and say something when they are empty", () => {
    const turns = [user(text("Go")), assistant(call("a"), call("b")), user(result("a", png), result("b"))];
    expect(JSON.stringify(encode({ turns }).body)).toContain('"content":[{"image":');
    const { body, losses } = encode({ turns }, "qwen");
    expect(JSON.stringify(body)).not.toContain("image");
    expect(JSON.stringify(body)).toContain('"content":[{"text":"(no output)"}]');
    expect(losses).toEqual(["p dropped"]);
  });

  it("without a call, and calls without results, are refused", () => {
    expect(() => encode({ turns: [user(result("a"))] })).toThrow(/no matching tool call/);
    expect(() => encode({ turns: [user(text("Go")), assistant(call("a")), user(text("?"))] })).toThrow(
      /no tool result/,
    );
  });

  it("keep their pairs when ids are repeated or strange", () => {
    const again = [assistant(call("call:0")), user(result("call:0", text("x")))];
    const { body } = encode({ turns: [user(text("Go")), ...again, ...again] });
    expect([...JSON.stringify(body).matchAll(/"toolUseId":"([^"]+)"/g)].map(([, id]) => id)).toEqual([
      "call_0",
      "call_0",
      "call_0_2",
      "call_0_2",
    ]);
  });

  it("keep their pairs when ids are longer than Bedrock's", () => {
    const [one, two] = [`${"x".repeat(70)}1`, `${"x".repeat(70)}2`];
    const round = [assistant(call(one), call(two)), user(result(one, text("1")), result(two, text("2")))];
    const { body } = encode({ turns: [user(text("Go")), ...round] });
    const ids = [...JSON.stringify(body).matchAll(/"toolUseId":"([^"]+)"/g)].map(([, id = ""]) => id);
    expect(ids[0]).toBe(ids[2]);
    expect(ids[1]).toBe(ids[3]);
    expect(new Set(ids).size).toBe(2);
    expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(64);
  });
});

describe("documents", () => {
  it("get names that Bedrock takes, each once, and text beside them", () => {
    const { body, losses } = encode({
      turns: [user(pdf("report.pdf"), pdf("Q3: résumé — final.pdf"), pdf("report.pdf"), pdf())],
    });
    const [message] = body["messages"] as { content: { document?: JsonObject }[] }[];
    expect(message?.content.map(({ document }) => document?.["name"])).toEqual([
      undefined,
      "report",
      "Q3 r sum final",
      "report 2",
      "Document",
    ]);
    expect(message?.content[0]).toHaveProperty("text");
    expect(losses).toEqual([
      "messages[0].content[0] approximated",
      "messages[0].content[0] approximated",
      "messages[0] approximated",
    ]);
  });

  it("of text are sent as bytes", () => {
    const part: Part = { kind: "document", source: { kind: "text", text: "Grüße" } };
    const { body } = encode({ turns: [user(text("Read"), part)] });
    const bytes = Buffer.from("Grüße").toString("base64");
    expect(JSON.stringify(body)).toContain(`"format":"txt","source":{"bytes":"${bytes}"}`);
  });
});

describe("media by URL", () => {
  it.each(["image", "document"] as const)("an %s is refused with its path", (kind) => {
    const part = {
      kind,
      source: { kind: "url" as const, url: "https://example.com/a.png" },
      at: "messages[0].content[1]",
    };
    expect(() => encode({ turns: [user(text("Look"), part)] })).toThrow(
      expect.objectContaining({ path: "messages[0].content[1]", status: 400 }),
    );
  });

  it("an object in S3 is taken", () => {
    const part: Part = { kind: "image", source: { kind: "url", url: "s3://bucket/cat.jpg" } };
    const { body } = encode({ turns: [user(text("Look"), part)] });
    expect(JSON.stringify(body)).toContain(
      '{"format":"jpeg","source":{"s3Location":{"uri":"s3://bucket/cat.jpg"}}}',
    );
  });
});

describe("reasoning", () => {
  const thought = {
    kind: "reasoning",
    text: "Hm",
    signature: "S",
    origin: "bedrock-converse",
    at: "r",
  } as const;
  const turns = (part: Part) => [user(text("Go")), assistant(part, text("Done")), user(text("More"))];

  it.each([
    [
      "its own, signed",
      thought,
      "claude",
      { reasoningContent: { reasoningText: { text: "Hm", signature: "S" } } },
    ],
    [
      "its own, redacted",
      { ...thought, redacted: "UkVE" },
      "claude",
      { reasoningContent: { redactedContent: "UkVE" } },
    ],
    ["its own, for a model that is not Claude", thought, "oss", undefined],
    ["Anthropic's", { ...thought, origin: "anthropic" }, "claude", undefined],
    ["OpenAI's", { ...thought, origin: "openai-chat" }, "claude", undefined],
    ["unsigned", { kind: "reasoning", text: "Hm", origin: "bedrock-converse", at: "r" }, "claude", undefined],
  ] as const)("%s", (_, part, model, block) => {
    const { body, losses } = encode({ turns: turns(part) }, model);
    const content = (body["messages"] as JsonObject[])[1]?.["content"];
    expect(content).toEqual(block === undefined ? [{ text: "Done" }] : [block, { text: "Done" }]);
    expect(losses).toEqual(block === undefined ? ["r dropped"] : []);
  });
});
