/** What vectors are for, in Google's words. Source: https://ai.google.dev/gemini-api/docs/embeddings#supported-task-types */
import type { EmbeddingPurpose } from "../../embeddings/request.ts";

export const taskType: Readonly<Record<EmbeddingPurpose, string>> = {
  query: "RETRIEVAL_QUERY",
  document: "RETRIEVAL_DOCUMENT",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
  similarity: "SEMANTIC_SIMILARITY",
};
