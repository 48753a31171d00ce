/**
 * Vendors and servers that speak OpenAI's formats: data alone. What is said of a field is what the vendor's own
 * documentation says; a field that it does not mention is sent as it is.
 */
import { noQuirks, type Quirks } from "../dialects/dialect.ts";
import { type Abandonment, finishesAll, stopsAll, stopsStreams } from "./abandonment.ts";
import { cohereBasePath, cohereCallsAt, cohereEndpoints } from "./cohere.ts";
import { headersForeignTo } from "./foreign.ts";
import { chatCompletionsPath } from "./openai.ts";
import { type Differences, type OpenaiPart, openaiEndpoint, takesOnly } from "./openai-endpoints.ts";
import { openaiHeaders } from "./openai-headers.ts";
import { basePathOr, type Endpoint, type Provider } from "./provider.ts";

interface Vendor {
  readonly name: string;
  /** Where its documentation says what it takes. */
  readonly source: string;
  /** Before `/chat/completions`. */
  readonly basePath: string;
  /** Absent: found by the model's name alone. */
  readonly priceId?: string;
  readonly quirks?: Quirks;
  /** See `Provider`; it finishes all unless given. */
  readonly abandoned?: Abandonment;
  /** See `Endpoint`. */
  readonly answersDiffer?: boolean;
  /** What it has beside chat, behind the same base path, in OpenAI's formats. */
  readonly also?: Readonly<Partial<Record<OpenaiPart, Differences>>>;
  /** Where its documentation says so. */
  readonly alsoSources?: readonly string[];
  /** What it has elsewhere on the same host. */
  readonly elsewhere?: readonly Endpoint[];
  /** See `Provider`; below the base path unless given. */
  readonly callsAt?: Provider["callsAt"];
}

/** OpenAI's older name for the limit is the only one that they document. */
const olderLimit = { max_completion_tokens: "max_tokens" } as const;
const olderNames: Quirks = Object.freeze({ unsupported: [], renamed: olderLimit });

/**
 * Its schema is closed: any other field is a 422, in messages too. Usage comes in streams without being asked for.
 * Ids of tool calls: https://mistralai.github.io/mistral-common/usage/tools/
 */
const mistralQuirks: Quirks = Object.freeze({
  unsupported: [
    ...["logit_bias", "logprobs", "top_logprobs", "user", "safety_identifier", "service_tier", "store"],
    ...["modalities", "audio", "verbosity", "web_search_options", "prompt_cache_retention"],
    ...["functions", "function_call"],
  ],
  renamed: { ...olderLimit, seed: "random_seed" },
  elsewhere: ["stream_options"],
  messages: { nineLetterIds: true, refusesDeveloper: true, refusesReasoning: true },
});

/** Its name for the length of vectors, and no end user: https://github.com/mistralai/client-ts (`EmbeddingRequest`) */
const mistralEmbeddings: Differences = {
  quirks: { unsupported: ["user", "input_type"], renamed: { dimensions: "output_dimension" } },
  // Its SDK knows vectors as numbers, whatever was asked for.
  answersDiffer: true,
};

/** The model, the input and nothing else: https://github.com/togethercomputer/openapi (`EmbeddingsRequest`) */
const togetherEmbeddings: Differences = {
  quirks: {
    unsupported: ["dimensions", "user", "input_type"],
    renamed: {},
    elsewhere: ["encoding_format"],
  },
  answersDiffer: true,
};

/** Its own list of what it does not support. https://docs.cohere.com/docs/compatibility-api */
const cohereEmbeddings: Differences = {
  quirks: { unsupported: ["dimensions", "user"], renamed: {} },
};

/** Its own list. https://docs.ollama.com/api/openai-compatibility */
const ollamaEmbeddings: Differences = { quirks: { unsupported: ["user"], renamed: {} } };

/** The roles that it documents are the older ones. */
const deepseekQuirks: Quirks = Object.freeze({ ...olderNames, messages: { refusesDeveloper: true } });

/** Its own list of what it does not support, each a 400. */
const groqQuirks: Quirks = Object.freeze({
  unsupported: ["logprobs", "top_logprobs", "logit_bias", "n"],
  renamed: {},
});

/** Its own list of what it does not support. */
const cohereQuirks: Quirks = Object.freeze({
  unsupported: [
    ...["store", "metadata", "logit_bias", "top_logprobs", "n", "modalities", "prediction", "audio"],
    ...["service_tier", "parallel_tool_calls"],
  ],
  renamed: olderLimit,
});

/** Its own list of what it does not support; it would ignore them without a word, but for image URLs: a 400. */
const ollamaQuirks: Quirks = Object.freeze({
  unsupported: ["logit_bias", "user", "n"],
  renamed: olderLimit,
  fetchesNoUrls: true,
});

