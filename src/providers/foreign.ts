/**
 * Protocol headers that mean something to one dialect only. A client's own reach its dialect's servers and no others:
 * a beta flag or a version of one API is noise, or an error, at another.
 *
 * SDK telemetry (`x-stainless-*`, `user-agent`) names no account and switches nothing, so it passes.
 */
import type { DialectName } from "../conversation/parts.ts";

/** Lower case. Account headers are in `credentials.ts`. */
const protocolHeaders: Readonly<Partial<Record<DialectName, readonly string[]>>> = {
  "openai-chat": ["openai-beta", "openai-version"],
  anthropic: ["anthropic-version", "anthropic-beta", "anthropic-dangerous-direct-browser-access"],
};

/** The protocol headers of every dialect but this one. */
export function headersForeignTo(dialect: DialectName): readonly string[] {
  return Object.freeze(
    Object.entries(protocolHeaders).flatMap(([owner, headers]) => (owner === dialect ? [] : headers)),
  );
}
