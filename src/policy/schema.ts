/**
 * The schema of the `tollgate` metadata. What it means is in `docs/policy.md`; what one key demands of another is in
 * `agreement.ts`. Keys that are not here are errors, the ones that are planned included.
 */
import { z } from "zod";
import { modalities } from "../conversation/modalities.ts";
import { dialectNames, otherDialectNames } from "../conversation/parts.ts";
import { callerFields } from "../identity/caller.ts";
import { isSteerable } from "../providers/headers.ts";
import { providerNames } from "../providers/registry.ts";
import { anomalies } from "./anomaly-schema.ts";
import { identity } from "./identity-schema.ts";
import { budgets, limits } from "./quotas-schema.ts";
import { duration, fraction, host, piecePrice, price, shown, text, wholeNumber } from "./scalars.ts";
import { mapping, record, word } from "./shapes.ts";

const strategies = ["fallback", "split"] as const;
const plannedStrategies: ReadonlySet<unknown> = new Set(["escalate", "cheapest", "fastest"]);
/** Each list has an end: see `record`. */
const mostTargetsPerModel = 16;
const longestTryMs = 3_600_000;
/** A hundred times the cost: more is a slip. */
const highestMargin = 100;
const MIB = 1_048_576;
const mostHosts = 200;
/** Of one request; it is held in memory until the answer comes. */
const mostMediaBytes = 100 * MIB;
const mostMediaFiles = 64;
/** Envoy waits for the verdict meanwhile (`max_message_timeout`). */
const longestFetchMs = 30_000;

const basePath = text("a path such as /openai/v1").transform((path, context) => {
  const isClean = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/.test(path) && !path.split("/").includes("..");
  if (isClean) return path.replace(/\/+$/, "");
  context.addIssue({ code: "custom", message: `expected a path that begins with "/", got ${shown(path)}` });
  return z.NEVER;
});

/** A name that becomes one segment of a path. */
function pathSegment(what: string) {
  return text(what).refine((name) => /^[a-z0-9][a-z0-9.:-]*$/i.test(name), `expected ${what}`);
}

function atMost(entries: number) {
  return (mapping: object) => Object.keys(mapping).length <= entries;
}

/** Without these a request asks for nothing, so no server refuses them. */
const indispensable: ReadonlySet<string> = new Set(["model", "messages"]);
const field = text("the name of a top-level field");
const removableField = field.refine((name) => !indispensable.has(name), "this field cannot be left out");

/** With a query if need be; `{model}` stands for the model. */
const serverPath = text("a path such as /generate").refine(
  (path) => /^\/[\w\-.~!$&'()*+,;=:@%/?{}]*$/.test(path) && !path.split("/").includes(".."),
  'expected a path that begins with "/"',
);

const headerName = text("the name of a header")
  .transform((name) => name.toLowerCase())
  .refine(isSteerable, "this header cannot be changed here: credentials are Envoy's, and others HTTP's own");

const headerValue = z.unknown().transform((value, context): string | false => {
  if (value === false) return false;
  const isText = typeof value === "string" && value.length <= 1024;
  if (isText && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value;
  const message = `expected printable ASCII text, or false for a header to leave out; got ${shown(value)}`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const anyDialect = word("dialect", [...dialectNames, ...otherDialectNames]);

const quirks = mapping({
  paths: z.record(anyDialect, serverPath).optional(),
  headers: z.record(headerName, headerValue).refine(atMost(50), "has more than 50 entries").optional(),
  renamed_headers: z.record(headerName, headerName).refine(atMost(50), "has more than 50 entries").optional(),
  unsupported: z.array(removableField).max(100).default([]),
  renamed: z.record(removableField, field).default({}),
  fetches_no_urls: z.boolean().default(false),
});

const targetSettings = mapping({
  provider: word("provider", providerNames),
  base_path: basePath.optional(),
  quirks: quirks.optional(),
  project: pathSegment("a Google Cloud project").optional(),
  location: pathSegment("a region such as europe-west4, or global").optional(),
  account: pathSegment("the id of an account").optional(),
  api_version: pathSegment("a version of the API such as 2024-10-21").optional(),
});

const target = mapping({
  cluster: text("the name of a cluster"),
  model: text("the name of a model").optional(),
  weight: wholeNumber(0, 1_000_000).optional(),
  max_tokens: wholeNumber(1, 10_000_000).optional(),
  accepts: z
    .array(word("kind of content", modalities))
    .max(modalities.length)
    // Said all the same, so that nobody takes the list for what is accepted on top.
    .refine((kinds) => kinds.includes("text"), "must name text, which every model takes")
    .optional(),
});

const modelRoute = mapping({
  strategy: word("strategy", strategies, plannedStrategies).default("fallback"),
  targets: z
    .array(target)
    .min(1, "needs at least one target")
    .max(mostTargetsPerModel, `has more than ${mostTargetsPerModel} targets`),
  sticky: z.array(word("caller field", callerFields)).min(1).max(callerFields.length).optional(),
  attempts: wholeNumber(1, 10).optional(),
  per_try_timeout: duration(1, longestTryMs).optional(),
});

const priceEntry = mapping({
  input: price.optional(),
  output: price.optional(),
  cache_read: price.optional(),
  cache_write: price.optional(),
  request: piecePrice("call").optional(),
  image: piecePrice("image").optional(),
  minute: piecePrice("minute of audio").optional(),
  hour: piecePrice("hour of audio").optional(),
  search: piecePrice("search").optional(),
  discount: fraction(1).optional(),
  margin: fraction(highestMargin).optional(),
});

const media = mapping({
  fetch: mapping({
    hosts: z.array(host).min(1).max(mostHosts),
    max_bytes: wholeNumber(1, mostMediaBytes).default(20 * MIB),
    max_files: wholeNumber(1, mostMediaFiles).default(16),
    timeout: duration(100, longestFetchMs).default(10_000),
    allow_private: z.boolean().default(false),
  }),
});

const callRoute = mapping({ cluster: text("the name of a cluster") });

/** Route and virtual host merged. */
export const policySchema = mapping({
  identity: identity.optional(),
  targets: record(targetSettings),
  models: record(modelRoute).optional(),
  calls: record(callRoute).optional(),
  prices: record(priceEntry).optional(),
  limits: limits.optional(),
  budgets: budgets.optional(),
  media: media.optional(),
  anomalies: anomalies.optional(),
  strict: z.boolean().default(false),
});

/** The metadata after the schema: defaults filled in, numbers as numbers. */
export type PolicyDocument = z.output<typeof policySchema>;
