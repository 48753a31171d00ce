/** Servers that speak the format but not all of it. */
import type { Losses } from "../../conversation/losses.ts";
import type { JsonValue } from "../../json/types.ts";
import type { Quirks } from "../dialect.ts";
import { applyQuirks, type FieldChanges } from "../openai-chat/quirks.ts";

const usual: ReadonlyMap<string, JsonValue> = new Map([["encoding_format", "float"]]);

/**
 * As `applyQuirks`; but who cannot make vectors of the length that was asked for is asked last.
 *
 * @returns the changes, added to
 */
export function fitFields(
  quirks: Quirks,
  field: (name: string) => JsonValue | undefined,
  changes: FieldChanges,
  losses: Losses,
  pathOf: (name: string) => string | undefined,
): FieldChanges {
  const path = quirks.unsupported.includes("dimensions") ? pathOf("dimensions") : undefined;
  const isLost = path !== undefined && typeof field("dimensions") === "number";
  if (isLost) losses.droppedContent(path, "The target's server makes vectors of one length only.");
  applyQuirks(
    quirks,
    field,
    changes,
    losses,
    (name) => (name === "dimensions" && isLost ? undefined : pathOf(name)),
    usual,
  );
  return changes;
}
