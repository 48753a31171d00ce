/** The operation that turns texts into vectors. */
import type { EmbeddingsRequest } from "../embeddings/request.ts";
import type { Operation } from "./operation.ts";

export const embed: Operation<EmbeddingsRequest> = Object.freeze({
  name: "embed",
  title: "embeddings",
  unbilledAnswer: true,
  texts: ({ inputs }: EmbeddingsRequest) =>
    inputs.flatMap((input) => (input.kind === "text" ? [input.text] : [])),
});
