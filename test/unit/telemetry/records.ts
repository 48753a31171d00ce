/** An exchange to start from; tests change what they are about. */
import { noUsage } from "../../../src/conversation/usage.ts";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";

const usage = { ...noUsage, input: 100, output: 20, cacheRead: 60, reasoning: 5 };

export function exchangeRecord(changes: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    id: "7f3c9a52-0000-4000-8000-000000000001",
    route: "chat",
    caller: {
      tenant: "acme",
      app: "helpdesk",
      user: "ada@acme.test",
      department: "support",
      plan: "free",
      ip: "192.0.2.7",
      keyId: "key_0123456789abcdef",
      keyLimits: undefined,
      tags: { team: "blue" },
    },
    outcome: "finished",
    status: 200,
    reason: "via_upstream",
    operation: "generate",
    clientDialect: "openai-chat",
    targetDialect: "anthropic",
    provider: "anthropic",
    cluster: "claude",
    modelAsked: "gpt-4o",
    modelServed: "claude-sonnet-4-5",
    stream: true,
    attempts: 1,
    attemptsTried: [
      {
        ...{ number: 1, cluster: "claude", provider: "anthropic", model: "claude-sonnet-4-5" },
        ...{ result: 200, durationMs: 1_400 },
        ...{ usage, costNanoUsd: 600_000, chargedNanoUsd: 660_000, costSource: "catalogue" },
      },
    ],
    usage,
    costNanoUsd: 600_000,
    chargedNanoUsd: 660_000,
    discountPpm: 0,
    marginPpm: 100_000,
    costSource: "catalogue",
    rulings: [],
    reservedNanoUsd: undefined,
    losses: [],
    durationMs: 1_500.04,
    timeToFirstTokenMs: 300,
    ...changes,
  };
}
