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
  "openai-images": ({ clientPath }) => lastSegments(clientPath, 2),
  "openai-speech": () => "/audio/speech",
  "openai-transcriptions": ({ clientPath }) => lastSegments(clientPath, 2),
  "openai-moderations": () => "/moderations",
  rerank: () => "/rerank",
} as const satisfies Partial<Record<AnyDialectName, (addressing: Addressing) => string>>;

export type OpenaiPart = keyof typeof places;

/** What OpenAI itself has beside conversations. */
export const openaiOthers = [
  "openai-images",
  "openai-speech",
  "openai-transcriptions",
  "openai-moderations",
] as const satisfies readonly OpenaiPart[];

/** A part with more than one path, of which the server has some: `generations` of `openai-images`. */
export interface SomeOfPart {
  readonly dialect: OpenaiPart;
  /** Last segments of the paths. */
  readonly only: readonly string[];
}

/** Where a server has what is asked, behind its base path. @param addressing of a call in that dialect */
export function openaiPlace(part: OpenaiPart, addressing: Addressing): string {
  return places[part](addressing);
}

/**
 * @param parts what the server's documentation says it has
 * @param usual its base path, unless the policy has another
 */
export function openaiEndpoints(
  parts: ReadonlyArray<OpenaiPart | SomeOfPart>,
  usual = "/v1",
): readonly Endpoint[] {
  return parts.map((part) => {
    const dialect = typeof part === "string" ? part : part.dialect;
    return {
      dialect,
      quirks: noQuirks,
      path: (addressing) => `${addressing.settings.basePath ?? usual}${openaiPlace(dialect, addressing)}`,
      headers: openaiHeaders,
      ...(typeof part !== "string" && { takes: takesOnly(part.only) }),
    };
  });
}

/** The test for calls by the last segment of their path. */
export function takesOnly(names: readonly string[]): (clientPath: string) => boolean {
  return (clientPath) => names.some((name) => clientPath.endsWith(`/${name}`));
}

function lastSegments(path: string, count: number): string {
  return `/${path.split("/").slice(-count).join("/")}`;
}
