/**
 * What servers of OpenAI's API offer beside chat, for the rows of those that do: same host, same key, another path.
 *
 * Source: https://platform.openai.com/docs/api-reference
 */
import type { AnyDialectName } from "../conversation/parts.ts";
import { noQuirks } from "../dialects/dialect.ts";
import { openaiHeaders } from "./openai-headers.ts";
import type { Addressing, Endpoint } from "./provider.ts";

/** Behind the base path, by dialect. */
const places = {
  "openai-responses": () => "/responses",
  "openai-completions": () => "/completions",
  "openai-input-tokens": () => "/responses/input_tokens",
  "openai-embeddings": () => "/embeddings",
  "openai-images": ({ clientPath }) => lastSegments(clientPath, 2),
  "openai-speech": () => "/audio/speech",
  "openai-transcriptions": ({ clientPath }) => lastSegments(clientPath, 2),
  "openai-moderations": () => "/moderations",
  rerank: () => "/rerank",
} as const satisfies Partial<Record<AnyDialectName, (addressing: Addressing) => string>>;

export type OpenaiPart = keyof typeof places;

/** How a server's part differs from OpenAI's. */
export type Differences = Partial<Pick<Endpoint, "quirks" | "answersDiffer" | "takes">>;

/** What OpenAI itself has of calls that only pass. */
export const openaiOthers = [
  "openai-images",
  "openai-speech",
  "openai-transcriptions",
  "openai-moderations",
] as const satisfies readonly OpenaiPart[];

/** Where a server has what is asked, behind its base path. @param addressing of a call in that dialect */
export function openaiPlace(part: OpenaiPart, addressing: Addressing): string {
  return places[part](addressing);
}

/**
 * Of OpenAI's own models only these complete prompts; a prompt for another becomes a message.
 * Source: https://platform.openai.com/docs/models
 */
const completing = /^(ft:)?(gpt-3\.5-turbo-instruct|davinci-002|babbage-002)/;

/** Narrows the endpoint for prompts to the models that OpenAI completes them with. */
export function openaisOwn(endpoint: Endpoint): Endpoint {
  if (endpoint.dialect !== "openai-completions") return endpoint;
  return { ...endpoint, serves: (model) => completing.test(model) };
}

/**
 * @param parts what the server's documentation says it has
 * @param usual its base path, unless the policy has another
 */
export function openaiEndpoints(parts: readonly OpenaiPart[], usual = "/v1"): readonly Endpoint[] {
  return parts.map((dialect) => openaiEndpoint(dialect, usual));
}

export function openaiEndpoint(dialect: OpenaiPart, usual: string, differences: Differences = {}): Endpoint {
  return {
    dialect,
    quirks: noQuirks,
    path: (addressing) => `${addressing.settings.basePath ?? usual}${openaiPlace(dialect, addressing)}`,
    headers: openaiHeaders,
    ...differences,
  };
}

/** Of a part with more than one path, a server may have some. @param names last segments of the client's path */
export function takesOnly(names: readonly string[]): (clientPath: string) => boolean {
  return (clientPath) => names.some((name) => clientPath.endsWith(`/${name}`));
}

function lastSegments(path: string, count: number): string {
  return `/${path.split("/").slice(-count).join("/")}`;
}
