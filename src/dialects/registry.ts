/** Every dialect, and the paths by which clients speak it. A new dialect is a new row. */
import type { AnyDialectName } from "../conversation/parts.ts";
import { anthropic } from "./anthropic/index.ts";
import { anthropicCountTokens } from "./anthropic-count-tokens/index.ts";
import { bedrockConverse } from "./bedrock-converse/index.ts";
import { bedrockCountTokens } from "./bedrock-count-tokens/index.ts";
import { bedrockEmbeddings } from "./bedrock-embeddings/index.ts";
import type { AnyClientDialect, AnyTargetDialect, ClientDialect, TargetDialect } from "./dialect.ts";
import { gemini } from "./gemini/index.ts";
import { generatePath } from "./gemini/paths.ts";
import { geminiCountTokens, vertexCountTokens } from "./gemini-count-tokens/index.ts";
import { countPath } from "./gemini-count-tokens/paths.ts";
import { geminiEmbeddings } from "./gemini-embeddings/index.ts";
import { openaiChat } from "./openai-chat/index.ts";
import { openaiCompletions } from "./openai-completions/index.ts";
import { openaiEmbeddings } from "./openai-embeddings/index.ts";
import { openaiImages } from "./openai-images/index.ts";
import { openaiInputTokens } from "./openai-input-tokens/index.ts";
import { openaiModerations } from "./openai-moderations/index.ts";
import { openaiResponses } from "./openai-responses/index.ts";
import { openaiSpeech } from "./openai-speech/index.ts";
import { openaiTranscriptions } from "./openai-transcriptions/index.ts";
import type { PassingDialect } from "./passing/dialect.ts";
import { replicate } from "./replicate/index.ts";
import { rerank } from "./rerank/index.ts";
import { vertexEmbeddings } from "./vertex-embeddings/index.ts";

/** Of conversations: each client's may be translated into each target's. Prompts go as they are where they can. */
export const conversationClients: readonly ClientDialect[] = [
  openaiChat,
  openaiResponses,
  anthropic,
  gemini,
  openaiCompletions,
];
export const conversationTargets: readonly TargetDialect[] = [
  openaiChat,
  openaiResponses,
  anthropic,
  gemini,
  bedrockConverse,
  replicate,
];

/** Of embeddings, likewise. */
export const embeddingTargets = [openaiEmbeddings, geminiEmbeddings, vertexEmbeddings, bedrockEmbeddings];

/** Of questions for the tokens of a conversation. */
export const countingClients = [openaiInputTokens, anthropicCountTokens, geminiCountTokens];

/** Of calls that go only to targets of their own format. */
const passingDialects: readonly PassingDialect[] = [
  openaiImages,
  openaiSpeech,
  openaiTranscriptions,
  openaiModerations,
  rerank,
];

/** One way into the gateway: a POST to this path is a request in this dialect. */
export interface ClientEndpoint {
  readonly dialect: AnyClientDialect;
  /** Matched at the end of the path without its query, so that the gateway may be mounted under any prefix. */
  readonly path: RegExp;
}

/** The first that matches counts. */
const endpoints: readonly ClientEndpoint[] = [
  { dialect: openaiChat, path: /\/chat\/completions$/ },
  { dialect: openaiCompletions, path: /\/completions$/ },
  // Calls about a kept response (`/responses/{id}`, `…/cancel`) are its provider's alone, and pass.
  { dialect: openaiResponses, path: /\/responses$/ },
  { dialect: anthropic, path: /\/v1\/messages$/ },
  { dialect: gemini, path: generatePath },
  { dialect: openaiInputTokens, path: /\/responses\/input_tokens$/ },
  { dialect: anthropicCountTokens, path: /\/v1\/messages\/count_tokens$/ },
  { dialect: geminiCountTokens, path: countPath },
  { dialect: openaiEmbeddings, path: /\/embeddings$/ },
  { dialect: openaiImages, path: /\/images\/(?:generations|edits|variations)$/ },
  { dialect: openaiSpeech, path: /\/audio\/speech$/ },
  { dialect: openaiTranscriptions, path: /\/audio\/(?:transcriptions|translations)$/ },
  // Mistral's `/chat/moderations` is another call, which takes conversations.
  { dialect: openaiModerations, path: /(?<!\/chat)\/moderations$/ },
  { dialect: rerank, path: /\/rerank$/ },
];

const clientDialects: ReadonlyMap<AnyDialectName, AnyClientDialect> = new Map(
  endpoints.map(({ dialect }) => [dialect.name, dialect]),
);

const otherTargets: readonly AnyTargetDialect[] = [
  openaiCompletions,
  openaiInputTokens,
  anthropicCountTokens,
  geminiCountTokens,
  vertexCountTokens,
  bedrockCountTokens,
];

const targetDialects: ReadonlyMap<AnyDialectName, AnyTargetDialect> = new Map(
  [...conversationTargets, ...embeddingTargets, ...passingDialects, ...otherTargets].map((dialect) => [
    dialect.name,
    dialect,
  ]),
);

/** The dialect of a request, told by method and path; undefined: not one of ours, pass it through. */
export function clientDialect(method: string, path: string): AnyClientDialect | undefined {
  if (method !== "POST") return undefined;
  const bare = withoutQuery(path);
  return endpoints.find((endpoint) => endpoint.path.test(bare))?.dialect;
}

/** @throws Error when no application can speak it */
export function clientDialectNamed(name: AnyDialectName): AnyClientDialect {
  const dialect = clientDialects.get(name);
  if (dialect === undefined) throw new Error(`no client dialect is named ${name}`);
  return dialect;
}

/** @throws Error when no provider is spoken to in it */
export function targetDialectNamed(name: AnyDialectName): AnyTargetDialect {
  const dialect = targetDialects.get(name);
  if (dialect === undefined) throw new Error(`no target dialect is named ${name}`);
  return dialect;
}

/**
 * The dialect in which to refuse or list when the path is no dialect's own: Anthropic's SDK sends its version header
 * with every call, Google's its own kind of key or a path of its API's versions; everybody else understands OpenAI's
 * shapes.
 *
 * @param path with its query, which is where clients of Google's REST API keep the key
 */
export function presumedDialect(
  header: (name: string) => string | undefined,
  path: string,
): AnyClientDialect {
  if (header("anthropic-version") !== undefined) return anthropic;
  const isGoogles = /\/v1(?:alpha|beta\d*)\//.test(withoutQuery(path)) || /[?&]key=/.test(path);
  return isGoogles || header("x-goog-api-key") !== undefined ? gemini : openaiChat;
}

export function withoutQuery(path: string): string {
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}
