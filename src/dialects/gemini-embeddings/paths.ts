/** Where Google AI takes batches of texts to embed, behind its prefix. Source: https://ai.google.dev/api/embeddings */
import { formatModelPath } from "../gemini/paths.ts";

export function formatEmbedPath(model: string): string {
  return `${formatModelPath(model)}:batchEmbedContents`;
}
