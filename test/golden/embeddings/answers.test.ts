/** Recorded answers of every target, as OpenAI's own SDK reads what its client gets. */
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import type { EncodeContext } from "../../../src/dialects/dialect.ts";
import { openaiEmbeddings } from "../../../src/dialects/openai-embeddings/index.ts";
import { asNumbers } from "../../../src/embeddings/vectors.ts";
import { parseDocument } from "../../../src/json/document.ts";
import { seal } from "../../sealing.ts";
import { answersOf, headersOf, recorded, targets } from "./recordings.ts";

const cases = targets.flatMap((target) => answersOf(target.name).map((name) => ({ target, name })));

/** What the provider counted; undefined where it did not. */
const counted: Readonly<Record<string, number | undefined>> = {
  "openai-embeddings/documents": 2,
  "openai-embeddings/query": 4,
  "vertex-embeddings/predict": 4,
  "vertex-embeddings/embed-content": 5,
  "bedrock-embeddings/titan-text-v1": 4,
  "bedrock-embeddings/titan-text-v2": 4,
  "bedrock-embeddings/titan-multimodal": 6,
  "bedrock-embeddings/cohere-v3": 4,
  "bedrock-embeddings/cohere-v4": 2,
  "bedrock-embeddings/cohere-v4-dimensions": 3,
  "bedrock-embeddings/nova": 18,
};

/** OpenAI's SDK, answered by what we make of the provider's answer for the request that it sends. */
function client(answer: ReturnType<(typeof targets)[number]["decodeAnswer"]>): OpenAI {
  const fetch = async (_url: unknown, init?: { body?: unknown }): Promise<Response> => {
    const asked = parseDocument(Buffer.from(String(init?.body)));
    const context: EncodeContext = {
      ...{ model: "as-asked", includeUsage: false, now: 1_760_000_000, newId: () => "0", seal },
      echo: openaiEmbeddings.echo(asked),
    };
    return Response.json(openaiEmbeddings.encodeAnswer(answer, context));
  };
  return new OpenAI({ apiKey: "k", baseURL: "http://localhost/v1", fetch, maxRetries: 0 });
}

describe.each(cases)("$target.name → openai-embeddings, $name", ({ target, name }) => {
  const answer = target.decodeAnswer(recorded(target.name, name), {
    status: 200,
    headers: headersOf(target.name, name),
  });
  const expected = answer.vectors.map((vector) => asNumbers(vector).map(Math.fround));

  it("has all of its numbers", () => {
    const said = JSON.stringify(recorded(target.name, name));
    expect(expected.length).toBeGreaterThan(0);
    for (const vector of answer.vectors) {
      const numbers = typeof vector === "string" ? [JSON.stringify(vector)] : vector.map(String);
      expect(numbers.filter((number) => !said.includes(number))).toEqual([]);
    }
    const isCut = target.name !== "openai-embeddings" && !/nova|titan-text-v2/.test(name);
    if (!isCut) expect(expected[0]?.length).toBe(target.name === "openai-embeddings" ? 1536 : 256);
    expect(answer.usage?.input).toBe(counted[`${target.name}/${name}`]);
  });

  it.each([undefined, "float", "base64"] as const)("is read by the SDK that asks for %s", async (format) => {
    const { data, usage, model, object } = await client(answer).embeddings.create({
      model: "as-asked",
      input: answer.vectors.map(() => "text"),
      ...(format !== undefined && { encoding_format: format }),
    });
    expect({ model, object }).toEqual({ model: "as-asked", object: "list" });
    expect(data.map(({ index }) => index)).toEqual(expected.map((_, index) => index));
    const tokens = counted[`${target.name}/${name}`] ?? 0;
    expect(usage).toEqual({ prompt_tokens: tokens, total_tokens: tokens });
    const vectors = data.map(({ embedding }) =>
      // Asked for by name, it is left as it came.
      asNumbers(embedding as number[] | string).map(Math.fround),
    );
    expect(data.every(({ embedding }) => (typeof embedding === "string") === (format === "base64"))).toBe(
      true,
    );
    expect(vectors).toEqual(expected);
  });

  it("is the same when it has been an answer of OpenAI's", () => {
    const context = { model: answer.model, includeUsage: false, now: 0, newId: () => "0", seal };
    for (const encoding_format of ["float", "base64"]) {
      const body = openaiEmbeddings.encodeAnswer(answer, { ...context, echo: { encoding_format } });
      const again = openaiEmbeddings.decodeAnswer(body);
      expect(again.vectors.map((vector) => asNumbers(vector).map(Math.fround))).toEqual(expected);
      expect(again.usage?.input).toBe(answer.usage?.input ?? 0);
    }
  });
});

describe("errors", () => {
  it.each([
    ["openai-embeddings", "model_not_found", /does not exist/],
    ["gemini-embeddings", "NOT_FOUND", /not supported for embedContent/],
  ])("of %s reach the client with their code", (name, code, message) => {
    const target = targets.find((each) => each.name === name);
    const error = target?.decodeError(404, () => undefined, recorded(name, "error-model"));
    if (error === undefined) throw new Error(`no target ${name}`);
    expect(openaiEmbeddings.encodeError(error)).toMatchObject({
      status: 404,
      body: { error: { code, message: expect.stringMatching(message) } },
    });
  });
});

it("what is no answer is told from one", () => {
  for (const target of targets) {
    for (const body of [
      {},
      { data: [{}] },
      { embeddings: "x" },
      { predictions: [{}] },
      { embedding: ["a"] },
    ]) {
      expect(() => target.decodeAnswer(body), `${target.name} ${JSON.stringify(body)}`).toThrow();
    }
  }
});
