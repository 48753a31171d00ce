/**
 * What the models behind Converse accept. The format is one, but each vendor takes a part of it, and Bedrock answers
 * 400 to the rest.
 *
 * Sources: https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html,
 * https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html,
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html
 */
import { type ModelTraits as ClaudeTraits, modelTraits as claudeTraits } from "../anthropic/model-traits.ts";

export interface ModelTraits {
  /** What Claude of this version takes; undefined for every other model. */
  readonly claude: ClaudeTraits | undefined;
  /** Choices beyond `auto`: all, only `any`, or none. */
  readonly forcedTools: "all" | "any" | "none";
  /** Takes `outputConfig.textFormat` and strict tools. */
  readonly structuredOutput: boolean;
  /** Where cache points may stand. */
  readonly cachePoints: "everywhere" | "not-in-tools" | "nowhere";
  /** Cache points may ask for an hour. */
  readonly hourCache: boolean;
  /** The conversation may begin with an assistant turn. */
  readonly leadingAssistant: boolean;
  /** The conversation may end with an assistant turn, which the model continues. */
  readonly prefill: boolean;
  /** Takes `status` on tool results. */
  readonly resultStatus: boolean;
  /** What may stand in a user message beside tool results. */
  readonly besideResults: "anything" | "text-and-images" | "nothing";
  /** Media that tool results may hold. */
  readonly inResults: ReadonlySet<"image" | "document">;
  /** How thinking is asked for, in `additionalModelRequestFields`. */
  readonly reasoning: "claude" | "openai" | "qwen" | "nova" | "none";
  /** Where the field for top-k is, if there is one. */
  readonly topK: "claude" | "nova" | "none";
  /** Takes `temperature`, `topP` and `stopSequences`. */
  readonly sampling: boolean;
}

const media: ReadonlySet<"image" | "document"> = new Set(["image", "document"] as const);
const images: ReadonlySet<"image" | "document"> = new Set(["image"] as const);
const documents: ReadonlySet<"image" | "document"> = new Set(["document"] as const);
const noMedia: ReadonlySet<"image" | "document"> = new Set();

/** A vendor that only takes what all take. */
const plain: ModelTraits = {
  claude: undefined,
  forcedTools: "none",
  structuredOutput: false,
  cachePoints: "nowhere",
  hourCache: false,
  leadingAssistant: false,
  prefill: false,
  resultStatus: true,
  besideResults: "anything",
  inResults: images,
  reasoning: "none",
  topK: "none",
  sampling: true,
};

/** The name does not tell the model (an inference profile's ARN): what may be asked for is asked for. */
const unknown: ModelTraits = {
  ...plain,
  forcedTools: "all",
  structuredOutput: true,
  cachePoints: "everywhere",
  inResults: media,
};

type Row = readonly [name: RegExp, traits: ModelTraits];

/** The first that matches the name counts. */
const rows: readonly Row[] = [
  [/amazon\.nova-2/, nova("nova")],
  [/amazon\.nova/, nova("none")],
  [/meta\.|llama/, { ...plain, besideResults: "nothing", inResults: media }],
  [/mistral\.(magistral-small|ministral-3|mistral-large-3|voxtral)/, mistral(true)],
  [/mistral\.|pixtral/, mistral(false)],
  [
    /qwen\./,
    { ...plain, structuredOutput: true, leadingAssistant: true, inResults: noMedia, reasoning: "qwen" },
  ],
  [/openai\.gpt-oss/, { ...plain, structuredOutput: true, reasoning: "openai" }],
  [/openai\./, { ...plain, structuredOutput: true, reasoning: "openai", sampling: false }],
  [/zai\./, { ...plain, forcedTools: "all", structuredOutput: true, leadingAssistant: true }],
  [
    /moonshot(ai)?\./,
    { ...plain, forcedTools: "all", structuredOutput: true, leadingAssistant: true, inResults: noMedia },
  ],
  [/writer\./, { ...plain, resultStatus: false, besideResults: "nothing" }],
  [
    /deepseek\.(v3|deepseek-v3)|google\.gemma-3-(12|27)b|minimax\.|nvidia\./,
    { ...plain, structuredOutput: true },
  ],
  [/deepseek\.|google\.|cohere\.|ai21\.|amazon\.titan|twelvelabs\.|stability\./, plain],
];

const remembered = new Map<string, ModelTraits>();
const maxRemembered = 256;

/** @param model id of a model or inference profile, or an ARN: `us.anthropic.claude-sonnet-4-5-20250929-v1:0` */
export function modelTraits(model: string): ModelTraits {
  const known = remembered.get(model);
  if (known !== undefined) return known;
  const name = model.toLowerCase();
  const traits = /claude/.test(name)
    ? claude(name)
    : (rows.find(([pattern]) => pattern.test(name))?.[1] ?? unknown);
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(model, traits);
  return traits;
}

function claude(name: string): ModelTraits {
  const traits = claudeTraits(name);
  // The list of Claude models with structured output is shorter here than at Anthropic.
  const structuredOutput = /claude-(sonnet|haiku|opus)-4-[56](?!\d)/.test(name);
  const hasCache = !/claude-(instant|v2|3-(opus|sonnet|haiku)|3-5-sonnet-20240620)/.test(name);
  return {
    ...plain,
    claude: traits,
    forcedTools: traits.forcedTools ? "all" : "none",
    structuredOutput,
    cachePoints: hasCache ? "everywhere" : "nowhere",
    hourCache: hasCache && (structuredOutput || traits.thinking === "adaptive"),
    leadingAssistant: true,
    prefill: traits.prefill,
    besideResults: "text-and-images",
    inResults: media,
    reasoning: "claude",
    topK: "claude",
  };
}

function nova(reasoning: "nova" | "none"): ModelTraits {
  return {
    ...plain,
    forcedTools: "all",
    cachePoints: "not-in-tools",
    prefill: true,
    reasoning,
    topK: "nova",
  };
}

function mistral(structuredOutput: boolean): ModelTraits {
  return { ...plain, forcedTools: "any", structuredOutput, besideResults: "nothing", inResults: documents };
}
