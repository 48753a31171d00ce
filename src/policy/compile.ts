/** From the checked document to what requests look up in. */
import { type Identity, identityOf, type Source, usualIdentity } from "../identity/identity.ts";
import { type TagSources, usualTagHeader } from "../identity/tags.ts";
import type { TargetSettings } from "../providers/provider.ts";
import { anomalySettingsOf } from "./anomaly-schema.ts";
import { isAllowedHost } from "./hosts.ts";
import { PatternTable } from "./patterns.ts";
import type { CallRoute, MediaFetch, ModelRoute, Policy, PriceTerms, Target } from "./policy.ts";
import { quotasOf } from "./quotas-compile.ts";
import type { PolicyDocument } from "./schema.ts";

type IdentityDocument = NonNullable<PolicyDocument["identity"]>;
type SourceDocument = NonNullable<IdentityDocument["app"]>[number];
type TagsDocument = NonNullable<IdentityDocument["tags"]>;
type SettingsDocument = PolicyDocument["targets"][string];
type ModelDocument = NonNullable<PolicyDocument["models"]>[string];
type MediaDocument = NonNullable<PolicyDocument["media"]>;
type PriceDocument = NonNullable<PolicyDocument["prices"]>[string];

/** @param document one that `disagreements` found nothing wrong with */
export function compile(document: PolicyDocument): Policy {
  const targets = new Map(
    Object.entries(document.targets).map(([cluster, settings]) => [cluster, settingsOf(settings)]),
  );
  const models =
    document.models === undefined
      ? [...targets].map(([cluster, settings]) => everything(cluster, settings))
      : Object.entries(document.models).map(([pattern, model]) => routeOf(pattern, model, targets));
  const routes = new PatternTable(models.map((route) => [route.pattern, route]));
  const calls =
    document.calls &&
    Object.entries(document.calls).map(([pattern, { cluster }]): CallRoute => {
      return { pattern, cluster, settings: knownSettings(cluster, targets) };
    });
  const paths = new PatternTable((calls ?? []).map((call) => [call.pattern, call]));
  const prices = new PatternTable(
    Object.entries(document.prices ?? {}).map(([pattern, entry]) => [pattern, priceOf(entry)]),
  );
  return {
    identity: document.identity === undefined ? usualIdentity : callersOf(document.identity),
    targets,
    models,
    calls,
    call: (path) => paths.find(path),
    quotas: quotasOf(document),
    strict: document.strict,
    mediaFetch: document.media && mediaFetchOf(document.media),
    anomalies: document.anomalies && anomalySettingsOf(document.anomalies),
    model: (name) => routes.find(name),
    price: (name) => prices.find(name),
  };
}

function callersOf(document: IdentityDocument): Identity {
  const { tenant = [], app = [], user = [], department = [], plan = [] } = document;
  return identityOf({
    sources: {
      tenant: tenant.map(sourceOf),
      app: app.map(sourceOf),
      user: user.map(sourceOf),
      department: department.map(sourceOf),
      plan: plan.map(sourceOf),
    },
    required: document.require ?? [],
    tags: document.tags && tagsOf(document.tags),
  });
}

/** The schema has seen to it that there is exactly one. */
function sourceOf({ value, header, key, jwt, cert }: SourceDocument): Source {
  if (value !== undefined) return { from: "value", value };
  if (header !== undefined) return { from: "header", name: header };
  if (key !== undefined) return { from: "key", member: key };
  if (jwt !== undefined) return { from: "jwt", claim: jwt };
  if (cert !== undefined) return { from: "cert", part: cert };
  throw new Error("a source without anything in it passed the check");
}

function tagsOf({ header, aliases, allow }: TagsDocument): TagSources {
  return { header: header ?? usualTagHeader, aliases, allow: allow && new Set(allow) };
}

function settingsOf(settings: SettingsDocument): TargetSettings {
  return {
    provider: settings.provider,
    ...(settings.base_path === undefined ? {} : { basePath: settings.base_path }),
    ...quirksOf(settings.quirks),
    ...(settings.project === undefined ? {} : { project: settings.project }),
    ...(settings.location === undefined ? {} : { location: settings.location }),
    ...(settings.account === undefined ? {} : { account: settings.account }),
    ...(settings.api_version === undefined ? {} : { apiVersion: settings.api_version }),
  };
}

/** What concerns the body, the path and the headers is used in three places. */
function quirksOf(quirks: SettingsDocument["quirks"]): Pick<TargetSettings, "quirks" | "paths" | "headers"> {
  if (quirks === undefined) return {};
  const {
    unsupported,
    renamed,
    paths,
    headers,
    renamed_headers: renamedHeaders,
    fetches_no_urls: fetchesNoUrls,
  } = quirks;
  return {
    quirks: { unsupported, renamed, ...(fetchesNoUrls && { fetchesNoUrls }) },
    ...(paths !== undefined && { paths }),
    ...((headers !== undefined || renamedHeaders !== undefined) && {
      headers: { set: headers ?? {}, renamed: renamedHeaders ?? {} },
    }),
  };
}

function mediaFetchOf({ fetch }: MediaDocument): MediaFetch {
  return {
    allows: (host, port) => isAllowedHost(fetch.hosts, host, port),
    maxBytes: fetch.max_bytes,
    maxFiles: fetch.max_files,
    timeoutMs: fetch.timeout,
    allowPrivate: fetch.allow_private,
  };
}

/** With a single target and no models there is nothing to choose: whatever is asked for goes there. */
function everything(cluster: string, settings: TargetSettings): ModelRoute {
  return {
    pattern: "*",
    strategy: "fallback",
    targets: [{ cluster, settings, model: undefined, weight: 1, maxTokens: undefined, accepts: undefined }],
    sticky: [],
    attempts: undefined,
    perTryTimeoutMs: undefined,
  };
}

function routeOf(
  pattern: string,
  model: ModelDocument,
  settings: ReadonlyMap<string, TargetSettings>,
): ModelRoute {
  return {
    pattern,
    strategy: model.strategy,
    targets: model.targets.map((target) => targetOf(target, settings)),
    sticky: model.sticky ?? [],
    attempts: model.attempts,
    perTryTimeoutMs: model.per_try_timeout,
  };
}

function targetOf(
  target: ModelDocument["targets"][number],
  settings: ReadonlyMap<string, TargetSettings>,
): Target {
  return {
    cluster: target.cluster,
    settings: knownSettings(target.cluster, settings),
    model: target.model,
    weight: target.weight ?? 1,
    maxTokens: target.max_tokens,
    accepts: target.accepts,
  };
}

function knownSettings(cluster: string, settings: ReadonlyMap<string, TargetSettings>): TargetSettings {
  const known = settings.get(cluster);
  if (known === undefined) throw new Error(`cluster ${cluster} passed the check without settings`);
  return known;
}

function priceOf({ discount, margin, ...entry }: PriceDocument): PriceTerms {
  const { input, output, cache_read: cacheRead, cache_write: cacheWrite, minute, hour, ...pieces } = entry;
  const audioHour = minute === undefined ? hour : minute * 60;
  const rates = { input, output, cacheRead, cacheWrite, ...pieces, audioHour };
  return {
    rates: Object.values(rates).some((rate) => rate !== undefined) ? rates : undefined,
    discountPpm: discount ?? 0,
    marginPpm: margin ?? 0,
  };
}
