/** What can be asked of a model, by the names that logs, metrics and the access log show. */
export type OperationName =
  | "generate"
  | "embed"
  | "count_tokens"
  | "rerank"
  | "image"
  | "speech"
  | "transcribe"
  | "moderate";
