/** One counter in memory: what its slices hold, and until when. */
import type { Level } from "../counter-store.ts";
import { isCalendar, leavesMs, type Shape } from "../slices.ts";

/** Settled amounts and held ones of one slice of time. */
interface Slice {
  readonly index: number;
  readonly leavesMs: number;
  /** Held amounts included. */
  total: number;
  /** Few: leases end on a grid. */
  holds: Hold[];
}

/** What all leases with the same end hold. */
interface Hold {
  readonly endMs: number;
  amount: number;
}

/** A calendar counter stays for the truth of exchanges that outlast the period. */
const dayMs = 86_400_000;

export class Counter {
  /** Oldest first. */
  #slices: Slice[] = [];
  #total = 0;
  #reserved = 0;
  /** When something leaves by time alone; never later than that. */
  #earliestMs = Number.POSITIVE_INFINITY;
  /** When the last of it has left. */
  #latestMs = 0;
  #keptUntilMs = 0;

  /** Nothing is lost when it is forgotten from then on. */
  get keptUntilMs(): number {
    return this.#keptUntilMs;
  }

  fits(amount: number, limit: number): boolean {
    return this.#total + amount <= limit;
  }

  /** Lets go of what has left by now. To be called before anything else in the same turn, during which it is kept. */
  advance(nowMs: number): void {
    this.#keptUntilMs = Math.max(this.#keptUntilMs, nowMs + 1);
    if (nowMs < this.#earliestMs) return;
    this.#earliestMs = Number.POSITIVE_INFINITY;
    this.#latestMs = 0;
    this.#slices = this.#slices.filter((slice) => {
      if (slice.leavesMs <= nowMs) {
        this.#total -= slice.total;
        this.#reserved -= slice.holds.reduce((sum, hold) => sum + hold.amount, 0);
        return false;
      }
      slice.holds = slice.holds.filter((hold) => {
        if (hold.endMs > nowMs) this.#leave(slice, hold.endMs);
        else this.#change(slice, -hold.amount, -hold.amount);
        return hold.endMs > nowMs;
      });
      this.#leave(slice, slice.leavesMs);
      return true;
    });
  }

  /**
   * Reserves an amount, as far as a double counts exactly.
   *
   * @returns what was reserved
   */
  hold(shape: Shape, index: number, endMs: number, wanted: number, nowMs: number): number {
    const amount = this.#countable(wanted);
    if (amount === 0) return 0;
    const slice = this.#slice(shape, index);
    const hold = slice.holds.find((each) => each.endMs === endMs);
    if (hold === undefined) slice.holds.push({ endMs, amount });
    else hold.amount += amount;
    this.#change(slice, amount, amount);
    this.#leave(slice, slice.leavesMs);
    this.#leave(slice, endMs);
    this.#keep(shape, nowMs);
    return amount;
  }

  /** Ends a hold, whose amount stays in the slice or is given back. False when it has ended already. */
  release(index: number, endMs: number, amount: number, giveBack: boolean): boolean {
    const slice = this.#slices.find((each) => each.index === index);
    const hold = slice?.holds.find((each) => each.endMs === endMs);
    if (slice === undefined || hold === undefined || hold.amount < amount) return false;
    hold.amount -= amount;
    if (hold.amount === 0) slice.holds.splice(slice.holds.indexOf(hold), 1);
    this.#change(slice, giveBack ? -amount : 0, -amount);
    return true;
  }

  /** Counts what is settled, in the slice in which it was taken. */
  add(shape: Shape, index: number, wanted: number, nowMs: number): void {
    const amount = this.#countable(wanted);
    if (amount === 0 || leavesMs(shape, index) <= nowMs) return;
    const slice = this.#slice(shape, index);
    this.#change(slice, amount, 0);
    this.#leave(slice, slice.leavesMs);
    this.#keep(shape, nowMs);
  }

  /** How long until the amount fits if nothing but time happens; undefined: it never does. */
  waitMs(shape: Shape, amount: number, limit: number, nowMs: number): number | undefined {
    if (amount > limit) return undefined;
    const departures = this.#slices.flatMap((slice) => {
      const early = slice.holds.filter((hold) => hold.endMs < slice.leavesMs);
      const late = early.reduce((rest, hold) => rest - hold.amount, slice.total);
      return [...early, { endMs: slice.leavesMs, amount: late }];
    });
    departures.sort((a, b) => a.endMs - b.endMs);
    const longest = isCalendar(shape) ? shape.spanMs : Number.POSITIVE_INFINITY;
    let excess = this.#total + amount - limit;
    for (const departure of departures) {
      excess -= departure.amount;
      if (excess <= 0) return Math.min(longest, departure.endMs - nowMs);
    }
    return 0;
  }

  level(shape: Shape, nowMs: number): Level {
    const lasting = this.#total === 0 ? 0 : Math.max(0, this.#latestMs - nowMs);
    return {
      used: this.#total - this.#reserved,
      reserved: this.#reserved,
      resetMs: isCalendar(shape) ? shape.spanMs : lasting,
    };
  }

  #countable(amount: number): number {
    return Math.min(amount, Number.MAX_SAFE_INTEGER - this.#total);
  }

  #change(slice: Slice, total: number, reserved: number): void {
    slice.total += total;
    this.#total += total;
    this.#reserved += reserved;
  }

  #slice(shape: Shape, index: number): Slice {
    let at = this.#slices.length;
    for (; at > 0; at--) {
      const slice = this.#slices[at - 1];
      if (slice === undefined || slice.index < index) break;
      if (slice.index === index) return slice;
    }
    const slice: Slice = { index, leavesMs: leavesMs(shape, index), total: 0, holds: [] };
    this.#slices.splice(at, 0, slice);
    return slice;
  }

  /** Something of the slice will leave then. */
  #leave(slice: Slice, atMs: number): void {
    this.#earliestMs = Math.min(this.#earliestMs, atMs);
    // A slice that slides leaves as a whole; of one that does not, holds alone do.
    const lastMs = Number.isFinite(slice.leavesMs) ? slice.leavesMs : atMs;
    if (Number.isFinite(lastMs)) this.#latestMs = Math.max(this.#latestMs, lastMs);
  }

  #keep(shape: Shape, nowMs: number): void {
    const untilMs = isCalendar(shape) ? nowMs + shape.spanMs + dayMs : this.#latestMs;
    this.#keptUntilMs = Math.max(this.#keptUntilMs, untilMs);
  }
}
