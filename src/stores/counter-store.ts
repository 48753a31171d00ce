/**
 * The counters behind limits and budgets. A store does what a rule needs in one step: it reserves on every counter of an
 * exchange or on none, and later puts the truth in the reservation's place.
 */

/** What a counter counts over. */
export type Window =
  /** Whatever was taken in the last `ms` milliseconds, at any moment. */
  | { readonly kind: "sliding"; readonly ms: number }
  /** From one moment on the calendar to another; `endsMs` by this process's clock, which also chose the period. */
  | { readonly kind: "calendar"; readonly period: string; readonly endsMs: number }
  /** Whatever is held now: nothing stays when it is settled. */
  | { readonly kind: "concurrent" };

/** One counter of a tenant. */
export interface CounterName {
  /** A digest of the rule and of the caller's fields that it counts by. The window is part of the name by itself. */
  readonly key: string;
  readonly window: Window;
}

/** What one exchange wants of one counter. Amounts are whole, up to 2^53 − 1: requests, tokens, nano-dollars. */
export interface Claim extends CounterName {
  readonly limit: number;
  /** The most that the exchange may come to. */
  readonly amount: number;
  /** False: counted and reported, but never the reason for a no. */
  readonly enforce: boolean;
  /** When the store cannot be asked. */
  readonly onStoreFailure: "allow" | "refuse";
}

export interface Take {
  /** Unique to the exchange. Taking twice under one lease reserves once. */
  readonly lease: string;
  readonly tenant: string;
  /** At most `maxClaims`, no counter twice. */
  readonly claims: readonly Claim[];
  /** The reservation is void after this time, and at most an eighth of it later, unless it is renewed. */
  readonly leaseMs: number;
}

/** What was taken; handed back to `settle` and `renew`. */
export interface Reservation {
  readonly lease: string;
  readonly tenant: string;
  readonly claims: readonly Claim[];
  /** When, by this process's monotonic clock. */
  readonly takenMs: number;
}

/** How a counter stands. */
export interface Level {
  /** Settled. */
  readonly used: number;
  /** Held by exchanges under way. */
  readonly reserved: number;
  /** When it is empty at the latest, if nothing more is taken. */
  readonly resetMs: number;
}

export type Taken = Granted | Denied | Unavailable;

export interface Granted {
  readonly outcome: "granted";
  readonly reservation: Reservation;
  /** Per claim, this one included. */
  readonly levels: readonly Level[];
  /** Indices of the claims that would have refused, had they been enforced. */
  readonly wouldDeny: readonly number[];
}

export interface Denied {
  readonly outcome: "denied";
  /** Index of the first claim that refuses. */
  readonly denied: number;
  /**
   * After this time the same take is granted if nothing else happens: reservations that nobody settles expire. Undefined:
   * never, because the amount is above the limit.
   */
  readonly retryAfterMs: number | undefined;
  readonly levels: readonly Level[];
  readonly wouldDeny: readonly number[];
}

/** No counter could be asked, and a claim says to refuse then: 503, not 429. */
export interface Unavailable {
  readonly outcome: "unavailable";
  /** Index of the first such claim. */
  readonly claim: number;
}

export interface CounterStore {
  /** Reserves every claim's amount, or nothing. */
  take(take: Take): Promise<Taken>;
  /**
   * The truth, per claim, replaces the reservation; where that has expired or is lost, the truth is added. Counts once
   * however often it is called. Give zeros to return everything.
   */
  settle(reservation: Reservation, actual: readonly number[]): Promise<void>;
  /** Holds the reservation for `leaseMs` from now; makes it anew, without asking the limits, where it is lost. */
  renew(reservation: Reservation, leaseMs: number): Promise<void>;
  /** In the order of the counters. */
  levels(tenant: string, counters: readonly CounterName[]): Promise<Level[]>;
}

/** The store cannot be reached, or did not do what it was asked to. */
export class StoreUnavailableError extends Error {
  readonly trouble: StoreTrouble;

  constructor(trouble: StoreTrouble, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "StoreUnavailableError";
    this.trouble = trouble;
  }
}

/**
 * `gone`: nothing was done, by a store that cannot be reached or serves nobody; `unanswered`: sent, and nobody knows
 * whether it was done; `call`: nothing was done, and only because of this call.
 */
export type StoreTrouble = "gone" | "unanswered" | "call";

const maxClaims = 32;
export const maxLeaseMs = 3_600_000;
const maxWindowMs = 366 * 86_400_000;

/** @throws RangeError for what no policy should have let through */
export function checkTake({ claims, leaseMs }: Take): void {
  if (claims.length > maxClaims) throw new RangeError(`${claims.length} claims: at most ${maxClaims}`);
  checkLease(leaseMs);
  for (let index = 0; index < claims.length; index++) {
    const claim = claims[index];
    if (claim === undefined) continue;
    checkAmount(claim.amount);
    checkAmount(claim.limit);
    const { window } = claim;
    if (window.kind === "sliding" && !(window.ms >= 1 && window.ms <= maxWindowMs)) {
      throw new RangeError(`a window of ${window.ms} ms`);
    }
    for (let other = 0; other < index; other++) {
      const earlier = claims[other];
      if (earlier?.key === claim.key && windowName(earlier.window) === windowName(window)) {
        throw new RangeError("two claims on one counter");
      }
    }
  }
}

/** @throws RangeError when it is longer than a counter can tell from a wrong clock */
export function checkLease(leaseMs: number): void {
  if (!(leaseMs >= 1 && leaseMs <= maxLeaseMs)) throw new RangeError(`a lease of ${leaseMs} ms`);
}

/** @throws RangeError when it is not a whole number that a double holds exactly */
export function checkAmount(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`an amount of ${amount}`);
}

/** The window's part of a counter's name: other windows, other counters. */
export function windowName(window: Window): string {
  switch (window.kind) {
    case "sliding":
      return String(window.ms);
    case "calendar":
      return window.period;
    case "concurrent":
      return "now";
  }
}
