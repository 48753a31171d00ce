/**
 * What the Claude models accept. The format is one, but newer models refuse what older ones took (sampling
 * parameters, thinking budgets, prefill), and a request that comes from another dialect must fit the model it
 * is sent to.
 *
 * Sources: https://docs.anthropic.com/en/docs/about-claude/models/overview,
 * https://docs.anthropic.com/en/docs/build-with-claude/adaptive-thinking,
 * https://docs.anthropic.com/en/docs/build-with-claude/effort,
 * https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs,
 * https://docs.anthropic.com/en/docs/build-with-claude/mid-conversation-system-messages
 */
export type Effort = "low" | "medium" | "high" | "xhigh" | "max";

export interface ModelTraits {
  /** Upper limit of `max_tokens`; undefined when not known. */
  readonly maxOutputTokens: number | undefined;
  /** `max_tokens` to send when nobody named a limit. */
  readonly defaultMaxTokens: number;
  /**
   * How thinking is asked for: not at all, with `budget_tokens`, with either form, or only as `adaptive`.
   */
  readonly thinking: "none" | "budget" | "either" | "adaptive";
  /** Thinks unless told not to. */
  readonly thinksByDefault: boolean;
  /** Refuses `thinking: {type: "disabled"}`. */
  readonly alwaysThinks: boolean;
  /** Values of `output_config.effort`, weakest first; empty when the field is refused. */
  readonly efforts: readonly Effort[];
  /** `temperature`, `top_p`, `top_k`: all of them; not temperature and top_p together; none. */
  readonly sampling: "all" | "exclusive" | "none";
  /** The conversation may end with an assistant turn, which the model continues. */
  readonly prefill: boolean;
  /** `messages` may hold turns of the role `system`. */
  readonly systemTurns: boolean;
  /** Has `output_config.format` and strict tools. */
  readonly structuredOutput: boolean;
  /** Accepts `tool_choice` of the types `any` and `tool`. */
  readonly forcedTools: boolean;
}

type Family = "opus" | "sonnet" | "haiku" | "fable" | "mythos";

/** Vendors other than Anthropic that speak the dialect: the API as it was before models began to differ. */
const vendorModel: ModelTraits = {
  maxOutputTokens: undefined,
  defaultMaxTokens: 8192,
  thinking: "budget",
  thinksByDefault: false,
  alwaysThinks: false,
  efforts: [],
  sampling: "all",
  prefill: true,
  systemTurns: false,
  structuredOutput: true,
  forcedTools: true,
};

const remembered = new Map<string, ModelTraits>();
const maxRemembered = 256;

/** @param model as the target names it, vendor prefixes and dates included (`us.anthropic.claude-opus-4-6-v1:0`) */
export function modelTraits(model: string): ModelTraits {
  const known = remembered.get(model);
  if (known !== undefined) return known;
  const traits = deriveTraits(model);
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(model, traits);
  return traits;
}

function deriveTraits(model: string): ModelTraits {
  if (!/claude/i.test(model)) return vendorModel;
  const { family, version } = familyAndVersion(model.toLowerCase());
  const isAlwaysThinking = family === "fable" || family === "mythos";
  const since = (least: number): boolean => version >= least;
  const maxOutputTokens = outputLimit(family, version);
  return {
    maxOutputTokens,
    defaultMaxTokens: Math.min(maxOutputTokens, 64_000),
    thinking: since(4.7) ? "adaptive" : since(4.6) ? "either" : since(3.7) ? "budget" : "none",
    thinksByDefault: since(5),
    alwaysThinks: isAlwaysThinking,
    efforts: efforts(family, version),
    sampling: since(4.7) ? "none" : since(4.1) ? "exclusive" : "all",
    prefill: !since(4.6),
    // Sonnet 5 takes such turns without acting on them.
    systemTurns: family === "sonnet" || family === "haiku" ? since(5.5) : since(4.8),
    structuredOutput: since(family === "opus" ? 4.1 : 4.5),
    forcedTools: !(isAlwaysThinking && since(5.1)),
  };
}

/** Names that are not understood are taken for models newer than this table. */
function familyAndVersion(model: string): { family: Family; version: number } {
  const current = /claude-(opus|sonnet|haiku|fable|mythos)-(\d)(?:[-.](\d)(?!\d))?(?!\d)/.exec(model);
  if (current !== null)
    return { family: current[1] as Family, version: Number(`${current[2]}.${current[3] ?? 0}`) };
  const old = /claude-(\d)(?:[-.](\d))?-(opus|sonnet|haiku)/.exec(model);
  if (old !== null) return { family: old[3] as Family, version: Number(`${old[1]}.${old[2] ?? 0}`) };
  if (/claude-(instant|v?[12])/.test(model)) return { family: "haiku", version: 2 };
  return { family: "opus", version: 9.9 };
}

function outputLimit(family: Family, version: number): number {
  if (version < 3.5) return 4096;
  if (version < 3.7) return 8192;
  if (version < 4) return 64_000;
  if (family === "opus" && version < 4.5) return 32_000;
  return version < 4.6 ? 64_000 : 128_000;
}

function efforts(family: Family, version: number): readonly Effort[] {
  if (version >= 4.7) return ["low", "medium", "high", "xhigh", "max"];
  if (version >= 4.6) return ["low", "medium", "high", "max"];
  return family === "opus" && version >= 4.5 ? ["low", "medium", "high"] : [];
}