const vendors: readonly Vendor[] = [
  {
    name: "mistral",
    source: "https://docs.mistral.ai/api/#tag/chat",
    basePath: "/v1",
    priceId: "mistral",
    quirks: mistralQuirks,
    // Streamed calls without an index, which OpenAI's SDK drops; reasoning as a list of parts where it wants text.
    answersDiffer: true,
    also: {
      "openai-embeddings": mistralEmbeddings,
      "openai-transcriptions": { takes: takesOnly(["transcriptions"]) },
      "openai-moderations": {},
    },
    alsoSources: [
      "https://docs.mistral.ai/api/#tag/audio.transcriptions",
      "https://docs.mistral.ai/api/#tag/classifiers",
    ],
  },
  {
    name: "groq",
    source: "https://console.groq.com/docs/openai",
    basePath: "/openai/v1",
    priceId: "groq",
    quirks: groqQuirks,
    also: { "openai-speech": {}, "openai-transcriptions": {} },
    alsoSources: [
      "https://console.groq.com/docs/text-to-speech",
      "https://console.groq.com/docs/speech-to-text",
    ],
  },
  {
    name: "together",
    source: "https://docs.together.ai/reference/chat-completions-1",
    basePath: "/v1",
    priceId: "together",
    abandoned: stopsStreams,
    quirks: olderNames,
    also: {
      "openai-completions": {},
      "openai-embeddings": togetherEmbeddings,
      "openai-images": { takes: takesOnly(["generations"]) },
      "openai-speech": {},
      "openai-transcriptions": {},
      rerank: {},
    },
    alsoSources: ["https://github.com/togethercomputer/openapi/blob/main/openapi.yaml"],
  },
  {
    name: "deepseek",
    source: "https://api-docs.deepseek.com/api/create-chat-completion",
    basePath: "/v1",
    priceId: "deepseek",
    abandoned: stopsStreams,
    quirks: deepseekQuirks,
  },
  {
    name: "xai",
    source: "https://docs.x.ai/docs/api-reference#chat-completions",
    basePath: "/v1",
    priceId: "x-ai",
    abandoned: stopsStreams,
    also: {
      "openai-completions": {},
      "openai-images": { takes: takesOnly(["generations", "edits"]) },
    },
    alsoSources: ["https://docs.x.ai/developers/model-capabilities/images"],
  },
  {
    name: "openrouter",
    source: "https://openrouter.ai/docs/api-reference/chat-completion",
    basePath: "/api/v1",
    priceId: "openrouter",
    // Its transcriptions want JSON with the sound in it, its images are at a path of their own: not OpenAI's formats.
    also: { "openai-completions": {}, "openai-embeddings": {}, "openai-speech": {}, rerank: {} },
    alsoSources: [
      "https://openrouter.ai/docs/api/api-reference/tts/create-speech",
      "https://openrouter.ai/docs/api/api-reference/rerank/create-rerank",
    ],
  },
  {
    name: "cohere",
    source: "https://docs.cohere.com/docs/compatibility-api",
    basePath: cohereBasePath,
    priceId: "cohere",
    abandoned: stopsStreams,
    quirks: cohereQuirks,
    also: { "openai-embeddings": cohereEmbeddings },
    elsewhere: cohereEndpoints,
    callsAt: cohereCallsAt,
  },
  {
    name: "huggingface",
    source: "https://huggingface.co/docs/inference-providers/tasks/chat-completion",
    basePath: "/v1",
    quirks: olderNames,
  },
  {
    name: "fireworks",
    source: "https://docs.fireworks.ai/api-reference/post-chatcompletions",
    basePath: "/inference/v1",
    priceId: "fireworks",
    abandoned: stopsStreams,
    // Of base64 its page says nothing: https://docs.fireworks.ai/guides/querying-embeddings-models
    // Its audio has hosts of its own, its images paths with the model in them.
    also: { "openai-completions": {}, "openai-embeddings": { answersDiffer: true }, rerank: {} },
    alsoSources: ["https://docs.fireworks.ai/api-reference/rerank-documents"],
  },
  {
    name: "perplexity",
    source: "https://docs.perplexity.ai/api-reference/chat-completions-post",
    basePath: "",
    priceId: "perplexity",
    quirks: olderNames,
  },
  {
    name: "ollama",
    source: "https://docs.ollama.com/api/openai-compatibility",
    basePath: "/v1",
    quirks: ollamaQuirks,
    // https://github.com/ollama/ollama/issues/2876
    abandoned: stopsAll,
    also: { "openai-completions": {}, "openai-embeddings": ollamaEmbeddings },
  },
  {
    name: "vllm",
    source: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
    basePath: "/v1",
    // https://github.com/vllm-project/vllm/pull/32442
    abandoned: stopsAll,
    also: { "openai-completions": {}, "openai-embeddings": {}, "openai-transcriptions": {}, rerank: {} },
  },
];

export const compatibleVendors: readonly Provider[] = vendors.map((vendor) => ({
  name: vendor.name,
  dialect: "openai-chat",
  priceId: vendor.priceId,
  abandoned: vendor.abandoned ?? finishesAll,
  quirks: vendor.quirks ?? noQuirks,
  ...(vendor.answersDiffer === true && { answersDiffer: true }),
  also: [
    ...Object.entries(vendor.also ?? {}).map(([part, differences]) =>
      openaiEndpoint(part as OpenaiPart, vendor.basePath, differences),
    ),
    ...(vendor.elsewhere ?? []),
  ],
  path: (addressing) => chatCompletionsPath(addressing, vendor.basePath),
  headers: openaiHeaders,
  callsAt: vendor.callsAt ?? basePathOr(vendor.basePath),
  foreignHeaders: headersForeignTo("openai-chat"),
}));
