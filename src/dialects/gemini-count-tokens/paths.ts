/** Paths of calls that count; the method apart they are those of calls that generate. */
import { formatGeneratePath } from "../gemini/paths.ts";

/** Google AI's and Vertex AI's paths alike. */
export const countPath = /\/(models|tunedModels)\/(.+):countTokens$/;

/** The path of the call whose tokens are counted, which names the model in the same place. */
export function generatePathOf(path: string): string {
  return path.replace(/:countTokens(?=$|\?)/, ":generateContent");
}

/** Where a provider that speaks the format takes requests, behind its prefix. */
export function formatCountPath(model: string): string {
  return formatGeneratePath({ model, stream: false }).replace(/:generateContent$/, ":countTokens");
}
