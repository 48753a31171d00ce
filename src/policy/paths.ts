/** Where in the metadata something is, as a person would write it. */

export type PathSegment = string | number;

/** `models.gpt-4o.targets[1].cluster`; names with dots or blanks are quoted: `models["gpt-4.1"]`. */
export function renderPath(segments: readonly PathSegment[]): string {
  let path = "";
  for (const segment of segments) {
    if (typeof segment === "number") path += `[${segment}]`;
    else if (!/^[A-Za-z0-9_*-]+$/.test(segment)) path += `[${JSON.stringify(segment)}]`;
    else path += path === "" ? segment : `.${segment}`;
  }
  return path;
}
