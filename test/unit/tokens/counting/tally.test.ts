import { describe, expect, it } from "vitest";
import { encodingOf } from "../../../../src/tokens/counting/model-encoding.ts";
import { Tally } from "../../../../src/tokens/counting/tally.ts";
import { Tokenizer } from "../../../../src/tokens/counting/text/tokenizer.ts";

const tokenizer = new Tokenizer("o200k_base");
const tally = (model: string, most?: number) => new Tally(encodingOf(model), () => tokenizer, most);

describe("a tally", () => {
  it("of nothing is nothing, exactly", () => {
    expect(tally("gpt-4o").total()).toEqual({ tokens: 0, exact: true });
  });

  it("is exact for models whose encoding is published, until an estimate comes in", () => {
    const sum = tally("gpt-5");
    sum.addText("hello world");
    sum.add(7);
    expect(sum.total()).toEqual({ tokens: 2 + 7, exact: true });
    sum.addsEstimate();
    expect(sum.total()).toEqual({ tokens: 2 + 7, exact: false });
    expect(tally("gemini-3-pro").total().exact).toBe(false);
  });

  it("corrects text for the model, and not what is in the provider's own tokens", () => {
    const sum = tally("claude-sonnet-4-5");
    sum.addText("hello ".repeat(70));
    sum.add(100);
    const { tokens } = tokenizer.count("hello ".repeat(70));
    expect(sum.total()).toEqual({ tokens: Math.ceil((tokens * 4) / 3.5) + 100, exact: false });
  });

  it("counts no more text than its limit, and takes the rest to be alike", () => {
    const sentence = "The quick brown fox.\n";
    const { tokens: each } = tokenizer.count(sentence);
    const sum = tally("gpt-4o", 100 * sentence.length);
    sum.addText(sentence.repeat(60));
    expect(sum.total()).toEqual({ tokens: 60 * each, exact: true });
    sum.addText(sentence.repeat(60));
    sum.addText(sentence.repeat(180));
    const { tokens, exact } = sum.total();
    expect(exact).toBe(false);
    expect(tokens / (300 * each)).toBeCloseTo(1, 2);
  });

  it("takes the beginning of a text for all of it", () => {
    const sum = tally("gpt-4o");
    sum.addText("word ".repeat(100), 5_000);
    expect(sum.total()).toEqual({ tokens: tokenizer.count("word ".repeat(100)).tokens * 10, exact: false });
  });

  it("may cut a surrogate pair where its limit is", () => {
    const sum = tally("gpt-4o", 4);
    sum.addText("abc😀");
    expect(sum.total()).toEqual({
      tokens: Math.ceil((tokenizer.count("abc\uD83D").tokens * 5) / 4),
      exact: false,
    });
  });
});
