/** From what speaks for a caller to the caller, as the policy wants it. */
import { type Caller, callerField, defaultTenant, type NamedField } from "./caller.ts";
import { claimText } from "./claims.ts";
import { cleaned } from "./cleaned.ts";
import type { Evidence } from "./evidence.ts";
import type { Identity, Requirement, Source } from "./identity.ts";
import { tagsOf } from "./tags.ts";

/** @throws TagsError when the client's own tags cannot be read */
export function identify(identity: Identity, evidence: Evidence): Caller {
  const { key, clientIp } = evidence;
  const found = (field: NamedField) => firstOf(identity.sources[field], evidence);
  return {
    tenant: found("tenant") ?? defaultTenant,
    app: found("app"),
    user: found("user"),
    department: found("department"),
    plan: found("plan"),
    ip: clientIp === undefined ? undefined : cleaned(clientIp),
    keyId: key?.id,
    keyLimits: key?.limits,
    tags: tagsOf(identity.tags, evidence),
  };
}

/** What the policy requires and is not known; undefined: all is. */
export function missing(identity: Identity, caller: Caller, evidence: Evidence): Requirement | undefined {
  return identity.required.find((requirement) => {
    switch (requirement) {
      case "key":
        return evidence.key === undefined;
      case "jwt":
        return evidence.claims === undefined;
      case "cert":
        return evidence.certificate?.fingerprint === undefined;
      case "tenant":
        // The one that stands in for an unknown tenant does not make it known.
        return firstOf(identity.sources.tenant, evidence) === undefined;
      default:
        return callerField(caller, requirement) === undefined;
    }
  });
}

function firstOf(sources: readonly Source[], evidence: Evidence): string | undefined {
  for (const source of sources) {
    const text = textOf(source, evidence);
    const value = text === undefined ? undefined : cleaned(text);
    if (value !== undefined) return value;
  }
  return undefined;
}

function textOf(source: Source, evidence: Evidence): string | undefined {
  switch (source.from) {
    case "value":
      return source.value;
    case "header":
      return evidence.header(source.name);
    case "key":
      return evidence.key?.[source.member];
    case "jwt":
      return evidence.claims === undefined ? undefined : claimText(evidence.claims, source.claim);
    case "cert":
      return evidence.certificate?.[source.part];
    default:
      return source satisfies never;
  }
}
