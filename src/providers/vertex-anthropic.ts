/**
 * Claude at Vertex AI: Anthropic's format, the model in the path and the version in the body.
 *
 * Source: https://docs.anthropic.com/en/api/claude-on-vertex-ai
 */
import { noQuirks, type Quirks } from "../dialects/dialect.ts";
import { finishesAll } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import type { Addressing, Provider } from "./provider.ts";
import { vertexPlace } from "./vertex.ts";

/** Sources that are URLs are a 400 here: https://github.com/anthropics/anthropic-sdk-typescript/issues/1038 */
const quirks: Quirks = Object.freeze({
  unsupported: [],
  renamed: {},
  elsewhere: ["model"],
  added: { anthropic_version: "vertex-2023-10-16" },
  fetchesNoUrls: true,
});

export const vertexAnthropic: Provider = {
  name: "vertex-anthropic",
  dialect: "anthropic",
  priceId: "google",
  abandoned: finishesAll,
  quirks,
  path: ({ settings, model, stream }) =>
    `${vertexPlace(settings)}/publishers/anthropic/models/${encodeURIComponent(model)}:${stream ? "streamRawPredict" : "rawPredict"}`,
  headers: betaHeader,
  also: [
    {
      // One endpoint for all models; here the body names the one that is meant.
      // Source: https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/count-tokens
      dialect: "anthropic-count-tokens",
      quirks: noQuirks,
      path: ({ settings }) => `${vertexPlace(settings)}/publishers/anthropic/models/count-tokens:rawPredict`,
      headers: betaHeader,
    },
  ],
  foreignHeaders: headersForeignTo("anthropic"),
};

function betaHeader({ sameDialect, clientHeader }: Addressing): Array<readonly [string, string]> {
  const beta = sameDialect ? clientHeader("anthropic-beta") : undefined;
  return beta === undefined ? [] : [["anthropic-beta", beta]];
}
