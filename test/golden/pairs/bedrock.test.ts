/**
 * Recorded requests of every client dialect for Bedrock, and recorded answers of Bedrock for every client dialect.
 * The golden files are reviewed, not just recorded.
 */
import { describe, expect, it } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { bedrockConverse } from "../../../src/dialects/bedrock-converse/index.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { clientCall } from "../../sealing.ts";
import { violations } from "../bedrock-converse/aws-model.ts";
import { jsonOf, legible, recorded, sides } from "./recordings.ts";
import { expectAnswerTranslated, expectStreamTranslated } from "./translations.ts";

const clients = [...new Set(sides.map(({ dialect }) => dialect))];
/** Where its clients call. */
const pathOf = (client: (typeof clients)[number]) =>
  sides.find(({ dialect }) => dialect === client)?.path ?? "";

/** Models that take much, and one that takes little. */
const models = ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.meta.llama4-maverick-17b-instruct-v1:0"];

/** Media by URL. */
const refused = [
  ...["anthropic/pdf.request.json", "anthropic/result-image-url.request.json"],
  ...["gemini/image-url.request.json", "gemini/pdf-url.request.json"],
  "openai-chat/result-image-url.request.json",
  ...["image-url", "pdf-url", "result-image"].map((name) => `openai-responses/${name}.request.json`),
];

const golden = (pair: string, kind: string, name: string) =>
  `__golden__/${pair}/${kind}/${name.replace(/\.(json|sse|eventstream)$/, "")}.txt`;

describe("what AWS's model says of requests that Bedrock accepted", () => {
  it.each(recorded(bedrockConverse, "request"))("%s", (name) => {
    expect(violations(jsonOf(bedrockConverse, name))).toEqual([]);
  });

  it("finds what Bedrock refuses", () => {
    const messages = [
      { role: "user", content: [{ text: " " }, { image: { format: "tiff", source: { bytes: "AA==" } } }] },
      { role: "user", content: [{ document: { name: "a.pdf", source: { bytes: "?" } }, text: "x" }] },
      { role: "assistant", content: [{ toolUse: { toolUseId: "t1", name: "f", input: {}, extra: 1 } }] },
      { role: "user", content: [{ cachePoint: {} }] },
    ];
    expect(violations({ messages, stream: true })).toMatchInlineSnapshot(`
      [
        "messages[0].content[1].image.format is unknown: tiff",
        "messages[1].content[0] must have one member and has document, text",
        "messages[1].content[0].document.name has the wrong form: a.pdf",
        "messages[1].content[0].document.source.bytes must be base64",
        "messages[2].content[0].toolUse.extra is no member of ToolUseBlock",
        "messages[3].content[0].cachePoint.type is required",
        "stream is no member of ConverseRequest",
        "messages[1] has the role of the one before it",
        "toolConfig is required: there are tool blocks",
        "messages[3] begins with a cache point",
        "messages[3] has results for  after calls of t1",
      ]
    `);
  });
});

describe.each(clients)("$name → bedrock-converse", (client) => {
  describe.each(models)("%s", (model) => {
    it.each(recorded(client, "request"))("request %s", async (name) => {
      const losses = new Losses();
      const request = client.decodeRequest(jsonOf(client, name), clientCall(pathOf(client)));
      const encode = () => bedrockConverse.encodeRequest(request, { model, quirks: noQuirks }, losses);
      if (refused.includes(`${client.name}/${name}`)) {
        expect(encode).toThrow(/fetches no URLs/);
        return;
      }
      const encoded = encode();
      const vendor = model.split(".")[1];
      const file = golden(`${client.name}-to-bedrock-converse`, `requests-${vendor}`, name);
      await expect(legible({ encoded, losses: losses.entries })).toMatchFileSnapshot(file);
      expect(violations(encoded)).toEqual([]);
    });
  });
});

describe.each(clients)("bedrock-converse → $name", (client) => {
  const pair = `bedrock-converse-to-${client.name}`;

  it.each(recorded(bedrockConverse, "answer"))("answer %s", (name) =>
    expectAnswerTranslated(bedrockConverse, name, client, golden(pair, "answers", name)),
  );

  it.each(recorded(bedrockConverse, "stream"))("stream %s", (name) =>
    expectStreamTranslated(bedrockConverse, name, client, golden(pair, "streams", name)),
  );
});
