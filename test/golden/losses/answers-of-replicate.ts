/** Source: https://replicate.com/docs/reference/http#models.predictions.create */
import type { JsonObject } from "../../../src/json/types.ts";
import { answers } from "./probe.ts";

const prediction = (more: JsonObject = {}): JsonObject => ({
  id: "p1",
  model: "meta/meta-llama-3-70b-instruct",
  version: "hidden",
  input: { prompt: "What is the weather?", max_tokens: 2 },
  output: ["Sun", "ny."],
  error: null,
  status: "succeeded",
  created_at: "2025-10-09T08:53:20.000Z",
  metrics: { input_token_count: 1, output_token_count: 1, predict_time: 0.1 },
  ...more,
});

export const replicateAnswers = answers({
  text: prediction(),
  "stopped at the limit": prediction({ metrics: { input_token_count: 1, output_token_count: 2 } }),
});
