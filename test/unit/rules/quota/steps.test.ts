/** Budgets on the way to their end: what is asked for changes, and is reserved as it is then. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/json/types.ts";
import { isRefusal, type Ruling } from "../../../../src/rules/rule.ts";
import { models, Scene } from "./scene.ts";

const nano = (nanoUsd: number) => (nanoUsd / 1e9).toFixed(9);
const purse = (steps: JsonObject[], more: JsonObject = {}) => ({
  ...{ name: "purse", usd: nano(1_000), window: "day", steps },
  ...more,
});

/** A scene in which so much is spent. */
async function spent(nanoUsd: number, written: JsonObject): Promise<Scene> {
  const scene = new Scene(written);
  const exchange = scene.exchange();
  await exchange.ask({ maxOutputTokens: 0 });
  exchange.finish({ tokens: nanoUsd });
  await scene.rule.close();
  return scene;
}

function changeOf(ruling: Ruling) {
  if (ruling === undefined) return undefined;
  if (isRefusal(ruling)) return ruling.error.message;
  return { model: ruling.plan?.model, maxOutputTokens: ruling.maxOutputTokens };
}

const warn = { at: 0.5, do: "warn" };
const cap = { at: 0.6, do: { max_tokens: 50 } };
const cheaper = { at: 0.8, do: { model: "cheap" } };
const reject = { at: 1, do: "reject" };

it("a warning changes nothing, and is told", async () => {
  const scene = await spent(500, { budgets: [purse([warn, reject])] });
  const exchange = scene.exchange();
  expect(await exchange.ask({ maxOutputTokens: 10 })).toBeUndefined();
  expect(exchange.headers).toEqual({ "x-tollgate-budget": "purse;used=0.50;do=warn" });
  expect(exchange.rulings).toEqual(["warned purse"]);
});

it("no step is taken for what an exchange itself will cost", async () => {
  const scene = await spent(499, { budgets: [purse([warn, reject])] });
  const exchange = scene.exchange();
  await exchange.ask({ maxOutputTokens: 400 });
  expect(exchange.headers).toEqual({});
});

describe("a cap on the answer's length", () => {
  it("is what is reserved", async () => {
    const scene = await spent(700, { budgets: [purse([cap, reject])] });
    const exchange = scene.exchange();
    // As asked it would be above the budget.
    expect(changeOf(await exchange.ask({ maxOutputTokens: 5_000 }))).toEqual({
      model: "cheap",
      maxOutputTokens: 50,
    });
    expect(exchange.call.remarks.reservedNanoUsd).toBe(50);
    expect(await scene.standing()).toEqual([[700, 50]]);
    expect(exchange.rulings).toEqual(["max_tokens_capped purse"]);
    exchange.finish({ tokens: 30 });
    expect(await scene.standing()).toEqual([[730, 0]]);
  });

  it("leaves a client's lower limit as it is", async () => {
    const scene = await spent(700, { budgets: [purse([cap, reject])] });
    const exchange = scene.exchange();
    await exchange.ask({ maxOutputTokens: 20 });
    expect(exchange.call.remarks.reservedNanoUsd).toBe(20);
  });

  it("holds where the client said nothing", async () => {
    const scene = await spent(700, { budgets: [purse([cap, reject])] });
    const exchange = scene.exchange();
    expect(changeOf(await exchange.ask({ maxOutputTokens: undefined }))).toMatchObject({
      maxOutputTokens: 50,
    });
    expect(exchange.call.remarks.reservedNanoUsd).toBe(50);
  });

  it("is the lowest of several budgets", async () => {
    const scene = await spent(700, {
      budgets: [purse([cap, reject]), { ...purse([{ at: 0.1, do: { max_tokens: 7 } }]), name: "other" }],
    });
    const exchange = scene.exchange();
    expect(changeOf(await exchange.ask())).toMatchObject({ maxOutputTokens: 7 });
  });
});

