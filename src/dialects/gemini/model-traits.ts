/**
 * What the Gemini models accept. The format is one, but a request that comes from another dialect must fit the model
 * it is sent to.
 *
 * Sources: https://ai.google.dev/gemini-api/docs/thinking, https://ai.google.dev/gemini-api/docs/gemini-3,
 * https://ai.google.dev/gemini-api/docs/structured-output, https://ai.google.dev/gemini-api/docs/file-input-methods,
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export type ThinkingLevel = "MINIMAL" | "LOW" | "MEDIUM" | "HIGH";

export interface ModelTraits {
  /** How thinking is asked for: not at all, with `thinkingBudget`, or with `thinkingLevel`. */
  readonly thinking: "none" | "budget" | "level";
  /** Limits of `thinkingBudget`, in tokens. */
  readonly leastBudget: number;
  readonly mostBudget: number;
  /** Takes a budget of 0, which turns thinking off. */
  readonly canRest: boolean;
  /** Values of `thinkingLevel`, weakest first. */
  readonly levels: readonly ThinkingLevel[];
  /** Has `parametersJsonSchema` and `responseJsonSchema`, which take JSON Schema as it is. */
  readonly jsonSchema: boolean;
  /** Takes functions and JSON output in one request. */
  readonly callsWithJson: boolean;
  /** Answers 400 to a function call of the current turn without its thought signature. */
  readonly signedCalls: boolean;
  /** Takes images and documents inside of `functionResponse`. */
  readonly mediaResults: boolean;
  /** Has the function calling mode VALIDATED. */
  readonly validated: boolean;
  /** Takes `presencePenalty` and `frequencyPenalty`. */
  readonly penalties: boolean;
  /** Fetches files from any public https address, not only from Google's own stores. */
  readonly urls: boolean;
}

const remembered = new Map<string, ModelTraits>();
const maxRemembered = 256;

/** @param model as the target names it; prefixes (`models/`, `publishers/google/models/`) are allowed */
export function modelTraits(model: string): ModelTraits {
  const known = remembered.get(model);
  if (known !== undefined) return known;
  const traits = deriveTraits(model.slice(model.lastIndexOf("/") + 1).toLowerCase());
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(model, traits);
  return traits;
}

/** Names that are not understood (`gemini-flash-latest`, tuned models) are taken for models newer than this table. */
function deriveTraits(name: string): ModelTraits {
  const version = Number(/^gemini-(\d+(?:\.\d+)?)/.exec(name)?.[1] ?? 9.9);
  const isPro = /(^|-)pro(-|$)/.test(name);
  const isLite = name.includes("flash-lite");
  const since = (least: number): boolean => version >= least;
  return {
    thinking: since(3) ? "level" : since(2.5) && !name.includes("image") ? "budget" : "none",
    leastBudget: isPro ? 128 : isLite ? 512 : 1,
    mostBudget: isPro ? 32_768 : 24_576,
    canRest: !isPro,
    levels: levels(version, isPro, isLite),
    jsonSchema: since(2),
    callsWithJson: since(3),
    signedCalls: since(3),
    mediaResults: since(3),
    validated: since(2),
    penalties: version < 2.5,
    urls: since(2.5),
  };
}

/** Which models take MINIMAL differs from one to the next, so it is only asked of those known to. */
function levels(version: number, isPro: boolean, isLite: boolean): readonly ThinkingLevel[] {
  if (isPro) return version < 3.1 ? ["LOW", "HIGH"] : ["LOW", "MEDIUM", "HIGH"];
  const takesMinimal = version < 3.1 || (isLite && version < 4);
  return takesMinimal ? ["MINIMAL", "LOW", "MEDIUM", "HIGH"] : ["LOW", "MEDIUM", "HIGH"];
}
