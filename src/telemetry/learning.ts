/** Learns from finished conversations how much models write. */
import type { LearnedOutput } from "../tokens/learned-output.ts";
import type { Recorder } from "./record.ts";

/** Keeps what providers counted, of answers that came to their end, by the model that the target was asked for. */
export function outputLearning(learned: LearnedOutput): Recorder {
  return {
    record({ outcome, status, operation, attemptsTried }) {
      const answering = attemptsTried.at(-1);
      if (operation !== "generate" || outcome !== "finished" || status >= 400) return;
      // An answer of no tokens is one that nobody counted.
      if (answering === undefined || answering.usage.estimated || answering.usage.output === 0) return;
      learned.observe(answering.model, answering.usage.output);
    },
  };
}
