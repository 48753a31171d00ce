/** Whatever happens in whatever order: no enforced limit is exceeded by what is held, and nothing is held in the end. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { leaseMs } from "../../../../src/rules/quota/held.ts";
import { isRefusal } from "../../../../src/rules/rule.ts";
import { Scene, type SceneExchange } from "./scene.ts";

const written = {
  limits: [
    { name: "user", by: ["user"], requests: 3, tokens: 400, concurrent: 2, window: "10s" },
    { name: "all", requests: 6, window: "20s" },
    { name: "target", by: ["target"], tokens: 500, window: "10s" },
    { name: "watched", tokens: 50, window: "10s", mode: "observe" },
  ],
  budgets: [
    {
      ...{ name: "purse", by: ["user"], usd: "0.000001500", window: "day" },
      steps: [
        { at: 0.05, do: "warn" },
        { at: 0.1, do: { max_tokens: 40 } },
        { at: 0.2, do: { model: "cheap" } },
        { at: 1, do: "reject" },
      ],
    },
  ],
};

/** Which of the open exchanges, from 0 to 1. */
const which = fc.double({ min: 0, max: 0.999, noNaN: true });
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("come" as const),
      user: fc.constantFrom("ada", "bob", undefined),
      model: fc.constantFrom("cheap", "dear", "chain"),
      maxOutputTokens: fc.integer({ min: 0, max: 200 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("finish" as const),
      which,
      /** Of what was reserved: a truth is not above it here. */
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("hang up" as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 8_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("slow" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("let go" as const) }) },
);

interface Open {
  readonly exchange: SceneExchange;
  /** Undefined until the rule has said yes. */
  granted: { readonly cluster: string; readonly tokens: number; readonly price: number } | undefined;
  isOver: boolean;
}

class History {
  readonly scene = new Scene(written);
  readonly #open: Open[] = [];
  readonly #asking: Promise<void>[] = [];
  /** Requests and money that were really used. */
  requests = 0;
  nanoUsd = 0;
  #release = (): void => undefined;
  #leftMs = leaseMs - 1_000;

  come(user: string | undefined, model: string, maxOutputTokens: number): void {
    const exchange = this.scene.exchange({ user });
    const open: Open = { exchange, granted: undefined, isOver: false };
    this.#open.push(open);
    this.#asking.push(this.#ask(open, model, maxOutputTokens));
  }

  async #ask(open: Open, model: string, maxOutputTokens: number): Promise<void> {
    const { exchange } = open;
    let ruling = await exchange.arrive();
    if (ruling === undefined && !open.isOver) {
      const asked = await exchange.ask({ model, maxOutputTokens });
      if (asked !== undefined && isRefusal(asked)) ruling = asked;
      else {
        const plan = asked?.plan ?? { model, chain: exchange.call.policy.model(model)?.targets ?? [] };
        const tokens = Math.min(asked?.maxOutputTokens ?? maxOutputTokens, maxOutputTokens);
        const price = plan.model === "dear" ? 10 : 1;
        open.granted = { cluster: plan.chain[0]?.cluster ?? "", tokens, price };
      }
    }
    if (ruling !== undefined) this.#end(open, () => exchange.refused());
  }

  #end(open: Open, end: () => void): void {
    if (open.isOver) return;
    open.isOver = true;
    end();
  }

  finish(which: number, share: number): void {
    const ready = this.#open.filter(({ granted, isOver }) => granted !== undefined && !isOver);
    const open = ready[Math.floor(which * ready.length)];
    const granted = open?.granted;
    if (open === undefined || granted === undefined) return;
    const tokens = Math.floor(granted.tokens * share);
    const nanoUsd = tokens * granted.price;
    this.requests++;
    this.nanoUsd += nanoUsd;
    this.#end(open, () => open.exchange.finish({ cluster: granted.cluster, tokens, nanoUsd }));
  }

  hangUp(which: number): void {
    const ready = this.#open.filter(({ isOver }) => !isOver);
    const open = ready[Math.floor(which * ready.length)];
    if (open !== undefined) this.#end(open, () => open.exchange.hangUp());
  }

  /** Less than a lease in all: nobody renews them here. */
  wait(ms: number): void {
    const passed = Math.min(ms, this.#leftMs);
    this.#leftMs -= passed;
    this.scene.pass(passed);
  }

  slow(): void {
    this.#release();
    this.#release = this.scene.store.hold();
  }

  letGo(): void {
    this.#release();
  }

  async check(): Promise<void> {
    for (const { used, reserved, limit, enforce } of await this.scene.store.all()) {
      if (enforce) expect(used + reserved).toBeLessThanOrEqual(limit);
      expect(used).toBeGreaterThanOrEqual(0);
    }
  }

  async end(): Promise<void> {
    this.letGo();
    await Promise.all(this.#asking);
    for (const open of this.#open) this.#end(open, () => open.exchange.hangUp());
    await this.scene.rule.close();
  }
}

/** Enough turns of the event loop for whatever does not wait for the store. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

it("holds in any order of what many exchanges do", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 60 }), async (events) => {
      const history = new History();
      for (const each of events) {
        if (each.kind === "come") history.come(each.user, each.model, each.maxOutputTokens);
        if (each.kind === "finish") history.finish(each.which, each.share);
        if (each.kind === "hang up") history.hangUp(each.which);
        if (each.kind === "wait") history.wait(each.ms);
        if (each.kind === "slow") history.slow();
        if (each.kind === "let go") history.letGo();
        await settled();
        await history.check();
      }
      await history.end();
      await history.check();
      const all = await history.scene.store.all();
      expect(all.map(({ reserved }) => reserved)).toEqual(all.map(() => 0));
      expect(history.scene.failures).toEqual([]);
      // Windows have gone on meanwhile; the day has not.
      const budgets = all.filter(({ limit }) => limit === 1_500);
      expect(budgets.reduce((sum, { used }) => sum + used, 0)).toBe(history.nanoUsd);
    }),
    { numRuns: 150 },
  );
});

it("and all requests are counted that were served, where no time passes", { timeout: 60_000 }, async () => {
  const still = fc.array(
    event.filter(({ kind }) => kind !== "wait"),
    { minLength: 5, maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(still, async (events) => {
      const history = new History();
      for (const each of events) {
        if (each.kind === "come") history.come(each.user, each.model, each.maxOutputTokens);
        if (each.kind === "finish") history.finish(each.which, each.share);
        if (each.kind === "hang up") history.hangUp(each.which);
        await settled();
      }
      await history.end();
      const shared = (await history.scene.store.all()).find(({ limit }) => limit === 6);
      expect(shared?.used ?? 0).toBe(history.requests);
    }),
    { numRuns: 100 },
  );
});
