/** Files by URL for every kind of target that takes only their bytes. */
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import type { FetchedFiles } from "../../../src/conversation/files.ts";
import type { DialectName } from "../../../src/conversation/parts.ts";
import { type EncodeTarget, noQuirks } from "../../../src/dialects/dialect.ts";
import { clientDialectNamed, targetDialectNamed } from "../../../src/dialects/registry.ts";
import { parseDocument } from "../../../src/json/document.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { Translated } from "../../../src/translation/job.ts";
import { translateRequest } from "../../../src/translation/translate.ts";
import { clientCall } from "../../sealing.ts";

const png = "https://e.x/cat.png?sig=1";
const paper = "https://e.x/paper";
const purr = "https://e.x/purr.mp3";
const files: FetchedFiles = {
  byUrl: new Map([
    [png, { mediaType: "image/webp", bytes: Buffer.from("cat") }],
    [paper, { mediaType: "application/pdf", bytes: Buffer.from("pdf") }],
    [purr, { mediaType: "audio/mpeg", bytes: Buffer.from("purr") }],
  ]),
  maxFiles: 16,
  maxBytes: 1_000,
};
const none: FetchedFiles = { ...files, byUrl: new Map() };

const say = (...content: readonly JsonObject[]) => ({ messages: [{ role: "user", content: [...content] }] });
const requests = {
  "openai-chat": { model: "m", ...say({ type: "image_url", image_url: { url: png } }) },
  "openai-responses": {
    model: "m",
    input: [{ role: "user", content: [{ type: "input_file", filename: "p.pdf", file_url: paper }] }],
  },
  anthropic: {
    model: "m",
    max_tokens: 9,
    ...say({ type: "document", title: "p", source: { type: "url", url: paper } }),
  },
  gemini: { contents: [{ role: "user", parts: [{ fileData: { fileUri: purr, mimeType: "audio/mpeg" } }] }] },
  "tool result": {
    model: "m",
    max_tokens: 9,
    messages: [
      { role: "user", content: "Look" },
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "look", input: {} }] },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "t1",
            content: [{ type: "image", source: { type: "url", url: png } }],
          },
        ],
      },
    ],
  },
} satisfies Record<string, JsonObject>;
const models: Readonly<Partial<Record<DialectName, string>>> = {
  gemini: "gemini-2.0-flash",
  "bedrock-converse": "anthropic.claude-sonnet-4-5-20250929-v1:0",
};

function translated(
  request: keyof typeof requests | JsonObject,
  from: DialectName,
  to: DialectName,
  encode: Partial<EncodeTarget>,
): Translated {
  const body = typeof request === "string" ? requests[request] : request;
  const client = clientDialectNamed(from);
  const path = "/v1beta/models/m:generateContent";
  const document = parseDocument(Buffer.from(JSON.stringify(body)));
  const decoded = () => client.decodeRequest(document.value, clientCall(path));
  const target = { model: models[to] ?? "m", quirks: noQuirks, ...encode };
  return translateRequest(client, targetDialectNamed(to), document, decoded, target);
}

const fetchesNoUrls = { quirks: { ...noQuirks, fetchesNoUrls: true } };
const bytesOf = (text: string) => Buffer.from(text).toString("base64");

/** Whatever the target's format is, the bytes stand somewhere in it. */
const cases: ReadonlyArray<
  readonly [
    from: DialectName,
    to: DialectName,
    request: keyof typeof requests,
    encode: Partial<EncodeTarget>,
    at: string,
    expected: string,
  ]
> = [
  [
    "openai-chat",
    "bedrock-converse",
    "openai-chat",
    {},
    "messages[0].content[0]",
    `{"image":{"format":"webp","source":{"bytes":"${bytesOf("cat")}"}}}`,
  ],
  [
    "openai-responses",
    "bedrock-converse",
    "openai-responses",
    {},
    "input[0].content[0]",
    `{"document":{"name":"p","format":"pdf","source":{"bytes":"${bytesOf("pdf")}"}}}`,
  ],
  [
    "anthropic",
    "bedrock-converse",
    "tool result",
    {},
    "messages[2].content[0].content[0]",
    `{"toolUseId":"t1","content":[{"image":{"format":"webp","source":{"bytes":"${bytesOf("cat")}"}}}]`,
  ],
  [
    "openai-chat",
    "gemini",
    "openai-chat",
    {},
    "messages[0].content[0]",
    `{"inlineData":{"mimeType":"image/webp","data":"${bytesOf("cat")}"}}`,
  ],
  [
    "openai-chat",
    "openai-chat",
    "openai-chat",
    fetchesNoUrls,
    "messages[0].content[0]",
    `{"url":"data:image/webp;base64,${bytesOf("cat")}"}`,
  ],
  [
    "anthropic",
    "anthropic",
    "anthropic",
    fetchesNoUrls,
    "messages[0].content[0]",
    `{"type":"base64","media_type":"application/pdf","data":"${bytesOf("pdf")}"}`,
  ],
  [
    "anthropic",
    "anthropic",
    "tool result",
    fetchesNoUrls,
    "messages[2].content[0].content[0]",
    `{"type":"base64","media_type":"image/webp","data":"${bytesOf("cat")}"}`,
  ],
  [
    "openai-chat",
    "anthropic",
    "openai-chat",
    fetchesNoUrls,
    "messages[0].content[0]",
    `{"type":"base64","media_type":"image/webp","data":"${bytesOf("cat")}"}`,
  ],
];

