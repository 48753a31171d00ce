/** What a reasoning item shows of the thinking: summaries and, of open models, the thinking itself. */
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";

/** Between two pieces, which are sections of their own. */
export const sectionBreak = "\n\n";

/** All of it in one text. */
export function reasoningText(item: JsonObject): string {
  return [...texts(item["summary"]), ...texts(item["content"])].join(sectionBreak);
}

function texts(pieces: JsonValue | undefined): string[] {
  return (Array.isArray(pieces) ? pieces : []).flatMap((piece) =>
    isObject(piece) && typeof piece["text"] === "string" && piece["text"] !== "" ? [piece["text"]] : [],
  );
}
