/** Who makes a call: gathers what speaks for the caller, and holds it against what the policy requires. */
import type { HeaderList } from "../extproc/headers.ts";
import type { Opening } from "../extproc/session.ts";
import type { Caller } from "../identity/caller.ts";
import type { Certificate, CertificatePart, Evidence } from "../identity/evidence.ts";
import { identify, missing } from "../identity/identify.ts";
import type { Identity, Requirement } from "../identity/identity.ts";
import { TagsError } from "../identity/tags.ts";
import { presentedKey, type VirtualKey } from "../identity/virtual-key.ts";
import { parseObject } from "../json/parse-object.ts";
import type { JsonObject } from "../json/types.ts";
import type { KeyVerdict } from "../keys/known-keys.ts";
import type { Refusal } from "../rules/rule.ts";
import { refusal } from "./reply.ts";
import type { Services } from "./services.ts";

/** A caller, as far as it is known, and why it may not call if so. */
export interface Identified {
  readonly caller: Caller;
  readonly refused: Refusal | undefined;
}

/** The streams' metadata lack what the policy's sources need: nobody can be known on this route. */
class UnreadableEvidence extends Error {}

/** Synchronous unless a virtual key has to be looked up. */
export function identifyCaller(
  services: Services,
  route: string,
  identity: Identity,
  opening: Opening,
  headers: HeaderList,
): Identified | Promise<Identified> {
  const evidence = (key?: VirtualKey): Evidence => ({
    header: (name) => headers.sole(name),
    headerNames: () => headers.names(),
    claims: identity.needs.jwt ? claimsOf(opening) : undefined,
    certificate: certificateOf(opening, identity.needs.cert),
    key,
    clientIp: opening.metadata("x-tollgate-client-ip"),
  });
  try {
    const secret = identity.needs.key ? presentedKey((name) => headers.get(name)) : undefined;
    if (secret === undefined) return concluded(identity, evidence());
    const withoutKey = evidence();
    const verdict = services.keys.find(secret);
    if (!(verdict instanceof Promise)) return judged(identity, withoutKey, verdict);
    return verdict.then((found) => judged(identity, withoutKey, found));
  } catch (error) {
    if (!(error instanceof UnreadableEvidence)) throw error;
    services.notices.misconfigured(route, error.message);
    const refused = refusal(
      "server",
      "identity_unreadable",
      "the gateway cannot tell who calls on this route",
    );
    return { caller: nobody(identity, headers), refused };
  }
}

/** For callers whose tags are not read, since they are refused. */
function untagged(identity: Identity): Identity {
  return { ...identity, tags: undefined };
}

/** Nothing but what the headers say. */
function nobody(identity: Identity, headers: HeaderList): Caller {
  return identify(untagged(identity), {
    header: (name) => headers.sole(name),
    headerNames: () => [],
    claims: undefined,
    certificate: undefined,
    key: undefined,
    clientIp: undefined,
  });
}

/** Who presents a key that is no good is refused, also where none is required. */
function judged(identity: Identity, evidence: Evidence, verdict: KeyVerdict): Identified {
  switch (verdict.kind) {
    case "good":
      return concluded(identity, { ...evidence, key: verdict.key });
    case "unknown":
      return { caller: stranger(identity, evidence), refused: invalidKey("unknown_caller") };
    case "revoked":
      return { caller: stranger(identity, evidence, verdict.key), refused: invalidKey("key_revoked") };
    case "expired":
      return { caller: stranger(identity, evidence, verdict.key), refused: invalidKey("key_expired") };
    case "unavailable": {
      const message = "the gateway cannot check API keys now";
      const refused = refusal("unavailable", "keys_unavailable", message, { retryAfterSeconds: 1 });
      return { caller: stranger(identity, evidence), refused };
    }
    default:
      return verdict satisfies never;
  }
}

/** One sentence for all of them: it does not tell which keys there are or were. */
function invalidKey(reason: "unknown_caller" | "key_revoked" | "key_expired"): Refusal {
  return refusal("authentication", reason, "this API key is not valid");
}

/** @param key that is no good any more; only its id is of use to who reads the records */
function stranger(identity: Identity, evidence: Evidence, key?: VirtualKey): Caller {
  return { ...identify(untagged(identity), evidence), keyId: key?.id };
}

function concluded(identity: Identity, evidence: Evidence): Identified {
  try {
    const caller = identify(identity, evidence);
    return { caller, refused: refusalOfMissing(missing(identity, caller, evidence)) };
  } catch (error) {
    if (!(error instanceof TagsError)) throw error;
    const caller = identify(untagged(identity), evidence);
    const refused =
      refusalOfMissing(missing(identity, caller, evidence)) ??
      refusal("invalid-request", "invalid_tags", error.message);
    return { caller, refused };
  }
}

function refusalOfMissing(requirement: Requirement | undefined): Refusal | undefined {
  return requirement && refusal("authentication", "unknown_caller", demand(requirement));
}

function demand(requirement: Requirement): string {
  switch (requirement) {
    case "key":
      return "an API key of this gateway is required";
    case "jwt":
      return "a valid token is required";
    case "cert":
      return "a client certificate is required";
    default:
      return `the ${requirement} of the caller is not known, and is required here`;
  }
}

const certificateKeys: Readonly<Record<CertificatePart, string>> = {
  subject: "x-tollgate-cert-subject",
  san: "x-tollgate-cert-san",
  fingerprint: "x-tollgate-cert-fingerprint",
};

function certificateOf(opening: Opening, parts: readonly CertificatePart[]): Certificate | undefined {
  if (parts.length === 0) return undefined;
  const read = (part: CertificatePart) =>
    parts.includes(part) ? forwarded(opening, certificateKeys[part], `${part}:`) : undefined;
  return { subject: read("subject"), san: read("san"), fingerprint: read("fingerprint") };
}

function claimsOf(opening: Opening): JsonObject | undefined {
  const text = forwarded(opening, "x-tollgate-jwt", "jwt:");
  if (text === undefined) return undefined;
  const claims = parseObject(text);
  if (claims === undefined) throw new UnreadableEvidence("x-tollgate-jwt holds no claims");
  return claims;
}

/**
 * What Envoy knows and put into the stream's metadata; undefined when it knows nothing. The values have a literal prefix,
 * so that the key is always there; a missing key was never wired or was lost on the way, and says nothing of the caller.
 *
 * @throws UnreadableEvidence
 */
function forwarded(opening: Opening, key: string, prefix: string): string | undefined {
  const value = opening.metadata(key);
  if (value === undefined) {
    throw new UnreadableEvidence(
      `the policy's identity needs ${key}, and the stream came without it: it is missing from the filter's ` +
        "initial_metadata, or holds characters other than ASCII",
    );
  }
  const text = value.startsWith(prefix) ? value.slice(prefix.length) : value;
  // Envoy's word for nothing.
  return text === "" || text === "-" ? undefined : text;
}
