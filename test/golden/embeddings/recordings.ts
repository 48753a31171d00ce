/** Recorded traffic of embeddings, by dialect. */
import { readdirSync, readFileSync } from "node:fs";
import type { TargetDialect } from "../../../src/dialects/dialect.ts";
import { embeddingTargets } from "../../../src/dialects/registry.ts";
import type { EmbeddingsAnswer } from "../../../src/embeddings/answer.ts";
import type { EmbeddingsRequest } from "../../../src/embeddings/request.ts";
import type { JsonObject } from "../../../src/json/types.ts";

export type EmbeddingsTarget = TargetDialect<
  EmbeddingsRequest,
  EmbeddingsAnswer,
  (typeof embeddingTargets)[number]["name"]
>;

export const targets: readonly EmbeddingsTarget[] = embeddingTargets;

const fixtures = new URL("../../fixtures/", import.meta.url);

export function recorded(dialect: string, name: string): JsonObject {
  return JSON.parse(readFileSync(new URL(`${dialect}/${name}.json`, fixtures), "utf8")) as JsonObject;
}

/** Names of the answers, without their ending. */
export function answersOf(dialect: string): string[] {
  return readdirSync(new URL(`${dialect}/`, fixtures))
    .filter((name) => /^(?!error-)[^.]+\.json$/.test(name))
    .map((name) => name.replace(/\.json$/, ""))
    .sort();
}

/** The headers that came with an answer. */
export function headersOf(dialect: string, name: string): Record<string, string> {
  const files = readdirSync(new URL(`${dialect}/`, fixtures));
  if (!files.includes(`${name}.headers.json`)) return {};
  return recorded(dialect, `${name}.headers`) as Record<string, string>;
}
