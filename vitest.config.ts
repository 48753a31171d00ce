import { defineConfig } from "vitest/config";

// Four kinds of tests, told apart by folder: what is quick and pure, golden tables, contracts that every
// implementation of an interface passes, and the ones that run the real Envoy.
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      { test: { name: "golden", include: ["test/golden/**/*.test.ts"] } },
      { test: { name: "contract", include: ["test/contract/**/*.test.ts"] } },
      {
        test: {
          name: "envoy",
          include: ["test/envoy/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
