/** Requests of OpenAI's embeddings: read, passed on, and refused. */
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import { noQuirks, type Quirks } from "../../../../src/dialects/dialect.ts";
import { openaiEmbeddings } from "../../../../src/dialects/openai-embeddings/index.ts";
import { parseDocument } from "../../../../src/json/document.ts";
import type { JsonObject, JsonValue } from "../../../../src/json/types.ts";

const decoded = (fields: JsonObject) => openaiEmbeddings.decodeRequest({ model: "m", input: "x", ...fields });

function invalid(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequestError);
    return (error as InvalidRequestError).path;
  }
  throw new Error("was taken");
}

describe("inputs", () => {
  const text = (value: string) => ({ kind: "text", text: value });
  const tokens = (...values: number[]) => ({ kind: "tokens", tokens: values });

  it.each<[JsonValue, unknown[]]>([
    ["one", [text("one")]],
    ["", [text("")]],
    [["one"], [text("one")]],
    [
      ["one", "two"],
      [text("one"), text("two")],
    ],
    [[1, 2, 3], [tokens(1, 2, 3)]],
    [
      [[1, 2], [3]],
      [tokens(1, 2), tokens(3)],
    ],
    [
      ["one", [1, 2]],
      [text("one"), tokens(1, 2)],
    ],
  ])("%j", (input, expected) => {
    expect(decoded({ input }).inputs).toEqual(expected);
  });

  it.each<[JsonValue, string]>([
    [null, "input"],
    [[], "input"],
    [7, "input"],
    [{}, "input"],
    [[1, "two"], "input"],
    [[1, 2.5], "input"],
    [["one", 2], "input[1]"],
    [["one", null], "input[1]"],
    [[[1], []], "input[1]"],
    [[{ type: "image_url" }], "input[0]"],
  ])("%j is refused at %s", (input, path) => {
    expect(invalid(() => decoded({ input }))).toBe(path);
  });
});

describe("fields", () => {
  it("are read by their meaning, the rest kept by name", () => {
    const fields = {
      dimensions: 256,
      encoding_format: "base64",
      user: "u",
      provider: { order: [] },
      nothing: null,
    };
    expect(decoded(fields)).toMatchObject({
      dimensions: 256,
      encoding: "base64",
      user: "u",
      extra: { provider: { order: [] } },
    });
    expect(decoded({ dimensions: null, encoding_format: null, user: null })).toEqual(decoded({}));
  });

  it.each<[string, string | undefined]>([
    ["query", "query"],
    ["search_query", "query"],
    ["SEARCH_DOCUMENT", "document"],
    ["passage", "document"],
    ["classification", "classification"],
    ["clustering", "clustering"],
    ["semantic_similarity", "similarity"],
    ["image", undefined],
  ])("input_type %s is %s", (input_type, purpose) => {
    const request = decoded({ input_type });
    expect(request.purpose).toBe(purpose);
    // What has no meaning here is for the loss report.
    expect(request.extra).toEqual(purpose === undefined ? { input_type } : {});
  });

  it.each<[JsonObject, string]>([
    [{ model: null }, "model"],
    [{ model: 7 }, "model"],
    [{ dimensions: "256" }, "dimensions"],
    [{ dimensions: 0 }, "dimensions"],
    [{ dimensions: 1.5 }, "dimensions"],
    [{ encoding_format: "int8" }, "encoding_format"],
    [{ user: 7 }, "user"],
    [{ input_type: 7 }, "input_type"],
  ])("%j is refused", (fields, path) => {
    expect(invalid(() => decoded(fields))).toBe(path);
  });
});

describe("the outline", () => {
  const outline = (body: JsonObject) =>
    openaiEmbeddings.outline(parseDocument(Buffer.from(JSON.stringify(body))));

  it("names the model and never streams", () => {
    expect(outline({ model: "m", input: "x", stream: true })).toMatchObject({ model: "m", stream: false });
    for (const model of [undefined, "", 7]) {
      expect(invalid(() => outline(model === undefined ? {} : { model }))).toBe("model");
    }
  });
});

