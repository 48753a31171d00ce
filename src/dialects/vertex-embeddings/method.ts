/**
 * Which method serves a model, told by its name as Google's own SDK does it.
 *
 * Source: https://github.com/googleapis/js-genai (`tIsVertexEmbedContentModel`)
 */
export type Method = "predict" | "embedContent";

export function methodOf(model: string): Method {
  return model.includes("gemini") && !model.endsWith("gemini-embedding-001") ? "embedContent" : "predict";
}

/** Behind the publisher's part of the path. */
export function formatEmbedPath(model: string): string {
  return `/models/${encodeURIComponent(model)}:${methodOf(model)}`;
}
