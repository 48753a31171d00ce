/** What encoders of answers are told in tests: the same every time. */
import type { EncodeContext } from "../src/dialects/dialect.ts";
import { seal } from "./sealing.ts";

export const encodeContext: EncodeContext = {
  model: "asked",
  includeUsage: true,
  now: 1,
  newId: () => "x".repeat(24),
  seal,
};