describe("passing", () => {
  function passed(text: string, quirks: Quirks = noQuirks) {
    const losses = new Losses();
    const document = parseDocument(Buffer.from(text));
    const bytes = openaiEmbeddings.passthrough.request(document, { model: "real", quirks }, losses);
    return { text: Buffer.from(bytes).toString(), losses, isSame: bytes === document.bytes };
  }

  it("writes the model's name and nothing else", () => {
    const text = '{ "input": [1.0, 2e3],"model":"asked",\n "encoding_format": "base64", "x": 1 }';
    expect(passed(text).text).toBe(text.replace('"asked"', '"real"'));
    expect(passed('{"model":"real","input":"x"}').isSame).toBe(true);
  });

  it("takes out what the server does not take, and says so", () => {
    const quirks = { unsupported: ["user", "encoding_format"], renamed: { dimensions: "output_dimension" } };
    const { text, losses } = passed(
      '{"model":"m","input":"x","dimensions":8,"user":"u","encoding_format":"float"}',
      quirks,
    );
    expect(JSON.parse(text)).toEqual({ model: "real", input: "x", output_dimension: 8 });
    // Float is what comes unless asked for.
    expect(losses.entries.map(({ path }) => path)).toEqual(["user"]);
    expect(losses.ofContent).toBe(false);
  });

  it("counts a length that cannot be had as content, once", () => {
    const quirks = { unsupported: ["dimensions"], renamed: {} };
    const { text, losses } = passed('{"model":"m","input":"x","dimensions":8}', quirks);
    expect(JSON.parse(text)).toEqual({ model: "real", input: "x" });
    expect(losses.entries).toMatchObject([{ path: "dimensions", how: "dropped", content: true }]);
    expect(passed('{"model":"m","input":"x","dimensions":null}', quirks).losses.entries).toEqual([]);
  });

  it("reads usage and never waits for a stream", () => {
    const { usage, streams, stream } = openaiEmbeddings.passthrough;
    expect(usage({ usage: { prompt_tokens: 5, total_tokens: 5 } })).toMatchObject({ input: 5, output: 0 });
    expect(usage({})).toBeUndefined();
    expect(streams?.("text/event-stream")).toBe(false);
    expect(() => stream(false)).toThrow();
  });

  it("keeps of a request how vectors are to be written", () => {
    const echo = (body: JsonObject) =>
      openaiEmbeddings.echo(parseDocument(Buffer.from(JSON.stringify(body))));
    expect(echo({ encoding_format: "base64", input: "x" })).toEqual({ encoding_format: "base64" });
    for (const format of [undefined, null, "float", "int8"]) {
      const body: JsonObject = format === undefined ? {} : { encoding_format: format };
      expect(echo(body)).toEqual({ encoding_format: "float" });
    }
  });
});

describe("vectors", () => {
  it("are in the order of their indices", () => {
    const data = [2, 0, 1].map((index) => ({ index, embedding: [index] }));
    expect(openaiEmbeddings.decodeAnswer({ data }).vectors).toEqual([[0], [1], [2]]);
    expect(
      openaiEmbeddings.decodeAnswer({ data: data.map(({ embedding }) => ({ embedding })) }).vectors,
    ).toEqual([[2], [0], [1]]);
  });

  it("are not counted by a server that does not count", () => {
    expect(openaiEmbeddings.decodeAnswer({ data: [] })).toEqual({ vectors: [], usage: undefined, model: "" });
  });
});

it("a stream that comes all the same is an error, told once", () => {
  const decoder = openaiEmbeddings.streamDecoder();
  const events = [
    ...decoder.push(Buffer.from("data: {}\n\n")),
    ...decoder.push(Buffer.from("x")),
    ...decoder.end(),
  ];
  expect(events).toMatchObject([{ kind: "error", error: { kind: "bad-gateway", status: 502 } }]);
  const [event] = events;
  if (event !== undefined) expect(openaiEmbeddings.streamEncoder().push(event)).toBe("");
});
