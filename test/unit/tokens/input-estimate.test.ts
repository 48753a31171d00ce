import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { inputEstimate } from "../../../src/tokens/input-estimate.ts";

const estimate = (body: unknown) => inputEstimate(Buffer.from(JSON.stringify(body)));
const asking = (content: unknown) => ({ model: "m", messages: [{ role: "user", content }] });
const repeated = (words: string, characters: number) =>
  words.repeat(Math.ceil(characters / words.length)).slice(0, characters);

const prose = {
  English: "The quick brown fox jumps over the lazy dog, and nobody asks why it would do so. ",
  German: "Der schnelle braune Fuchs springt über den faulen Hund, und niemand fragt, warum. ",
  code: "for (const [index, value] of values.entries()) {\n  if (value > limit) return index;\n}\n",
};

describe("of text", () => {
  it.each([
    ["nothing", "", 0],
    ["one byte", "{", 1],
    ["four bytes", "true", 1],
    ["five bytes", "false", 2],
  ])("%s", (_, body, tokens) => expect(inputEstimate(Buffer.from(body))).toBe(tokens));

  it.each(Object.entries(prose))("%s is a token for four bytes, however long", (_, words) => {
    for (const characters of [100, 5_000, 300_000]) {
      const text = repeated(words, characters);
      const bytes = Buffer.byteLength(JSON.stringify(asking(text)));
      expect(estimate(asking(text))).toBe(Math.ceil(bytes / 4));
    }
  });

  it.each([
    ["Chinese", "敏捷的棕色狐狸跳过了懒狗，没有人问它为什么要这样做。"],
    ["Japanese", "素早い茶色の狐はのろまな犬を飛び越えたが、誰も理由を尋ねない。"],
    ["Russian", "Быстрая бурая лиса прыгает через ленивую собаку, и никто не спрашивает зачем. "],
    ["Arabic", "الثعلب البني السريع يقفز فوق الكلب الكسول ولا أحد يسأل لماذا. "],
  ])("%s is never taken for a file", (_, words) => {
    const text = repeated(words, 100_000);
    expect(estimate(asking(text))).toBe(Math.ceil(Buffer.byteLength(JSON.stringify(asking(text))) / 4));
  });
});

describe("of a file in base64", () => {
  const bytesOf = (bytes: number, alphabet: "base64" | "base64url" = "base64") =>
    randomBytes(bytes).toString(alphabet);
  const picture = (bytes: number) =>
    asking([{ type: "image_url", image_url: { url: `data:image/png;base64,${bytesOf(bytes)}` } }]);

  /** What vision models take for a picture is between some hundreds and some thousands of tokens. */
  it.each([30_000, 100_000, 300_000])("of %i bytes is a picture's tokens, not its bytes'", (bytes) => {
    const tokens = estimate(picture(bytes));
    expect(tokens).toBeGreaterThan(1_600);
    // A quarter of the base64 would be 10,000 and up.
    expect(tokens).toBeLessThan(1_600 + bytes / 100 + 2_200);
  });

  it("grows with its pages: eight megabytes are fifty thousand tokens, not two million", () => {
    const tokens = estimate(picture(6_000_000));
    expect(tokens).toBeGreaterThan(50_000);
    expect(tokens).toBeLessThan(60_000);
  });

  it("counts each, where text stands between them", () => {
    const files = (count: number) =>
      asking(
        Array.from({ length: count }, () => [
          { type: "text", text: repeated(prose.English, 9_000) },
          { type: "file", file: { file_data: bytesOf(60_000, "base64url") } },
        ]).flat(),
      );
    const one = estimate(files(1));
    expect(estimate(files(4))).toBeGreaterThan(one + 3 * (1_600 + 9_000 / 4));
    expect(estimate(files(4))).toBeLessThan(4 * one + 1_600);
  });

  it("is text where it is short", () => {
    const body = picture(2_000);
    expect(estimate(body)).toBe(Math.ceil(JSON.stringify(body).length / 4));
  });
});

it("looks at few bytes of each stretch, however large the body is", () => {
  const body = Buffer.alloc(8 * 1024 * 1024, "A");
  let looks = 0;
  const watched = new Proxy(body, {
    get(target, name) {
      if (typeof name === "string" && /^\d+$/.test(name)) looks++;
      return Reflect.get(target, name, target);
    },
  });
  inputEstimate(watched);
  expect(looks).toBeGreaterThan(0);
  expect(looks).toBeLessThanOrEqual(body.length / 100);
});
