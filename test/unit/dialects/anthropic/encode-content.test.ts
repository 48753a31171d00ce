import { describe, expect, it } from "vitest";
import type { DialectName, Part } from "../../../../src/conversation/parts.ts";
import { assistant, type Body, encode, lossList, user } from "./requests.ts";

const at = "messages[0].content[0]";
type Content = Body["messages"][number]["content"];

describe("parts of a user turn", () => {
  const base64 = { kind: "base64" as const, data: "SGk=" };
  const pdf: Content = [
    {
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: "SGk=" },
      title: "a.pdf",
    },
  ];
  const plain: Content = [
    { type: "document", source: { type: "text", media_type: "text/plain", data: "Hi" } },
  ];
  const table: [string, Part, Content, string[]][] = [
    [
      "image by URL",
      { kind: "image", source: { kind: "url", url: "https://a/b.png" }, at },
      [{ type: "image", source: { type: "url", url: "https://a/b.png" } }],
      [],
    ],
    [
      "image inline",
      { kind: "image", source: { ...base64, mediaType: "image/png" }, at },
      [{ type: "image", source: { type: "base64", media_type: "image/png", data: "SGk=" } }],
      [],
    ],
    [
      "image with detail",
      { kind: "image", source: { kind: "url", url: "https://a/b.png" }, detail: "low", at },
      [{ type: "image", source: { type: "url", url: "https://a/b.png" } }],
      [`dropped ${at}.detail`],
    ],
    [
      "image of an unknown type",
      { kind: "image", source: { ...base64, mediaType: "image/bmp" }, at },
      "x",
      [`dropped ${at}`],
    ],
    [
      "image in another's store",
      { kind: "image", source: { kind: "file", id: "f" }, at },
      "x",
      [`dropped ${at}`],
    ],
    [
      "PDF inline",
      { kind: "document", source: { ...base64, mediaType: "application/pdf" }, name: "a.pdf", at },
      pdf,
      [],
    ],
    [
      "PDF by URL",
      { kind: "document", source: { kind: "url", url: "https://a/b.pdf" }, at },
      [{ type: "document", source: { type: "url", url: "https://a/b.pdf" } }],
      [],
    ],
    ["text document", { kind: "document", source: { kind: "text", text: "Hi" }, at }, plain, []],
    [
      "text document inline",
      { kind: "document", source: { ...base64, mediaType: "text/csv" }, at },
      plain,
      [],
    ],
    [
      "document of an unknown type",
      { kind: "document", source: { ...base64, mediaType: "application/msword" }, at },
      "x",
      [`dropped ${at}`],
    ],
    [
      "audio",
      { kind: "audio", source: { kind: "base64", format: "wav", data: "AA==" }, at },
      "x",
      [`dropped ${at}`],
    ],
    [
      "a foreign part",
      { kind: "foreign", dialect: "openai-chat", value: { type: "y" }, at },
      "x",
      [`dropped ${at}`],
    ],
  ];
  it.each(table)("%s", (_, part, expected, losses) => {
    const encoded = encode({ turns: [user(part, "x")] });
    const content = typeof expected === "string" ? expected : [...expected, { type: "text", text: "x" }];
    expect(encoded.body.messages[0]?.content).toEqual(content);
    expect(lossList(encoded.losses)).toEqual(losses);
  });

  it("keeps files of its own store", () => {
    const part: Part = { kind: "image", source: { kind: "file", id: "file_1" }, at };
    const { body } = encode({ turns: [user(part)], dialect: "anthropic" });
    expect(body.messages[0]?.content).toEqual([
      { type: "image", source: { type: "file", file_id: "file_1" } },
    ]);
  });
});

describe("parts of an assistant turn", () => {
  it.each<[string, Part, string, string[]]>([
    ["refusal as text", { kind: "refusal", text: "No.", at }, "No.", [`approximated ${at}`]],
    ["no images", { kind: "image", source: { kind: "url", url: "https://a" }, at }, "x", [`dropped ${at}`]],
  ])("%s", (_, part, expected, losses) => {
    const { body, losses: reported } = encode({
      turns: [user("Hi"), assistant(part, ...(expected === "x" ? ["x"] : [])), user("?")],
    });
    expect(body.messages[1]?.content).toBe(expected);
    expect(lossList(reported)).toEqual(losses);
  });

  it.each<[DialectName, object, string[]]>([
    ["anthropic", { citations: [{ type: "char_location" }] }, []],
    ["openai-chat", {}, [`dropped ${at}.annotations`]],
  ])("citations of %s", (dialect, expected, losses) => {
    const cited: Part = {
      kind: "text",
      text: "x",
      annotations: { dialect, items: [{ type: "char_location" }] },
      at,
    };
    const { body, losses: reported } = encode({ turns: [user("Hi"), assistant(cited, "y"), user("?")] });
    expect(body.messages[1]?.content).toEqual([
      { type: "text", text: "x", ...expected },
      { type: "text", text: "y" },
    ]);
    expect(lossList(reported)).toEqual(losses);
  });
});

describe("cache markers", () => {
  const marked = (text: string, ttl?: string): Part => ({
    kind: "text",
    text,
    cache: ttl === undefined ? {} : { ttl },
    at: text,
  });

  it("stand on every kind of block, and make a short form long", () => {
    const { body } = encode({
      turns: [{ role: "system", parts: [marked("a", "1h")], at: "s" }, user(marked("b"))],
    });
    expect(body.system).toEqual([
      { type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } },
    ]);
    expect(body.messages[0]?.content).toEqual([
      { type: "text", text: "b", cache_control: { type: "ephemeral" } },
    ]);
  });

  it("are at most four: the last ones", () => {
    const tools = [{ name: "f", cache: {}, at: "tools[0]" }];
    const { body, losses } = encode({
      tools,
      turns: [user(..."abcde".split("").map((text) => marked(text)))],
    });
    expect(JSON.stringify(body).match(/cache_control/g)).toHaveLength(4);
    expect(JSON.stringify(body.messages).match(/cache_control/g)).toHaveLength(4);
    expect(lossList(losses)).toEqual(["dropped tools[0].cache_control", "dropped a.cache_control"]);
  });

  it("with a lifetime that Anthropic does not know get the default", () => {
    const { body, losses } = encode({ turns: [user(marked("a", "24h"))] });
    expect(body.messages[0]?.content).toEqual([
      { type: "text", text: "a", cache_control: { type: "ephemeral" } },
    ]);
    expect(lossList(losses)).toEqual(["approximated a.cache_control.ttl"]);
  });
});
