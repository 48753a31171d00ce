import { describe, expect, it } from "vitest";
import { anomalyBrake } from "../../../src/anomalies/rule.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import type { CallContext } from "../../../src/rules/rule.ts";
import { exchangeRecord } from "../telemetry/records.ts";

const nowMs = 1_000_000;

/** The rule under that policy, and what it told. */
function opened(anomalies: object | undefined, brakedUntilMs?: number) {
  const told: string[] = [];
  const rule = anomalyBrake(
    {
      brakedUntil: () => brakedUntilMs,
      entered: (route) => told.push(`entered ${route}`),
      settled: ({ id }) => told.push(`settled ${id}`),
      refused: () => told.push("refused"),
    },
    () => nowMs,
  );
  const targets = { openai: { provider: "openai" } };
  const policy = parsePolicy(JSON.stringify({ targets, anomalies }), undefined);
  const { caller } = exchangeRecord();
  const hooks = rule.open({ route: "chat", policy, caller } as CallContext);
  return { hooks, told };
}

describe("the rule of anomalies", () => {
  const enforcing = { mode: "enforce", brake: { for: "5m" } };

  it("stays out where the policy asks for nothing, and says whose policy that is", () => {
    const { hooks, told } = opened(undefined, nowMs + 1);
    expect(hooks).toBeNull();
    expect(told).toEqual(["entered chat"]);
  });

  it("lets pass who is not braked, and hears how it ended", () => {
    const { hooks, told } = opened(enforcing);
    expect(hooks?.arrive?.()).toBeUndefined();
    hooks?.settle?.(exchangeRecord({ id: "a" }));
    expect(told).toEqual(["entered chat", "settled a"]);
  });

  it("refuses who is braked, for the time that is left", () => {
    const { hooks, told } = opened(enforcing, nowMs + 1_001);
    expect(hooks?.arrive?.()).toEqual({
      reason: "anomaly_brake",
      error: {
        kind: "rate-limit",
        status: 429,
        code: "anomaly_brake",
        message: "held back for a while: this is far beyond the caller's usual use of models",
        retryAfterSeconds: 2,
      },
    });
    expect(told).toEqual(["entered chat", "refused"]);
  });

  it.each([
    ["that observes", { brake: { for: "5m" } }],
    ["without a brake", {}],
  ])("refuses nobody under a policy %s", (_, anomalies) => {
    expect(opened(anomalies, nowMs + 1_000).hooks?.arrive?.()).toBeUndefined();
  });
});
