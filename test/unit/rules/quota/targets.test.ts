/** Limits of single targets: who is full is passed over, and counted is where it was served. */
import { describe, expect, it } from "vitest";
import { type Change, isRefusal, type Ruling } from "../../../../src/rules/rule.ts";
import { Scene } from "./scene.ts";

const limit = (more: object = {}) => ({
  name: "a",
  by: ["target"],
  requests: 1,
  tokens: 1_000,
  window: "1h",
  ...more,
});
const asked = { model: "chain", maxOutputTokens: 100 };

function chainOf(ruling: Ruling): string[] | undefined {
  if (ruling === undefined) return undefined;
  if (isRefusal(ruling)) throw new Error(ruling.error.message);
  return (ruling as Change).plan?.chain.map(({ cluster }) => cluster);
}

async function served(scene: Scene, ...truths: ReadonlyArray<{ cluster: string; tokens: number }>) {
  const exchange = scene.exchange();
  const ruling = await exchange.ask(asked);
  exchange.finish(...truths);
  await scene.rule.close();
  return chainOf(ruling);
}

describe("a target that is full", () => {
  it("is passed over, one after another, until none is left", async () => {
    const scene = new Scene({ limits: [limit()] });
    expect(await served(scene, { cluster: "one", tokens: 5 })).toBeUndefined();
    expect(await served(scene, { cluster: "two", tokens: 6 })).toEqual(["two", "three"]);
    expect(await served(scene, { cluster: "three", tokens: 7 })).toEqual(["three"]);
    const last = await scene.exchange().ask(asked);
    expect(last).toMatchObject({ reason: "rate_limited" });
    expect(await scene.standing()).toEqual([
      [1, 0],
      [5, 0],
      [1, 0],
      [6, 0],
      [1, 0],
      [7, 0],
    ]);
  });

  it("is not a reason to pass over what another limit refuses", async () => {
    const scene = new Scene({ limits: [{ name: "all", requests: 1, window: "1h" }, limit()] });
    await served(scene, { cluster: "one", tokens: 5 });
    expect(await scene.exchange().ask(asked)).toMatchObject({
      error: { message: expect.stringContaining('"all"') },
    });
  });

  it("is passed over for its budget as well", async () => {
    const budgets = [{ name: "b", by: ["target"], usd: "0.000000100", window: "day" }];
    const scene = new Scene({ budgets });
    expect(await served(scene, { cluster: "one", tokens: 100 })).toBeUndefined();
    expect(await served(scene, { cluster: "two", tokens: 100 })).toEqual(["two", "three"]);
  });
});

describe("what a target failed to serve", () => {
  it("is counted there as a request, and where it was served by what it took", async () => {
    const scene = new Scene({ limits: [limit({ requests: 5 })] });
    await served(scene, { cluster: "one", tokens: 0 }, { cluster: "two", tokens: 70 });
    expect(await scene.standing()).toEqual([
      [1, 0],
      [0, 0],
      [1, 0],
      [70, 0],
    ]);
  });

  it("is counted above the limit of the one that took over", async () => {
    const scene = new Scene({ limits: [limit({ tokens: 150, requests: 5 })] });
    await served(scene, { cluster: "one", tokens: 0 }, { cluster: "two", tokens: 140 });
    await served(scene, { cluster: "one", tokens: 0 }, { cluster: "two", tokens: 140 });
    expect((await scene.standing())[3]).toEqual([280, 0]);
  });

  it("is counted where only the target that took over has a limit", async () => {
    const scene = new Scene({ limits: [limit({ by: [], when: { target: "two" }, requests: 2 })] });
    await served(scene, { cluster: "one", tokens: 10 }, { cluster: "two", tokens: 70 });
    expect(await scene.standing()).toEqual([
      [1, 0],
      [70, 0],
    ]);
  });

  it("is counted in full where targets share a counter", async () => {
    const scene = new Scene({ limits: [limit({ by: [], when: { target: ["one", "two"] }, requests: 5 })] });
    await served(
      scene,
      { cluster: "one", tokens: 10 },
      { cluster: "two", tokens: 70 },
      { cluster: "three", tokens: 9 },
    );
    expect(await scene.standing()).toEqual([
      [2, 0],
      [80, 0],
    ]);
  });

  it("twice is one request, and all of its tokens", async () => {
    const scene = new Scene({ limits: [limit()] });
    await served(scene, { cluster: "one", tokens: 10 }, { cluster: "one", tokens: 70 });
    expect(await scene.standing()).toEqual([
      [1, 0],
      [80, 0],
    ]);
  });

  it("is one request in all, where targets are not told apart", async () => {
    const scene = new Scene({ limits: [limit({ by: [], requests: 5 })] });
    await served(scene, { cluster: "one", tokens: 10 }, { cluster: "two", tokens: 70 });
    expect(await scene.standing()).toEqual([
      [1, 0],
      [80, 0],
    ]);
  });

  it("is not counted at a target that was never asked", async () => {
    const scene = new Scene({ limits: [limit()] });
    const exchange = scene.exchange();
    await exchange.ask(asked);
    exchange.refused();
    expect(await scene.standing()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});
