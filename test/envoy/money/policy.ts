/** What the routes ask for: who serves, what it costs, and what callers may use. And the same prices in whole numbers. */

import type { JsonObject } from "../../../src/json/types.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { calendarWindow } from "../../../src/rules/quota/calendar.ts";

export const targets = ["openai", "claude", "groq"] as const;
export type TargetName = (typeof targets)[number];

/** In dollars a million tokens; shares that make every product end in many digits. */
const rates = {
  openai: { input: 2.5, output: 10.25, discount: 0.15, margin: 0.0333 },
  claude: { input: 3, output: 15.5, margin: 0.1 },
  groq: { input: 0.59, output: 0.79 },
} as const;

const modelAt = {
  openai: "gpt-4o",
  claude: "claude-sonnet-4-5",
  groq: "llama-3.3-70b-versatile",
} as const satisfies Record<TargetName, string>;

/** Providers that do not answer in this time are given up. */
export const perTryMs = 800;

/** What clients may ask for, and who is asked in which order. */
export const chains = {
  fast: ["openai", "claude", "groq"],
  deep: ["claude", "openai"],
  open: ["groq", "openai"],
  solo: ["openai"],
} as const satisfies Record<string, readonly TargetName[]>;
export type ModelName = keyof typeof chains;

/** The tenant whose budgets are small. */
export const frugal = "frugal";

/** A month that goes on for long enough. */
function timeZone(): string {
  const zones = ["UTC", "Asia/Tokyo", "America/Los_Angeles"];
  const goesOn = (zone: string) =>
    calendarWindow("month", zone, Date.now()).endsMs - Date.now() > 4 * 3_600_000;
  return zones.find(goesOn) ?? "UTC";
}

/** @param smallNanoUsd what each department of the frugal tenant may spend */
export function policyMetadata(smallNanoUsd: number): JsonObject {
  const own = (target: TargetName) => ({ cluster: target, model: modelAt[target] });
  const month = { window: "month", time_zone: timeZone() };
  const models = Object.entries(chains).map(([name, chain]) => [
    name,
    { targets: chain.map(own), attempts: 3, per_try_timeout: `${perTryMs}ms` },
  ]);
  return {
    identity: {
      tenant: [{ header: "x-tenant" }],
      department: [{ header: "x-department" }],
      user: [{ header: "x-user-id" }],
    },
    targets: {
      openai: { provider: "openai" },
      claude: { provider: "anthropic" },
      groq: { provider: "groq" },
    },
    models: Object.fromEntries(models),
    prices: { "gpt-*": rates.openai, "claude-*": rates.claude, "llama-*": rates.groq },
    limits: [
      { name: "tokens", by: ["department"], tokens: 100_000_000_000, window: "7d" },
      { name: "requests", requests: 1_000_000_000, window: "7d" },
      { name: "of-target", by: ["target"], tokens: 100_000_000_000, window: "7d" },
      { name: "at-once", by: ["department"], concurrent: 10_000 },
    ],
    budgets: [
      // Never exhausted, and goes on without its store; the other is exhausted, and must not.
      { name: "month", by: ["department"], usd: "1000000", ...month },
      {
        name: "small",
        by: ["department"],
        when: { tenant: frugal },
        usd: dollarsOf(smallNanoUsd),
        ...month,
        on_store_failure: "refuse",
      },
    ],
  };
}

export function compiledPolicy(metadata: JsonObject): Policy {
  return parsePolicy(undefined, JSON.stringify(metadata));
}

function dollarsOf(nanoUsd: number): string {
  return `${Math.floor(nanoUsd / 1e9)}.${String(nanoUsd % 1e9).padStart(9, "0")}`;
}

export interface Money {
  /** What the provider is owed. Nano-dollars. */
  readonly owed: bigint;
  /** What the caller is charged. Nano-dollars. */
  readonly charged: bigint;
}

/** What so many tokens come to, rounded half up once from the exact product. */
export function money(target: TargetName, input: number | bigint, output: number | bigint): Money {
  const { discount = 0, margin = 0, ...perMillion }: Readonly<Record<string, number>> = rates[target];
  const parts = (share: number) => BigInt(Math.round(share * 1_000_000));
  /** Nano-dollars a thousand tokens would be fractions: a token costs so many millionths of a thousand nano-dollars. */
  const rate = (kind: "input" | "output") => BigInt(Math.round((perMillion[kind] ?? 0) * 1_000));
  const owed =
    (BigInt(input) * rate("input") + BigInt(output) * rate("output")) * (1_000_000n - parts(discount));
  return {
    owed: halfUp(owed, 1_000_000n),
    charged: halfUp(owed * (1_000_000n + parts(margin)), 1_000_000_000_000n),
  };
}

function halfUp(value: bigint, by: bigint): bigint {
  return (2n * value + by) / (2n * by);
}
