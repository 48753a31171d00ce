/**
 * Token counts: Anthropic's `usage` and ours.
 *
 * Anthropic's `input_tokens` leaves out what was read from or written to the cache; ours holds all of it.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching#tracking-cache-performance
 */
import type { Usage } from "../../conversation/usage.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import { isObject } from "../../json/types.ts";
import { count } from "../counts.ts";

export function decodeUsage(usage: JsonObject): Usage {
  const details = isObject(usage["output_tokens_details"]) ? usage["output_tokens_details"] : undefined;
  const total = iterationsOf(usage).reduce<Counts>(
    (sum, iteration) => plus(sum, countsOf(iteration)),
    nothing,
  );
  return {
    input: total.fresh + total.cacheRead + total.cacheWrite,
    output: total.output,
    cacheRead: total.cacheRead,
    cacheWrite: total.cacheWrite,
    cacheWriteHour: Math.min(total.cacheWrite, total.cacheWriteHour),
    reasoning: count(details?.["thinking_tokens"]),
    audioInput: 0,
    audioOutput: 0,
    estimated: false,
  };
}

/**
 * Where the model was sampled several times (compaction, server tools), the numbers at the top leave some of it
 * out, and the list has all that is billed.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/compaction#understanding-usage
 */
function iterationsOf(usage: JsonObject): readonly JsonObject[] {
  const listed = Array.isArray(usage["iterations"]) ? usage["iterations"].filter(isObject) : [];
  return listed.length > 0 ? listed : [usage];
}

interface Counts {
  /** Input that the cache had no part in. */
  readonly fresh: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWriteHour: number;
  readonly output: number;
}

const nothing: Counts = { fresh: 0, cacheRead: 0, cacheWrite: 0, cacheWriteHour: 0, output: 0 };

function countsOf(usage: JsonObject): Counts {
  const lifetimes = isObject(usage["cache_creation"]) ? usage["cache_creation"] : undefined;
  return {
    fresh: count(usage["input_tokens"]),
    cacheRead: count(usage["cache_read_input_tokens"]),
    cacheWrite: count(usage["cache_creation_input_tokens"]),
    cacheWriteHour: count(lifetimes?.["ephemeral_1h_input_tokens"]),
    output: count(usage["output_tokens"]),
  };
}

function plus(a: Counts, b: Counts): Counts {
  return {
    fresh: a.fresh + b.fresh,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    cacheWriteHour: a.cacheWriteHour + b.cacheWriteHour,
    output: a.output + b.output,
  };
}

/** What only the `usage` of a message has; whoever else answered says nothing of it. */
export const answeredBy: JsonObject = Object.freeze({ service_tier: null, inference_geo: null, speed: null });

/** The counts that both the `usage` of a message and that of `message_delta` have. */
export function encodeUsage(usage: Usage): JsonObject {
  return {
    // Never negative, whatever a provider that counts otherwise has reported.
    input_tokens: Math.max(0, usage.input - usage.cacheRead - usage.cacheWrite),
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: Math.max(0, usage.cacheWrite - usage.cacheWriteHour),
      ephemeral_1h_input_tokens: usage.cacheWriteHour,
    },
    output_tokens: usage.output,
    output_tokens_details: usage.reasoning > 0 ? { thinking_tokens: usage.reasoning } : null,
    server_tool_use: null,
  };
}

/**
 * The usage of a stream, which comes in two halves: `message_start` has the input and a first output count,
 * `message_delta` the final ones. All are cumulative.
 */
export class UsageTally {
  #fields: JsonObject | undefined;

  /** Undefined until something was reported. */
  get usage(): Usage | undefined {
    return this.#fields === undefined ? undefined : decodeUsage(this.#fields);
  }

  /** @param usage the `usage` member of either event; anything else is ignored */
  add(usage: JsonValue | undefined): void {
    if (!isObject(usage)) return;
    const fields: JsonObject = { ...this.#fields };
    for (const [name, value] of Object.entries(usage)) {
      // Zeros and nulls in message_delta mean "not said" (some vendors); what message_start said stays.
      const isSilent = value === null || (value === 0 && fields[name] !== undefined);
      if (!isSilent) fields[name] = value;
    }
    this.#fields = fields;
  }
}
