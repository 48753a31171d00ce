/** What one key of the metadata demands of another; the schema sees each alone. */
import { type NamedField, namedFields } from "../identity/caller.ts";
import { ofAnomalies } from "./anomaly-schema.ts";
import { ofCalls } from "./call-patterns.ts";
import type { LocatedIssue } from "./issues.ts";
import type { PathSegment } from "./paths.ts";
import { PatternTable } from "./patterns.ts";
import { ofQuotas, type Surroundings } from "./quotas-agreement.ts";
import { shown } from "./scalars.ts";
import type { PolicyDocument } from "./schema.ts";
import { suggestion } from "./suggestion.ts";

type IdentityDocument = NonNullable<PolicyDocument["identity"]>;
type PriceDocument = NonNullable<PolicyDocument["prices"]>[string];
type ModelDocument = NonNullable<PolicyDocument["models"]>[string];

export function disagreements(document: PolicyDocument): LocatedIssue[] {
  const issues: LocatedIssue[] = [];
  const clusters = Object.keys(document.targets);
  if (clusters.length === 0) issues.push({ at: ["targets"], message: "needs at least one target" });
  if (document.models === undefined && clusters.length > 1) {
    issues.push({ at: ["models"], message: "required, since there is more than one target to choose from" });
  }
  const models = Object.entries(document.models ?? {});
  if (document.models !== undefined && models.length === 0) {
    issues.push({ at: ["models"], message: "needs at least one model" });
  }
  for (const [cluster, settings] of Object.entries(document.targets)) {
    const { quirks } = settings;
    issues.push(...ofPath(["targets", cluster], settings));
    if (quirks !== undefined) issues.push(...ofQuirks(["targets", cluster, "quirks"], quirks));
  }
  if (document.identity !== undefined) issues.push(...ofIdentity(document.identity, models));
  issues.push(...ofQuotas(document, surroundingsOf(document)));
  for (const [pattern, model] of models) {
    issues.push(...ofPattern(["models", pattern], pattern), ...ofModel(["models", pattern], model, clusters));
  }
  if (document.media !== undefined) issues.push(...ofMedia(["media", "fetch"], document.media.fetch));
  if (document.anomalies !== undefined) issues.push(...ofAnomalies(document.anomalies, document.identity));
  for (const [pattern, { cluster }] of Object.entries(document.calls ?? {})) {
    issues.push(...ofPattern(["calls", pattern], pattern));
    issues.push(...ofCluster(["calls", pattern, "cluster"], cluster, clusters));
  }
  issues.push(...ofCalls(document.calls ?? {}, document.targets));
  for (const [pattern, price] of Object.entries(document.prices ?? {})) {
    issues.push(...ofPattern(["prices", pattern], pattern), ...ofPrice(["prices", pattern], price));
  }
  return issues;
}

/** Whether a policy's callers can never have that field. */
function neverKnown(identity: IdentityDocument): (field: string) => boolean {
  const isNamed = (field: string): field is NamedField => namedFields.some((name) => name === field);
  const usesKeys =
    identity.require?.includes("key") === true ||
    namedFields.some((field) => identity[field]?.some(({ key }) => key !== undefined));
  return (field) => {
    if (field.startsWith("tag.")) return identity.tags === undefined && !usesKeys;
    return field === "key"
      ? !usesKeys
      : isNamed(field) && field !== "tenant" && identity[field] === undefined;
  };
}

/** Without `identity` headers say who calls, but for plans, keys and tags. */
const unknownWithoutIdentity = /^(?:plan|key|tag\..*)$/;

function surroundingsOf({ identity, models }: PolicyDocument): Surroundings {
  const table = new PatternTable(Object.keys(models ?? {}).map((pattern) => [pattern, pattern]));
  return {
    isNeverKnown:
      identity === undefined ? (field) => unknownWithoutIdentity.test(field) : neverKnown(identity),
    serves: (model) => models === undefined || table.find(model) !== undefined,
  };
}

/** What would never be known must neither be required nor told apart by. */
function ofIdentity(
  identity: IdentityDocument,
  models: ReadonlyArray<readonly [pattern: string, model: ModelDocument]>,
): LocatedIssue[] {
  const isNeverKnown = neverKnown(identity);
  const issues: LocatedIssue[] = [];
  identity.require?.forEach((requirement, index) => {
    if (requirement === "tenant" ? identity.tenant !== undefined : !isNeverKnown(requirement)) return;
    issues.push({
      at: ["identity", "require", index],
      message: `nothing says the ${requirement}: identity has no source for it`,
    });
  });
  for (const [pattern, { sticky = [] }] of models) {
    sticky.forEach((field, index) => {
      if (!isNeverKnown(field)) return;
      const message = `${shown(field)} is never known: identity has no source for it`;
      issues.push({ at: ["models", pattern, "sticky", index], message });
    });
  }
  return issues;
}

