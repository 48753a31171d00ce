/** Which vendor's words a model takes, told by its id: also inside an ARN or behind a region's prefix (`us.`, `global.`). */
export type ModelFamily =
  | "titan-text-v1"
  | "titan-text-v2"
  | "titan-multimodal"
  | "cohere-v3"
  | "cohere-v4"
  | "nova";

/** The first that matches counts. */
const rows: ReadonlyArray<readonly [id: RegExp, family: ModelFamily]> = [
  [/amazon\.titan-embed-image/, "titan-multimodal"],
  [/amazon\.titan-embed-text-v2/, "titan-text-v2"],
  [/amazon\.titan-embed/, "titan-text-v1"],
  [/cohere\.embed-(english|multilingual)-v3/, "cohere-v3"],
  [/cohere\.embed/, "cohere-v4"],
  [/amazon\.nova.*embed/, "nova"],
];

/** Undefined when the id does not tell, as that of an application's own inference profile. */
export function familyOf(model: string): ModelFamily | undefined {
  return rows.find(([id]) => id.test(model))?.[1];
}
