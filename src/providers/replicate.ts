/**
 * Replicate, by predictions that are waited for. Official models and deployments are asked by paths of their own, any
 * other model by its version, which is in the body.
 *
 * Sources: https://replicate.com/docs/reference/http,
 * https://replicate.com/docs/topics/predictions/create-a-prediction#sync-mode,
 * https://replicate.com/changelog/2025-10-16-prediction-deadlines
 */
import { noQuirks } from "../dialects/dialect.ts";
import { parseModelName } from "../dialects/replicate/model-name.ts";
import { finishesAll } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import type { Addressing, Provider } from "./provider.ts";

/** The longest that Replicate holds a request, and the shortest deadline that it takes. Seconds. */
const longestWait = 60;
const shortestDeadline = 5;

export const replicate: Provider = {
  name: "replicate",
  dialect: "replicate",
  priceId: undefined,
  abandoned: finishesAll,
  quirks: noQuirks,
  path: ({ settings, model }) => `${settings.basePath ?? "/v1"}${predictionsPath(model)}`,
  headers: waitingHeaders,
  foreignHeaders: headersForeignTo("replicate"),
};

function predictionsPath(model: string): string {
  const name = parseModelName(model);
  switch (name?.kind) {
    case "official":
      return `/models/${encodeURIComponent(name.owner)}/${encodeURIComponent(name.name)}/predictions`;
    case "deployment":
      return `/deployments/${encodeURIComponent(name.owner)}/${encodeURIComponent(name.name)}/predictions`;
    // What is none of Replicate's names has been refused before it is addressed.
    case "version":
    case undefined:
      return "/predictions";
    default: {
      const never: never = name;
      return never;
    }
  }
}

/**
 * The wait is no shorter than the try, so that Envoy's timeout comes first and the next target is asked. What is not
 * ready by then nobody will fetch: the deadline keeps it from running, and from being billed, for nothing.
 */
function waitingHeaders({ tryTimeoutMs }: Addressing): Array<readonly [string, string]> {
  const seconds = tryTimeoutMs === undefined ? longestWait : Math.ceil(tryTimeoutMs / 1000);
  const wait = Math.min(Math.max(seconds, 1), longestWait);
  return [
    ["prefer", `wait=${wait}`],
    ["cancel-after", `${Math.max(wait, shortestDeadline)}s`],
  ];
}
