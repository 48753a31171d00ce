/**
 * Recorded requests of every client dialect for Bedrock, and recorded answers of Bedrock for every client dialect.
 * The golden files are reviewed, not just recorded.
 */
import { describe, expect, it } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { bedrockConverse } from "../../../src/dialects/bedrock-converse/index.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { violations } from "../bedrock-converse/aws-model.ts";
import { decodeChunks } from "../every-cut.ts";
import { bytesOf, context, jsonOf, legible, recorded, sides } from "./recordings.ts";

const clients = [...new Set(sides.map(({ dialect }) => dialect))];
/** Where its clients call. */
const pathOf = (client: (typeof clients)[number]) =>
  sides.find(({ dialect }) => dialect === client)?.path ?? "";

/** Models that take much, and one that takes little. */
const models = ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.meta.llama4-maverick-17b-instruct-v1:0"];

/** Media by URL. */
const refused = ["anthropic/pdf.request.json", "openai-responses/image-url.request.json"];

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
      const request = client.decodeRequest(jsonOf(client, name), pathOf(client));
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

  it.each(recorded(bedrockConverse, "answer"))("answer %s", async (name) => {
    const losses = new Losses();
    const answer = bedrockConverse.decodeAnswer(jsonOf(bedrockConverse, name));
    const encoded = client.encodeAnswer(answer, context, losses);
    await expect(legible({ encoded, losses: losses.entries })).toMatchFileSnapshot(
      golden(pair, "answers", name),
    );
    const again = client.decodeAnswer(encoded);
    expect(again.usage.input).toBe(answer.usage.input);
    expect(again.usage.output).toBe(answer.usage.output);
    expect(again.candidates[0]?.finish).toBe(answer.candidates[0]?.finish);
  });

  it.each(recorded(bedrockConverse, "stream"))("stream %s", async (name) => {
    const bytes = bytesOf(bedrockConverse, name);
    const translate = (size: number) => {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      const encoder = client.streamEncoder(context);
      return decodeChunks(bedrockConverse.streamDecoder(), chunks)
        .map((event) => encoder.push(event))
        .join("");
    };
    const whole = translate(bytes.length);
    const shown = whole.replace(
      /"([^"\\]{300,})"/g,
      (_, long: string) => `"${long.slice(0, 60)}… (${long.length})"`,
    );
    await expect(shown).toMatchFileSnapshot(golden(pair, "streams", name));
    for (const size of [1, 7, 61, 1021]) expect(translate(size)).toBe(whole);
  });
});
