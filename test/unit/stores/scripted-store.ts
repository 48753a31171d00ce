/** A store that does as it is told. */
import {
  type CounterStore,
  type Level,
  type Reservation,
  type StoreTrouble,
  StoreUnavailableError,
  type Take,
  type Taken,
} from "../../../src/stores/counter-store.ts";

export class ScriptedStore implements CounterStore {
  /** What fails next, in order; undefined: nothing does. */
  troubles: (StoreTrouble | undefined)[] = [];
  /** Until it is undefined again, everything fails so. */
  down: StoreTrouble | undefined;
  calls = 0;
  readonly settled: (readonly number[])[] = [];
  readonly renewed: string[] = [];
  level: Level = { used: 0, reserved: 0, resetMs: 0 };

  async take({ lease, tenant, claims }: Take): Promise<Taken> {
    this.#fail();
    const reservation = { lease, tenant, claims, takenMs: 0 };
    return { outcome: "granted", reservation, levels: claims.map(() => this.level), wouldDeny: [] };
  }

  async settle(_: Reservation, actual: readonly number[]): Promise<void> {
    this.#fail();
    this.settled.push(actual);
  }

  async renew({ lease }: Reservation): Promise<void> {
    this.#fail();
    this.renewed.push(lease);
  }

  async levels(): Promise<Level[]> {
    this.#fail();
    return [this.level];
  }

  #fail(): void {
    this.calls++;
    const trouble = this.troubles.shift() ?? this.down;
    if (trouble !== undefined) throw new StoreUnavailableError(trouble, new Error(`scripted: ${trouble}`));
  }
}
