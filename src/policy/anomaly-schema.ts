/** The key `anomalies`: its schema, what it demands of other keys, and what it compiles to. */
import { z } from "zod";
import { type AnomalyKind, type AnomalySettings, anomalyKinds } from "./anomaly-settings.ts";
import type { LocatedIssue } from "./issues.ts";
import { duration, multiple, piecePrice, shown, wholeNumber } from "./scalars.ts";
import { mapping, word } from "./shapes.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const USD = 1_000_000_000;
const mostAmount = 1_000_000_000_000;
/** A model that is dear enough to matter costs much less than what makes a cost matter. */
const expensiveModelPart = 10;

const kinds = z
  .array(word("kind of anomaly", anomalyKinds))
  .min(1, "needs at least one kind")
  .refine((list) => new Set(list).size === list.length, "names one twice");

const atLeast = mapping({
  tokens: wholeNumber(1, mostAmount).default(100_000),
  usd: piecePrice("minute")
    .refine((nanoUsd) => nanoUsd > 0, "must be more than 0")
    .default(USD),
  requests: wholeNumber(1, mostAmount).default(60),
  errors: wholeNumber(1, mostAmount).default(20),
  retries: wholeNumber(1, mostAmount).default(20),
});

export const anomalies = mapping({
  mode: word("mode", ["observe", "enforce"]).default("observe"),
  factor: multiple(1.5, 1_000).default(10),
  price_factor: multiple(1.5, 1_000).default(3),
  kinds: kinds.default([...anomalyKinds]),
  warm_up: duration(SECOND_MS, 720 * HOUR_MS).default(24 * HOUR_MS),
  at_least: atLeast.prefault({}),
  brake: mapping({
    for: duration(SECOND_MS, 24 * HOUR_MS),
    kinds: kinds.optional(),
  }).optional(),
});

type AnomaliesDocument = z.output<typeof anomalies>;

/** @param identity who is known, as far as the policy says: an app or a user must be, or nobody is watched */
export function ofAnomalies(
  { mode, kinds: watched, brake }: AnomaliesDocument,
  identity: { readonly app?: unknown; readonly user?: unknown } | undefined,
): LocatedIssue[] {
  const issues: LocatedIssue[] = [];
  if (identity !== undefined && identity.app === undefined && identity.user === undefined) {
    issues.push({ at: ["anomalies"], message: "nobody is watched: identity has no source for app or user" });
  }
  if (mode === "enforce" && brake === undefined) {
    issues.push({ at: ["anomalies", "brake"], message: `required by mode "enforce"` });
  }
  if (brake !== undefined && brake.kinds === undefined && !watched.some(isRunningAway)) {
    issues.push({
      at: ["anomalies", "brake", "kinds"],
      message: "required: expensive_model alone brakes nobody",
    });
  }
  brake?.kinds?.forEach((kind, index) => {
    if (watched.includes(kind)) return;
    issues.push({
      at: ["anomalies", "brake", "kinds", index],
      message: `${shown(kind)} is not watched: it is not in kinds`,
    });
  });
  return issues;
}

export function anomalySettingsOf(document: AnomaliesDocument): AnomalySettings {
  const { at_least: floors, brake } = document;
  return {
    mode: document.mode,
    factor: document.factor,
    priceFactor: document.price_factor,
    kinds: document.kinds,
    warmUpMs: document.warm_up,
    atLeast: {
      tokens: floors.tokens,
      cost: floors.usd,
      rate: floors.requests,
      expensive_model: floors.usd / expensiveModelPart,
      errors: floors.errors,
      retries: floors.retries,
    },
    brake: brake && { forMs: brake.for, kinds: brake.kinds ?? document.kinds.filter(isRunningAway) },
  };
}

/** An application with an expensive model works as it was built; to stop it has to be asked for. */
function isRunningAway(kind: AnomalyKind): boolean {
  return kind !== "expensive_model";
}
