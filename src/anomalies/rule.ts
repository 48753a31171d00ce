/**
 * Refuses callers who are braked for a while (`anomalies.brake`), and hands every exchange that it has seen to who
 * watches, with the policy that it was under.
 */
import type { Caller } from "../identity/caller.ts";
import type { Policy } from "../policy/policy.ts";
import type { Refusal, Rule } from "../rules/rule.ts";
import type { ExchangeRecord } from "../telemetry/record.ts";
import { brakeReason } from "./amounts.ts";

/** What the rule asks and tells. */
export interface Watcher {
  /** Until when the caller is to be refused; undefined: it is not. Unix milliseconds. */
  brakedUntil(caller: Caller, nowMs: number): number | undefined;
  /** A route's policy, with every exchange on it. */
  entered(route: string, policy: Policy): void;
  settled(exchange: ExchangeRecord, policy: Policy): void;
  refused(): void;
}

/** @param nowMs unix */
export function anomalyBrake(watcher: Watcher, nowMs: () => number): Rule {
  return {
    name: "anomalies",
    open({ route, policy, caller }) {
      watcher.entered(route, policy);
      const { anomalies } = policy;
      if (anomalies === undefined) return null;
      const mayRefuse = anomalies.mode === "enforce" && anomalies.brake !== undefined;
      return {
        arrive() {
          const now = nowMs();
          const untilMs = mayRefuse ? watcher.brakedUntil(caller, now) : undefined;
          if (untilMs === undefined) return undefined;
          watcher.refused();
          return refusalFor(untilMs - now);
        },
        settle: (exchange) => watcher.settled(exchange, policy),
      };
    },
  };
}

function refusalFor(ms: number): Refusal {
  return {
    reason: brakeReason,
    error: {
      kind: "rate-limit",
      status: 429,
      message: "held back for a while: this is far beyond the caller's usual use of models",
      code: brakeReason,
      retryAfterSeconds: Math.ceil(ms / 1_000),
    },
  };
}
