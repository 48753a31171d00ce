/**
 * Reranking as Cohere began it and the others took it over: `{model, query, documents, top_n}`, the documents' places by
 * relevance back. Voyage says `top_k`; whatever is said passes.
 *
 * Sources: https://docs.cohere.com/reference/rerank, https://jina.ai/reranker,
 * https://docs.voyageai.com/reference/reranker-api, https://docs.together.ai/reference/rerank-1,
 * https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#re-rank-api
 */
import { passed } from "../operation.ts";
import { passingDialect } from "../passing/dialect.ts";
import { decodeUsage } from "./usage.ts";

/** The dialect, for the registry. */
export const rerank = passingDialect({
  name: "rerank",
  operation: passed("rerank", "reranking"),
  usage: decodeUsage,
});