describe.each(cases)("from %s to %s: %s", (from, to, request, encode, at, expected) => {
  it("is refused unless the policy allows to fetch", () => {
    expect(() => translated(request, from, to, encode)).toThrow(
      expect.objectContaining({ path: at, status: 400, code: "file_url_not_supported" }),
    );
  });

  it("wants the file first", () => {
    const { wanted, body } = translated(request, from, to, { ...encode, fetched: none });
    expect(wanted?.map((file) => file.at)).toEqual([at]);
    expect(body).toHaveLength(0);
  });

  it("sends its bytes", () => {
    const { wanted, body, losses } = translated(request, from, to, { ...encode, fetched: files });
    expect(wanted).toBeUndefined();
    expect(Buffer.from(body).toString()).toContain(expected);
    expect(Buffer.from(body).toString()).not.toContain("e.x");
    expect(losses.filter(({ content }) => content)).toEqual([]);
  });
});

describe.each<readonly [DialectName, keyof typeof requests, string, string]>([
  [
    "anthropic",
    "anthropic",
    "no documents by URL",
    `"file_data":"data:application/pdf;base64,${bytesOf("pdf")}"`,
  ],
  ["gemini", "gemini", "no audio by URL", `"input_audio":{"data":"${bytesOf("purr")}","format":"mp3"}`],
])("to OpenAI from %s: %s", (from, request, why, expected) => {
  it("is lost unless the policy allows to fetch", () => {
    const { losses } = translated(request, from, "openai-chat", {});
    expect(losses).toContainEqual(
      expect.objectContaining({ why: expect.stringContaining(why), content: true }),
    );
  });

  it("wants the file first, and sends its bytes", () => {
    expect(translated(request, from, "openai-chat", { fetched: none }).wanted).toHaveLength(1);
    const { body, losses } = translated(request, from, "openai-chat", { fetched: files });
    expect(Buffer.from(body).toString()).toContain(expected);
    expect(losses.filter(({ content }) => content)).toEqual([]);
  });
});

describe("nothing is fetched", () => {
  it.each<[DialectName, DialectName, keyof typeof requests, string]>([
    ["openai-chat", "anthropic", "openai-chat", png],
    ["openai-chat", "openai-responses", "openai-chat", png],
    ["openai-responses", "anthropic", "openai-responses", paper],
    ["anthropic", "openai-responses", "anthropic", paper],
  ])("from %s to %s, which takes URLs of %s", (from, to, request, url) => {
    const { wanted, body } = translated(request, from, to, { fetched: none });
    expect(wanted).toBeUndefined();
    expect(Buffer.from(body).toString()).toContain(url);
  });

  it("for a newer Gemini", () => {
    const { wanted, body } = translated("openai-chat", "openai-chat", "gemini", {
      model: "gemini-2.5-flash",
      fetched: none,
    });
    expect(wanted).toBeUndefined();
    expect(Buffer.from(body).toString()).toContain(`"fileUri":"${png}"`);
  });

  it("for an object in S3 that goes to Bedrock", () => {
    const s3 = { model: "m", ...say({ type: "image_url", image_url: { url: "s3://bucket/cat.png" } }) };
    const { wanted } = translated(s3, "openai-chat", "bedrock-converse", { fetched: none });
    expect(wanted).toBeUndefined();
  });

  it.each<[DialectName, keyof typeof requests]>([
    ["openai-chat", "openai-chat"],
    ["anthropic", "anthropic"],
    ["gemini", "gemini"],
  ])("between %s and itself: the bytes pass", (name, request) => {
    const { wanted, body } = translated(request, name, name, { model: "m", fetched: none });
    expect(wanted).toBeUndefined();
    expect(JSON.parse(Buffer.from(body).toString())).toEqual(requests[request]);
  });

  it("for audio that its target takes in no form", () => {
    const { wanted, losses } = translated("gemini", "gemini", "bedrock-converse", { fetched: none });
    expect(wanted).toBeUndefined();
    expect(losses).toContainEqual(expect.objectContaining({ content: true }));
  });
});

it("a server that fetches no URLs gets the client's own bytes when none of them is a file's", () => {
  const asked =
    '{"model":"m", "messages":[{"role":"user","content":"see https://e.x/cat.png"}] , "seed":1.0}';
  const document = parseDocument(Buffer.from(asked));
  const client = clientDialectNamed("openai-chat");
  const encode = { model: "m", ...fetchesNoUrls, fetched: none };
  const decoded = () => client.decodeRequest(document.value, clientCall());
  const { body } = translateRequest(client, targetDialectNamed("openai-chat"), document, decoded, encode);
  expect(Buffer.from(body).toString()).toBe(asked);
});

it("what another provider keeps is refused before anything is fetched", () => {
  const kept = { ...requests["openai-responses"], previous_response_id: "resp_1" };
  expect(() => translated(kept, "openai-responses", "bedrock-converse", { fetched: none })).toThrow(
    InvalidRequestError,
  );
});
