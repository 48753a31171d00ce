import { defineConfig } from "vitest/config";

/** A busy machine takes its time; what takes long on a quiet one is a fault that is found by itself. */
const testTimeout = 30_000;

// Kinds of tests, told apart by folder: what is quick and pure, golden tables, contracts that every implementation of an
// interface passes, those of them that need servers, and the ones that run the real Envoy.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout } },
      { test: { name: "golden", include: ["test/golden/**/*.test.ts"], testTimeout } },
      {
        test: {
          name: "contract",
          testTimeout,
          include: ["test/contract/**/*.test.ts"],
          exclude: ["test/contract/stores/**", "test/contract/keys/**"],
        },
      },
      // Real servers, and leases that run out in real time: nothing else meanwhile.
      {
        test: {
          name: "stores",
          include: ["test/contract/stores/**/*.test.ts", "test/contract/keys/**/*.test.ts"],
          ...alone(1),
        },
      },
      // One Envoy at a time: the machine may have two cores.
      {
        test: {
          name: "envoy",
          include: ["test/envoy/**/*.test.ts"],
          exclude: ["test/envoy/hardening/**"],
          ...alone(2),
        },
      },
      // Held to 50 ms of CPU time in one turn: work of ours holds it every time, a garbage collection now and then.
      {
        test: {
          name: "hardening",
          include: ["test/envoy/hardening/**/*.test.ts"],
          retry: 2,
          ...alone(3),
        },
      },
    ],
  },
});

function alone(groupOrder: number) {
  return { testTimeout, hookTimeout: 180_000, maxWorkers: 1, sequence: { groupOrder } };
}
