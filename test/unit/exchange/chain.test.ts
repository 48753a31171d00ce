import { describe, expect, it } from "vitest";
import { chooseChain, scheduleAttempts } from "../../../src/exchange/chain.ts";
import type { ModelRoute, Target } from "../../../src/policy/policy.ts";

const target = (cluster: string, weight = 1): Target => ({
  cluster,
  settings: { provider: "openai" },
  model: undefined,
  weight,
  maxTokens: undefined,
  accepts: undefined,
});

const route = (
  strategy: ModelRoute["strategy"],
  targets: Target[],
  sticky: ModelRoute["sticky"] = [],
): ModelRoute => ({
  pattern: "m",
  strategy,
  targets,
  sticky,
  attempts: undefined,
  perTryTimeoutMs: undefined,
});

const clusters = (chain: readonly Target[]): string => chain.map((t) => t.cluster).join(" ");
const nobody = () => undefined;

describe("chooseChain", () => {
  it("keeps the written order under fallback", () => {
    const chain = chooseChain(route("fallback", [target("a"), target("b")]), nobody, () => 0.99);
    expect(clusters(chain)).toBe("a b");
  });

  it.each([
    [0, "a b c"],
    [0.0999, "a b c"],
    [0.1, "b a c"],
    [0.7999, "b a c"],
    [0.8, "c a b"],
    [0.9999, "c a b"],
  ])("draws by weight under split: %f → %s", (draw, expected) => {
    const weighted = route("split", [target("a", 1), target("b", 7), target("c", 2)]);
    expect(clusters(chooseChain(weighted, nobody, () => draw))).toBe(expected);
  });

  it("never draws a target of weight 0 first", () => {
    const weighted = route("split", [target("a", 0), target("b", 1)]);
    expect(clusters(chooseChain(weighted, nobody, () => 0))).toBe("b a");
  });

  it("gives the same caller the same target, whatever the draw", () => {
    const sticky = route("split", [target("a"), target("b")], ["user"]);
    const first = (user: string, draw: number) =>
      chooseChain(
        sticky,
        () => user,
        () => draw,
      )[0]?.cluster;
    for (let i = 0; i < 50; i++) expect(first(`u${i}`, 0)).toBe(first(`u${i}`, 0.99));
  });

  it("spreads callers by the weights", () => {
    const sticky = route("split", [target("a", 1), target("b", 3)], ["user"]);
    let toA = 0;
    for (let i = 0; i < 4000; i++)
      if (chooseChain(sticky, () => `u${i}`, nobodyDraws)[0]?.cluster === "a") toA++;
    // Binomial, n = 4000, p = 1/4: standard deviation 27; five of them.
    expect(Math.abs(toA - 1000)).toBeLessThan(140);
  });

  it("draws at random for a caller that none of the fields tell", () => {
    const sticky = route("split", [target("a"), target("b")], ["user"]);
    expect(chooseChain(sticky, nobody, () => 0)[0]?.cluster).toBe("a");
    expect(chooseChain(sticky, nobody, () => 0.99)[0]?.cluster).toBe("b");
  });
});

function nobodyDraws(): number {
  throw new Error("a sticky caller needs no draw");
}

describe("scheduleAttempts", () => {
  it.each([
    [["a"], undefined, "a"],
    [["a"], 5, "a"],
    [["a", "b"], undefined, "a b a b"],
    [["a", "b"], 3, "a b a"],
    [["a", "b", "c"], 2, "a b"],
    [["a", "b", "c", "d", "e", "f"], undefined, "a b c d e f a b c d"],
  ])("%j with %s attempts → %s", (chain, attempts, expected) => {
    expect(
      clusters(
        scheduleAttempts(
          chain.map((name) => target(name)),
          attempts,
        ),
      ),
    ).toBe(expected);
  });
});
