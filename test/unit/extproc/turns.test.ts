import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Turns } from "../../../src/extproc/turns.ts";

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** Messages of so many milliseconds until the turn has no more room. */
function fill(turns: Turns, ms: number): number {
  let messages = 0;
  while (turns.free && messages < 1000) {
    work(ms);
    turns.done();
    messages++;
  }
  return messages;
}

describe("turns", () => {
  it("have room for some milliseconds of messages, short or long", () => {
    expect(fill(new Turns(), 1)).toBeLessThanOrEqual(11);
    expect(fill(new Turns(), 30)).toBe(1);
  });

  it("have room again after a pause", async () => {
    const turns = new Turns();
    fill(turns, 2);
    work(3);
    expect(turns.free).toBe(true);
  });

  it("resume in order, some in each turn, while others get theirs", async () => {
    const turns = new Turns();
    const order: number[] = [];
    for (let i = 0; i < 6; i++) {
      turns.wait(() => {
        work(6);
        order.push(i);
      });
    }
    expect(turns.free).toBe(false);
    const seen: number[] = [];
    while (order.length < 6) {
      await nextTurn();
      seen.push(order.length);
    }
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seen.length).toBeGreaterThanOrEqual(3);
  });

  it("let what asks again wait behind the others", async () => {
    const turns = new Turns();
    const order: string[] = [];
    turns.wait(() => {
      order.push("first");
      turns.wait(() => order.push("first again"));
    });
    turns.wait(() => order.push("second"));
    while (order.length < 3) await nextTurn();
    expect(order).toEqual(["first", "second", "first again"]);
  });
});
