/** Formats that only pass: which calls are theirs, what routing reads of them, and what of them changes. */
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import type { AnyDialectName } from "../../../../src/conversation/parts.ts";
import { noQuirks, type Quirks } from "../../../../src/dialects/dialect.ts";
import { clientDialect, clientDialectNamed } from "../../../../src/dialects/registry.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { parseForm } from "../../../../src/multipart/form.ts";
import { clientCall } from "../../../sealing.ts";

describe("the paths", () => {
  it.each<[method: string, path: string, name: AnyDialectName | undefined]>([
    ["POST", "/v1/images/generations", "openai-images"],
    ["POST", "/v1/images/edits?x=1", "openai-images"],
    ["POST", "/llm/v1/images/variations", "openai-images"],
    ["POST", "/v1/images", undefined],
    ["POST", "/v1/images/generations/1", undefined],
    ["POST", "/openai/v1/audio/speech", "openai-speech"],
    ["POST", "/v1/audio/transcriptions", "openai-transcriptions"],
    ["POST", "/v1/audio/translations", "openai-transcriptions"],
    ["GET", "/v1/audio/voices", undefined],
    ["POST", "/v1/moderations", "openai-moderations"],
    ["POST", "/v1/chat/moderations", undefined],
    ["POST", "/v1/rerank", "rerank"],
    ["POST", "/v2/rerank", "rerank"],
    ["POST", "/rerank", "rerank"],
    ["GET", "/v1/rerank", undefined],
  ])("%s %s", (method, path, name) => {
    expect(clientDialect(method, path)?.name).toBe(name);
  });
});

const boundary = "xyz";
const sound = "\u0000\u0001--xy\r\n\u00ff";

