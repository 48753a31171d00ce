/** Source: https://platform.openai.com/docs/api-reference/completions/create */
import { defaults, type RequestCatalogue, rows } from "./probe.ts";

export const openaiCompletionsRequests: RequestCatalogue = {
  path: "/v1/completions",
  plain: { model: "gpt-3.5-turbo-instruct", prompt: "The capital of France is" },
  probes: [
    ...rows({
      "several prompts": { prompt: ["One", "Two"] },
      "a prompt as tokens": { prompt: [464, 3139, 286] },
      max_tokens: { max_tokens: 64 },
      temperature: { temperature: 0.2 },
      "temperature above 1": { temperature: 1.5 },
      top_p: { top_p: 0.9 },
      n: { n: 2 },
      stop: { stop: ["END"] },
      seed: { seed: 7 },
      frequency_penalty: { frequency_penalty: 0.5 },
      presence_penalty: { presence_penalty: 0.5 },
      suffix: { suffix: "." },
      echo: { echo: true },
      logprobs: { logprobs: 2 },
      best_of: { best_of: 3 },
      logit_bias: { logit_bias: { "50256": -100 } },
      user: { user: "someone" },
    }),
    ...defaults({
      "a list of one prompt": { prompt: ["The capital of France is"] },
      "`echo: false`": { echo: false },
      "`best_of: 1`": { best_of: 1 },
    }),
  ],
};
