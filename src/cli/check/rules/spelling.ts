/** YAML that means nothing to Envoy. */
import type { CheckRule } from "../finding.ts";

export const spellingRules: readonly CheckRule[] = [
  {
    id: "merge-key",
    severity: "error",
    hint: "repeat the keys, or let an alias stand for the whole value",
    *find({ root }) {
      for (const { mergeKeyAt } of root.descendants()) {
        if (mergeKeyAt === undefined) continue;
        yield {
          at: mergeKeyAt,
          message: "Envoy does not know YAML merge keys: << is a field like any other to it",
        };
      }
    },
  },
];