function ofPattern(at: PathSegment[], pattern: string): LocatedIssue[] {
  if (pattern.trim() !== pattern) return [{ at, message: `${shown(pattern)} begins or ends with a blank` }];
  const star = pattern.indexOf("*");
  if (star < 0 || star === pattern.length - 1) return [];
  return [{ at, message: "* may stand only once, at the end" }];
}

function ofModel(at: PathSegment[], model: ModelDocument, clusters: readonly string[]): LocatedIssue[] {
  const issues: LocatedIssue[] = [];
  const isSplit = model.strategy === "split";
  if (model.sticky !== undefined && !isSplit) {
    issues.push({ at: [...at, "sticky"], message: `only strategy "split" can be sticky` });
  }
  model.targets.forEach(({ cluster, weight }, index) => {
    const here = [...at, "targets", index];
    issues.push(...ofCluster([...here, "cluster"], cluster, clusters));
    if (weight !== undefined && !isSplit) {
      issues.push({ at: [...here, "weight"], message: `only strategy "split" has weights` });
    }
  });
  if (isSplit && model.targets.every(({ weight }) => weight === 0)) {
    issues.push({ at: [...at, "targets"], message: "every weight is 0: nobody would be asked" });
  }
  return issues;
}

/** Whoever may name any private host could read what only the cluster's own machines should. */
function ofMedia(at: PathSegment[], fetch: NonNullable<PolicyDocument["media"]>["fetch"]): LocatedIssue[] {
  const isAny = fetch.hosts.some(({ host }) => host === "*");
  if (!fetch.allow_private || !isAny) return [];
  return [
    { at: [...at, "allow_private"], message: `needs hosts by name; "*" reaches public addresses only` },
  ];
}

function ofCluster(at: PathSegment[], cluster: string, clusters: readonly string[]): LocatedIssue[] {
  if (clusters.includes(cluster)) return [];
  return [{ at, message: `${shown(cluster)} is not in targets${suggestion(cluster, clusters)}` }];
}

/** Prices of what is not counted in tokens. */
const piecePrices = ["request", "image", "minute", "hour", "search"] as const;
const tokenPrices = ["input", "output", "cache_read", "cache_write"] as const;

/** Tokens may be left out as a whole where something else is paid for. */
function ofPrice(at: PathSegment[], price: PriceDocument): LocatedIssue[] {
  const issues: LocatedIssue[] = [];
  const pricesTokens = tokenPrices.some((key) => price[key] !== undefined);
  const pricesPieces = piecePrices.some((key) => price[key] !== undefined);
  const adjustsList = price.discount !== undefined || price.margin !== undefined;
  for (const key of ["input", "output"] as const) {
    const isRequired = pricesTokens || !(pricesPieces || adjustsList);
    if (isRequired && price[key] === undefined) issues.push({ at: [...at, key], message: "required" });
  }
  if (price.minute !== undefined && price.hour !== undefined) {
    issues.push({ at: [...at, "hour"], message: "minute says it already" });
  }
  return issues;
}

/** Parts of paths that only some providers have, and whether those can do without. */
const partsOfPaths = [
  { key: "project", providers: ["vertex", "vertex-anthropic"], isRequired: true },
  { key: "location", providers: ["vertex", "vertex-anthropic"], isRequired: true },
  { key: "account", providers: ["cloudflare-workers-ai"], isRequired: true },
  { key: "api_version", providers: ["azure-openai", "azure-openai-responses"], isRequired: false },
] as const;

function ofPath(at: PathSegment[], settings: PolicyDocument["targets"][string]): LocatedIssue[] {
  return partsOfPaths.flatMap(({ key, providers, isRequired }) => {
    const isKnown = providers.some((name) => name === settings.provider);
    if (settings[key] === undefined) {
      if (!isKnown || !isRequired) return [];
      return [{ at: [...at, key], message: `required by provider "${settings.provider}"` }];
    }
    if (isKnown) return [];
    const owners = providers.map((name) => `"${name}"`).join(", ");
    return [{ at: [...at, key], message: `only provider ${owners} has ${key}` }];
  });
}

function ofQuirks(
  at: PathSegment[],
  quirks: NonNullable<PolicyDocument["targets"][string]["quirks"]>,
): LocatedIssue[] {
  const issues: LocatedIssue[] = [];
  const takenBy = new Map<string, string>();
  for (const [from, to] of Object.entries(quirks.renamed)) {
    const here = [...at, "renamed", from];
    const earlier = takenBy.get(to);
    if (quirks.unsupported.includes(from)) issues.push({ at: here, message: "is also in unsupported" });
    if (earlier !== undefined) issues.push({ at: here, message: `${shown(earlier)} is renamed to that too` });
    takenBy.set(to, from);
  }
  for (const name of Object.keys(quirks.renamed_headers ?? {})) {
    if (quirks.headers?.[name] === undefined) continue;
    issues.push({ at: [...at, "renamed_headers", name], message: "is also in headers" });
  }
  return issues;
}
