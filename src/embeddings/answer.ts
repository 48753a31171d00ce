/** Embeddings in neutral form. */
import type { Usage } from "../conversation/usage.ts";

/** As the provider wrote it: numbers, or base64 of little-endian 32-bit floats. */
export type Vector = readonly number[] | string;

export interface EmbeddingsAnswer {
  /** One for each input, in the order of the inputs. */
  readonly vectors: readonly Vector[];
  /** Undefined when the provider did not count. */
  readonly usage: Usage | undefined;
  /** The model that the provider says it used; empty when it does not say. */
  readonly model: string;
}
