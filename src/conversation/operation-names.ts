/**
 * What can be asked of a model, by the names that logs, metrics and the access log show. `pass`: nothing of a model, but
 * something about files, batches and the like.
 */
export type OperationName =
  | "generate"
  | "embed"
  | "count_tokens"
  | "rerank"
  | "image"
  | "speech"
  | "transcribe"
  | "moderate"
  | "pass";
