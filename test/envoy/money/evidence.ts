/** All that is known when the traffic is over, and what a kill may have taken of it. */

import type { Row } from "../../../src/database/database.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import type { Bill } from "./bill.ts";
import type { CounterStanding, KeptExchange, Lease } from "./books.ts";
import type { Seen } from "./clients.ts";
import type { Kill } from "./fleet.ts";

export interface Evidence {
  readonly policy: Policy;
  /** By the number of the call. */
  readonly seen: ReadonlyMap<number, Seen>;
  readonly bill: Bill;
  readonly exchanges: readonly KeptExchange[];
  readonly hourly: readonly Row[];
  /** What Envoy's access log has from Tollgate, by the id of the exchange. */
  readonly access: ReadonlyMap<string, JsonObject>;
  /** All of Envoy's access log, by the number of the call. */
  readonly envoyLog: ReadonlyMap<number, JsonObject>;
  readonly kills: readonly Kill[];
  readonly leases: readonly Lease[];
  readonly standings: readonly CounterStanding[];
  /** When leases and counters were read. Unix milliseconds. */
  readonly readMs: number;
}

/** The ledger promises all but the last 100 ms and what one write takes, which on a busy machine may be long. */
const unwrittenMs = 1_000;
/** A client that hangs up has gone before the gateway hears of it. */
const unheardMs = 2_000;

/** A process was killed while the exchange was open, or had just ended. */
export function mayBeLost({ kills }: Pick<Evidence, "kills">, seen: Seen): boolean {
  const endMs = seen.endMs + unwrittenMs + (seen.isComplete ? 0 : unheardMs);
  return kills.some(
    ({ gateway, killedMs }) => gateway === seen.gateway && seen.startMs <= killedMs && endMs >= killedMs,
  );
}

/** Nobody was there to take the call. */
export function cameInVain({ kills }: Pick<Evidence, "kills">, seen: Seen): boolean {
  return kills.some(
    ({ gateway, killedMs, backMs }) =>
      gateway === seen.gateway && seen.startMs <= backMs + unheardMs && seen.endMs >= killedMs - unheardMs,
  );
}

/** It ended, and its process was killed before the counters had heard of it. */
export function mayBeUncounted({ kills }: Pick<Evidence, "kills">, { gateway, row }: KeptExchange): boolean {
  const settledMs = Number(row["settled_at_ms"]);
  return kills.some(
    (kill) =>
      kill.gateway === gateway && settledMs >= kill.calmMs - unwrittenMs && settledMs <= kill.killedMs,
  );
}

const mostCharacters = 4_000;
const shownOfEach = 2;

/** What is wrong, in words; the first of each kind say enough. */
export class Findings {
  readonly #byText = new Map<string, unknown[]>();

  wrong(text: string, facts: unknown = ""): void {
    const known = this.#byText.get(text);
    if (known === undefined) this.#byText.set(text, [facts]);
    else known.push(facts);
  }

  /** @param facts that someone who looks for the reason wants to see */
  check(holds: boolean, text: string, facts: () => unknown = () => ""): void {
    if (!holds) this.wrong(text, facts());
  }

  get shown(): string[] {
    const digits = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
    return [...this.#byText].flatMap(([text, all]) =>
      all
        .slice(0, shownOfEach)
        .map((facts) => `${text} (${all.length}): ${JSON.stringify(facts, digits)}`.slice(0, mostCharacters)),
    );
  }
}
