/**
 * The path of a call, which names the model and says whether the answer streams; the body says neither.
 *
 * Sources: https://ai.google.dev/api/generate-content,
 * https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models/generateContent
 */
import { InvalidRequestError } from "../../conversation/error.ts";

/** Google AI's and Vertex AI's paths alike; other methods (`:countTokens`, `:embedContent`) are not of this format. */
export const generatePath = /\/(models|tunedModels)\/(.+):(generateContent|streamGenerateContent)$/;

export interface GenerateCall {
  /** As the client wrote it, decoded; `tunedModels/…` with its collection. */
  readonly model: string;
  readonly stream: boolean;
}

/**
 * @param path with its query
 * @throws InvalidRequestError when it names no model, or asks for a stream in a form that is neither of the two
 */
export function readGeneratePath(path: string): GenerateCall {
  const mark = path.indexOf("?");
  const match = generatePath.exec(mark < 0 ? path : path.slice(0, mark));
  const model = match === null ? undefined : decoded(match[2] ?? "");
  if (match === null || model === undefined) {
    throw new InvalidRequestError("", "The path names no model: models/{model}:generateContent is expected.");
  }
  const stream = match[3] === "streamGenerateContent";
  if (stream && streamForm(path) === undefined) {
    const message = "Streams are served as server-sent events (alt=sse) or as a JSON array (alt=json).";
    throw new InvalidRequestError("", message, 400, "alt_unsupported");
  }
  return { model: match[1] === "tunedModels" ? `tunedModels/${model}` : model, stream };
}

/**
 * How a client that calls by this path wants a stream: as server-sent events, or as Google's APIs stream unless told
 * otherwise, in one JSON array. Undefined when it asks for another form (`alt=proto`).
 *
 * Google's generated clients say `$alt=json;enum-encoding=int`; they read enums by name as well.
 *
 * Source: https://cloud.google.com/apis/docs/system-parameters
 */
export function streamForm(path: string): "events" | "array" | undefined {
  const mark = path.indexOf("?");
  const query = new URLSearchParams(mark < 0 ? "" : path.slice(mark + 1));
  const alternative = query.get("alt") ?? query.get("$alt") ?? "json";
  if (alternative === "sse") return "events";
  return alternative === "" || /^json(;|$)/.test(alternative) ? "array" : undefined;
}

/** Where a provider that speaks the format takes requests, behind its prefix. */
export function formatGeneratePath({ model, stream }: GenerateCall): string {
  return `${formatModelPath(model)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
}

/** What stands before the colon and the method's name. */
export function formatModelPath(model: string): string {
  return `/${resourceName(model).split("/").map(encodeURIComponent).join("/")}`;
}

/** The model with its collection. */
export function resourceName(model: string): string {
  return /^(models|tunedModels)\//.test(model) ? model : `models/${model}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
