/** A request for embeddings in neutral form: what a client dialect decodes to and a target dialect encodes from. */
import type { JsonValue } from "../json/types.ts";

/** One thing to embed. Tokens are of the vocabulary of the model that the client had in mind, and of no other. */
export type EmbeddingInput =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "tokens"; readonly tokens: readonly number[] };

/** What the vectors are for; some models embed a question otherwise than the text that answers it. */
export type EmbeddingPurpose = "query" | "document" | "classification" | "clustering" | "similarity";

export interface EmbeddingsRequest {
  /** As the client asked; routing may replace it. */
  readonly model: string;
  /** In order; at least one. */
  readonly inputs: readonly EmbeddingInput[];
  /** Numbers in a vector. */
  readonly dimensions?: number;
  /** How the client wants vectors written. That is its own dialect's matter, whatever a target answers with. */
  readonly encoding?: "float" | "base64";
  readonly purpose?: EmbeddingPurpose;
  /** The end user's id, as the client gave it. */
  readonly user?: string;
  /** Top-level fields with no neutral meaning, by name, for the loss report. */
  readonly extra: Readonly<Record<string, JsonValue>>;
  /** Where the client's dialect keeps a neutral field, e.g. `inputs` → `input`. */
  readonly paths: Readonly<Partial<Record<keyof EmbeddingsRequest, string>>>;
}

/** Where the client's request has a neutral field, for loss reports and errors. */
export function pathOf({ paths }: EmbeddingsRequest, field: keyof EmbeddingsRequest): string {
  return paths[field] ?? field;
}
