/**
 * What the language models at Replicate take. Every model has an input schema of its own; these are the published ones
 * of the vendors that are asked most. What is not in a schema is not sent.
 *
 * Sources: the pages of the models (`https://replicate.com/OWNER/NAME/versions/VERSION/api`; those that were read are
 * listed in `test/golden/replicate/published-schemas.ts`); https://github.com/replicate/cog-vllm and
 * https://github.com/replicate/cog-triton, which serve the open models.
 */
import type { ReasoningRequest } from "../../conversation/request.ts";

type Effort = NonNullable<ReasoningRequest["effort"]>;

/** Sampling, by the neutral names. */
export type SamplingField =
  | "temperature"
  | "topP"
  | "topK"
  | "seed"
  | "presencePenalty"
  | "frequencyPenalty"
  | "stop";

export type ReasoningTraits =
  | { readonly kind: "none" }
  /** One field for how hard, the least first. `rests`: with the least the model does not think at all. */
  | {
      readonly kind: "effort";
      readonly field: "reasoning_effort" | "effort" | "thinking_level";
      readonly levels: readonly Effort[];
      readonly rests: boolean;
    }
  /** `extended_thinking` and `thinking_budget_tokens`. */
  | { readonly kind: "extended" }
  /** `thinking_budget` and `dynamic_thinking`. */
  | { readonly kind: "budget" };

export interface ModelTraits {
  /** Where the system prompt goes; undefined: it leads the prompt. */
  readonly system: "system_prompt" | "system_instruction" | undefined;
  /** Takes a conversation as `messages`. */
  readonly messages: boolean;
  readonly images:
    | { readonly field: "image" | "image_input" | "images"; readonly most: number; readonly isList: boolean }
    | undefined;
  /** The limit of the output; other values than from `least` to `most` tokens are refused. */
  readonly limit: {
    readonly field: "max_tokens" | "max_new_tokens" | "max_completion_tokens" | "max_output_tokens";
    readonly least: number;
    readonly most: number;
  };
  readonly sampling: ReadonlySet<SamplingField>;
  /** The lowest temperature. */
  readonly coldest: number;
  /** What ends an answer unless other sequences are given, which then take their place. */
  readonly endMarks: readonly string[];
  readonly reasoning: ReasoningTraits;
  /** Takes `verbosity`. */
  readonly verbosity: boolean;
}

const without = { kind: "none" } as const;
const anyLimit = { field: "max_tokens", least: 1, most: Number.MAX_SAFE_INTEGER } as const;

/** Open models, as cog-vllm serves them. */
const llama: ModelTraits = {
  system: "system_prompt",
  messages: false,
  images: undefined,
  limit: anyLimit,
  sampling: new Set(["temperature", "topP", "topK", "presencePenalty", "frequencyPenalty", "stop"]),
  coldest: 0,
  endMarks: [],
  reasoning: without,
  verbosity: false,
};
/** As cog-triton serves it: its stop sequences are the end of the turn unless others are given. */
const llama3: ModelTraits = {
  ...llama,
  sampling: new Set(["temperature", "topP", "topK", "presencePenalty", "seed", "stop"]),
  endMarks: ["<|end_of_text|>", "<|eot_id|>"],
};
const llama2: ModelTraits = {
  ...llama,
  limit: { ...anyLimit, field: "max_new_tokens" },
  sampling: new Set(["temperature", "topP", "topK", "seed", "stop"]),
  coldest: 0.01,
};
/** DeepSeek, Llama 4, gpt-oss: a prompt and the commonest parameters, as the inputs of published predictions show. */
const prompted: ModelTraits = {
  ...llama,
  system: undefined,
  sampling: new Set(["temperature", "topP", "presencePenalty", "frequencyPenalty"]),
};

const nothing: ReadonlySet<SamplingField> = new Set();

const claude: ModelTraits = {
  ...llama,
  images: { field: "image", most: 1, isList: false },
  limit: { field: "max_tokens", least: 1024, most: 64_000 },
  sampling: nothing,
};

const gpt: ModelTraits = {
  ...llama,
  messages: true,
  images: { field: "image_input", most: Number.MAX_SAFE_INTEGER, isList: true },
  limit: { ...anyLimit, field: "max_completion_tokens" },
  sampling: new Set(["temperature", "topP", "presencePenalty", "frequencyPenalty"]),
};
const thinkingGpt = (...levels: Effort[]): ModelTraits => ({
  ...gpt,
  sampling: nothing,
  reasoning: { kind: "effort", field: "reasoning_effort", levels, rests: levels[0] === "none" },
});

const gemini: ModelTraits = {
  ...llama,
  system: "system_instruction",
  images: { field: "images", most: 10, isList: true },
  limit: { ...anyLimit, field: "max_output_tokens" },
  sampling: new Set(["temperature", "topP"]),
  reasoning: { kind: "budget" },
};

const verbose = { verbosity: true } as const;

/** The first that matches the name, without its version, counts. */
const rows: ReadonlyArray<readonly [name: RegExp, traits: ModelTraits]> = [
  [/^meta\/meta-llama-3-(8|70)b/, llama3],
  [/^meta\/llama-2/, llama2],
  [/^meta\/llama-4/, prompted],
  [/^deepseek-ai\/deepseek-(r1|v3)/, prompted],
  [/^openai\/gpt-oss/, prompted],
  [/^openai\/gpt-5\.6/, { ...thinkingGpt("none", "low", "medium", "high", "xhigh"), ...verbose }],
  [/^openai\/gpt-5\./, { ...thinkingGpt("none", "low", "medium", "high"), ...verbose }],
  [/^openai\/gpt-5/, { ...thinkingGpt("minimal", "low", "medium", "high"), ...verbose }],
  [/^openai\/o4/, { ...thinkingGpt("low", "medium", "high"), messages: false }],
  [/^openai\/o\d/, thinkingGpt("low", "medium", "high")],
  [/^openai\/(gpt|chatgpt)/, gpt],
  [/^anthropic\/claude-3\.5/, { ...claude, limit: { ...claude.limit, least: 1, most: 8192 } }],
  [/^anthropic\/claude-(3\.7|4-sonnet)/, { ...claude, reasoning: { kind: "extended" } }],
  [
    /^anthropic\/claude-sonnet-5/,
    {
      ...claude,
      reasoning: { kind: "effort", field: "effort", levels: ["low", "medium", "high"], rests: true },
    },
  ],
  [/^anthropic\//, claude],
  [/^google\/gemini-2\.5/, gemini],
  [
    /^google\/gemini/,
    {
      ...gemini,
      reasoning: { kind: "effort", field: "thinking_level", levels: ["low", "high"], rests: false },
    },
  ],
];

/** @param model as the target is asked for it; models that are not known here are taken for one of the Llama family */
export function modelTraits(model: string): ModelTraits {
  const name = model.split(":")[0]?.toLowerCase() ?? "";
  return rows.find(([pattern]) => pattern.test(name))?.[1] ?? llama;
}
