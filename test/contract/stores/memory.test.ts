/** The counters of one process, held to the contract. */
import { MemoryCounters } from "../../../src/stores/memory/memory-counters.ts";
import { describeStore } from "./contract.ts";

describeStore("memory", async () => {
  let nowMs = 1_764_000_000_123;
  const clock = () => nowMs;
  return {
    store: new MemoryCounters({ monotonicMs: clock, wallMs: clock }),
    nowMs: clock,
    async advance(ms) {
      nowMs += ms;
    },
  };
});