describe("another model", () => {
  it("is asked, and reserved at its price", async () => {
    const scene = await spent(800, { budgets: [purse([cheaper, reject])] });
    const exchange = scene.exchange();
    expect(changeOf(await exchange.ask({ model: "dear", maxOutputTokens: 100 }))).toMatchObject({
      model: "cheap",
    });
    expect(exchange.call.remarks.reservedNanoUsd).toBe(100);
    expect(await scene.standing()).toEqual([[800, 100]]);
    expect(exchange.headers["x-tollgate-budget"]).toBe("purse;used=0.80;do=model");
    expect(exchange.rulings).toEqual(["model_changed purse"]);
  });

  it("gives back what was granted for the model that was asked for", async () => {
    const scene = await spent(800, {
      limits: [{ name: "all", requests: 5, window: "1h" }],
      budgets: [purse([cheaper, { at: 3, do: "reject" }])],
    });
    const exchange = scene.exchange();
    await exchange.ask({ model: "dear", maxOutputTokens: 100 });
    expect(await scene.standing()).toEqual([
      [1, 1],
      [800, 100],
    ]);
    exchange.finish({ tokens: 90 });
    expect(await scene.standing()).toEqual([
      [2, 0],
      [890, 0],
    ]);
  });

  it("is refused too where even that is above the budget", async () => {
    const scene = await spent(950, { budgets: [purse([cheaper, reject])] });
    const exchange = scene.exchange();
    expect(changeOf(await exchange.ask({ model: "dear", maxOutputTokens: 100 }))).toBe(
      'the budget "purse" of 0.000001 USD a day is spent',
    );
    exchange.refused();
    expect(await scene.standing()).toEqual([[950, 0]]);
  });

  it("changes nothing for who asks for it anyway", async () => {
    const scene = await spent(800, { budgets: [purse([cheaper, reject])] });
    expect(changeOf(await scene.exchange().ask({ model: "cheap", maxOutputTokens: 100 }))).toBeUndefined();
  });

  it("is drawn once, however often the counters are looked at", async () => {
    const both = { models: { ...models, other: { targets: [{ cluster: "one", model: "cheap" }] } } };
    const steps = [{ at: 0.1, do: { model: "other" } }, { at: 0.1, do: { max_tokens: 40 } }, reject];
    const scene = await spent(800, { ...both, budgets: [purse(steps)] });
    const exchange = scene.exchange();
    expect(changeOf(await exchange.ask({ model: "dear", maxOutputTokens: 100 }))).toEqual({
      model: "other",
      maxOutputTokens: 40,
    });
    // As asked, refused; as changed, granted.
    expect(scene.store.takes).toHaveLength(3);
  });

  it("that this route does not serve is left alone: a key's budget may name any", async () => {
    const scene = new Scene({});
    const steps = [{ at: 0, do: { model: "elsewhere" } }, reject];
    const keyLimits = { budgets: [purse(steps)] };
    const exchange = scene.exchange({ keyId: "key_1", keyLimits });
    expect(changeOf(await exchange.ask({ model: "dear", maxOutputTokens: 10 }))).toBeUndefined();
    expect(exchange.call.remarks.reservedNanoUsd).toBe(100);
  });
});

it("a step that was taken is not taken back when others settle meanwhile", async () => {
  const scene = await spent(700, { budgets: [purse([cheaper, reject])] });
  const other = scene.exchange();
  await other.ask({ maxOutputTokens: 150 });
  const exchange = scene.exchange();
  // Between its two looks the other turns out to have cost nothing.
  const looked = scene.store.takes.length;
  const take = scene.store.take.bind(scene.store);
  scene.store.take = async (asked) => {
    const taken = await take(asked);
    if (scene.store.takes.length === looked + 1) {
      other.finish({ tokens: 0 });
      await scene.rule.close();
    }
    return taken;
  };
  expect(changeOf(await exchange.ask({ model: "dear", maxOutputTokens: 20 }))).toMatchObject({
    model: "cheap",
  });
  expect(exchange.call.remarks.reservedNanoUsd).toBe(20);
});

describe("a budget that only observes", () => {
  it("changes nothing and refuses nothing, but says what it would have refused", async () => {
    const scene = await spent(990, { budgets: [purse([cap, cheaper, reject], { mode: "observe" })] });
    const exchange = scene.exchange();
    expect(await exchange.ask({ model: "dear", maxOutputTokens: 100 })).toBeUndefined();
    expect(exchange.headers).toEqual({});
    expect(exchange.rulings).toEqual(["would_refuse purse"]);
    exchange.finish({ tokens: 500 });
    expect(await scene.standing()).toEqual([[1_490, 0]]);
  });
});

it("a budget without an end refuses nothing, and says nothing of it", async () => {
  const scene = await spent(5_000, { budgets: [purse([warn])] });
  const exchange = scene.exchange();
  expect(await exchange.ask()).toBeUndefined();
  expect(exchange.rulings).toEqual(["warned purse"]);
});

it("a new day begins at nothing, and who was asked the day before is counted there", async () => {
  const scene = await spent(1_000, { budgets: [purse([reject])] });
  const exchange = scene.exchange();
  expect(changeOf(await exchange.ask())).toContain("is spent");
  scene.pass(12 * 3_600_000);
  expect(await exchange.ask()).toBeUndefined();
});

describe("a model without a price", () => {
  const asked = { model: "unlisted", maxOutputTokens: 100 };

  it("is reserved at nothing where the budget allows it", async () => {
    const scene = new Scene({ budgets: [purse([reject])] });
    const exchange = scene.exchange();
    expect(await exchange.ask(asked)).toBeUndefined();
    expect(exchange.call.remarks.reservedNanoUsd).toBe(0);
  });

  it("is refused where the budget says so, before anything is taken", async () => {
    const scene = new Scene({
      limits: [{ name: "all", requests: 5, window: "1m" }],
      budgets: [purse([reject], { unpriced: "refuse" })],
    });
    const exchange = scene.exchange();
    expect(changeOf(await exchange.ask(asked))).toContain("whose price is not known");
    expect(exchange.rulings).toEqual(["refused purse"]);
    expect(scene.store.takes).toEqual([]);
  });

  it("is not refused by who only observes", async () => {
    const scene = new Scene({ budgets: [purse([reject], { unpriced: "refuse", mode: "observe" })] });
    expect(await scene.exchange().ask(asked)).toBeUndefined();
  });
});