/** A form with a file and these fields. */
function form(fields: Readonly<Record<string, string>>) {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n${sound}\r\n`;
  const bytes = Buffer.from([file, ...parts, `--${boundary}--\r\n`].join(""), "latin1");
  return parseForm(bytes, `multipart/form-data; boundary=${boundary}`);
}

function json(body: JsonObject) {
  return parseDocument(Buffer.from(JSON.stringify(body)));
}

describe("the outline", () => {
  it.each<[AnyDialectName, string, JsonObject, string, boolean]>([
    ["openai-images", "/v1/images/generations", { model: "gpt-image-1" }, "gpt-image-1", false],
    ["openai-images", "/v1/images/generations", { model: "m", stream: true }, "m", true],
    ["openai-images", "/v1/images/generations", { prompt: "an otter" }, "dall-e-2", false],
    ["openai-images", "/v1/images/generations", { model: null }, "dall-e-2", false],
    ["openai-images", "/v1/images/edits?api=1", { image: "…" }, "gpt-image-1.5", false],
    ["openai-images", "/v1/images/variations", { image: "…" }, "dall-e-2", false],
    ["openai-speech", "/v1/audio/speech", { model: "tts-1", input: "Hi" }, "tts-1", false],
    ["openai-speech", "/v1/audio/speech", { model: "m", stream_format: "sse" }, "m", true],
    ["openai-speech", "/v1/audio/speech", { model: "m", stream_format: "audio" }, "m", false],
    ["openai-moderations", "/v1/moderations", { input: "Hi" }, "omni-moderation-latest", false],
    [
      "openai-moderations",
      "/v1/moderations",
      { model: "text-moderation-stable" },
      "text-moderation-stable",
      false,
    ],
    ["rerank", "/v1/rerank", { model: "rerank-v3.5", query: "q", documents: [] }, "rerank-v3.5", false],
  ])("of %s at %s: %j", (name, path, body, model, stream) => {
    expect(clientDialectNamed(name).outline(json(body), path)).toEqual({
      model,
      stream,
      maxOutputTokens: undefined,
      includeUsage: true,
    });
  });

  it.each([
    [{ model: "whisper-1" }, "whisper-1", false],
    [{ model: "gpt-4o-transcribe", stream: "true" }, "gpt-4o-transcribe", true],
    [{ model: "gpt-4o-transcribe", stream: "false" }, "gpt-4o-transcribe", false],
  ])("of a form: %j", (fields, model, stream) => {
    const outline = clientDialectNamed("openai-transcriptions").outline(
      form(fields),
      "/v1/audio/transcriptions",
    );
    expect(outline).toMatchObject({ model, stream });
  });

  it.each<[AnyDialectName, JsonObject]>([
    ["openai-speech", { input: "Hi" }],
    ["openai-transcriptions", { language: "de" }],
    ["rerank", { query: "q", documents: [] }],
    ["openai-images", { model: "" }],
    ["openai-images", { model: 7 }],
    ["openai-moderations", { model: ["m"] }],
  ])("of %s needs a model: %j", (name, body) => {
    const outline = () => clientDialectNamed(name).outline(json(body), "/");
    expect(outline).toThrow(InvalidRequestError);
    expect(outline).toThrow(expect.objectContaining({ path: "model", status: 400 }));
  });
});

function passed(name: AnyDialectName, document: ReturnType<typeof json>, quirks: Quirks = noQuirks) {
  const losses = new Losses();
  const bytes = clientDialectNamed(name).passthrough.request(document, { model: "theirs", quirks }, losses);
  return { text: Buffer.from(bytes).toString("latin1"), lost: losses.entries.map(({ path }) => path) };
}

describe("what is sent", () => {
  it("is the client's own bytes but for the model", () => {
    const odd = '{ "prompt":"an otter" ,"model" : "mine", "seed": 12345678901234567890 }';
    const { text } = passed("openai-images", parseDocument(Buffer.from(odd)));
    expect(text).toBe(odd.replace('"mine"', '"theirs"'));
  });

  it("names the model that the client left to the API", () => {
    expect(JSON.parse(passed("openai-moderations", json({ input: "Hi" })).text)).toEqual({
      input: "Hi",
      model: "theirs",
    });
  });

  it("leaves a form's file as it is", () => {
    const before = Buffer.from(form({ model: "mine", language: "de" }).bytes).toString("latin1");
    const { text } = passed("openai-transcriptions", form({ model: "mine", language: "de" }));
    expect(text).toBe(before.replace("mine", "theirs"));
    expect(text).toContain(sound);
  });

  it("names the model in a form that named none", () => {
    const { text } = passed("openai-images", form({ prompt: "an otter" }));
    expect(parseForm(Buffer.from(text, "latin1"), `multipart/form-data; boundary=${boundary}`).value).toEqual(
      {
        prompt: "an otter",
        model: "theirs",
      },
    );
    expect(text).toContain(sound);
  });

  it("is the very same object when nothing changes", () => {
    const document = json({ model: "theirs", input: "Hi" });
    const dialect = clientDialectNamed("openai-speech");
    const sent = dialect.passthrough.request(document, { model: "theirs", quirks: noQuirks }, new Losses());
    expect(sent).toBe(document.bytes);
  });

  it("obeys the target's quirks, and says what is lost", () => {
    const quirks = { unsupported: ["user", "seed"], renamed: { top_n: "top_k" } };
    const asked = json({ model: "m", query: "q", documents: ["d"], top_n: 3, user: "u" });
    const { text, lost } = passed("rerank", asked, quirks);
    expect(JSON.parse(text)).toEqual({ model: "theirs", query: "q", documents: ["d"], top_k: 3 });
    expect(lost).toEqual(["user"]);
  });
});

describe("translation", () => {
  it("is a defect", () => {
    const dialect = clientDialectNamed("rerank");
    expect(() => dialect.encodeAnswer({} as never, {} as never, new Losses())).toThrow(/only passes/);
  });

  it("is not needed for rules, which see the request itself", () => {
    expect(clientDialectNamed("rerank").decodeRequest({ query: "q" }, clientCall())).toEqual({ query: "q" });
  });
});
