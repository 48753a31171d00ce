/**
 * Protocol headers that mean something to one dialect only. A client's own reach its dialect's servers and no others:
 * a beta flag or a version of one API is noise, or an error, at another.
 *
 * SDK telemetry (`x-stainless-*`, `user-agent`) names no account and switches nothing, so it passes.
 */
import type { DialectName } from "../conversation/parts.ts";

/**
 * Google's: how long the server may take, where a call belongs, and Vertex AI's kinds of capacity.
 *
 * Source: https://cloud.google.com/vertex-ai/generative-ai/docs/provisioned-throughput/use-provisioned-throughput
 */
export const geminiHeaders: readonly string[] = Object.freeze([
  "x-server-timeout",
  "x-goog-request-params",
  "x-vertex-ai-llm-request-type",
  "x-vertex-ai-llm-shared-request-type",
]);

/** Lower case. Account headers are in `credentials.ts`. */
const openaiHeaders = ["openai-beta", "openai-version"];
const protocolHeaders: Readonly<Partial<Record<DialectName, readonly string[]>>> = {
  "openai-chat": openaiHeaders,
  "openai-responses": openaiHeaders,
  "openai-completions": openaiHeaders,
  anthropic: ["anthropic-version", "anthropic-beta", "anthropic-dangerous-direct-browser-access"],
  gemini: geminiHeaders,
  // How long an answer is waited for. They mean the same to no other provider.
  replicate: ["prefer", "cancel-after"],
};

/** The protocol headers of every dialect but this one, which is the provider's own. */
export function headersForeignTo(dialect: DialectName): readonly string[] {
  const own = protocolHeaders[dialect] ?? [];
  const all = new Set(Object.values(protocolHeaders).flat());
  return Object.freeze([...all].filter((name) => !own.includes(name)));
}
