/** The upstream filters of a target's cluster, and what each is for. */
import { isCredentialHeader } from "../../providers/credentials.ts";
import type { ConfigNode } from "./node.ts";
import type { TargetUse } from "./target-use.ts";
import { processorRole, tollgateProcessors } from "./walk.ts";

/** `attempt` writes the request of a retry, `failed` tells of an answer that was no success. */
export type UpstreamFilterRole = "attempt" | "failed" | "credential" | "hide" | "other";

export interface UpstreamFilter {
  readonly node: ConfigNode;
  readonly role: UpstreamFilterRole;
}

/** Filters of Envoy's that put a credential on a request. */
const credentialFilterTypes: ReadonlySet<string> = new Set([
  "CredentialInjector",
  "AwsRequestSigning",
  "GcpAuthnFilterConfig",
]);

/** A cluster's own filters replace the router's. */
export function upstreamFilters({ cluster, gate }: TargetUse): UpstreamFilter[] {
  const own = cluster.httpOptions?.get("http_filters")?.items() ?? [];
  const nodes = own.length > 0 ? own : gate.routerUpstreamFilters;
  return nodes.map((node) => ({ node, role: roleOf(node) }));
}

/** It sees no request and changes none. */
export function onlyReports(processor: ConfigNode): boolean {
  return processorRole(processor) === "failed";
}

function roleOf(filter: ConfigNode): UpstreamFilterRole {
  const processors = tollgateProcessors(filter);
  if (processors.length > 0) return processors.every(onlyReports) ? "failed" : "attempt";
  const below = filter.descendants();
  if (below.some(({ typeName }) => typeName !== undefined && credentialFilterTypes.has(typeName)))
    return "credential";
  const mutations = below.filter(({ typeName }) => typeName === "HeaderMutation").flatMap(requestMutations);
  if (mutations.some(setsCredential)) return "credential";
  return hiddenPrefixes.every((prefix) => mutations.some((mutation) => removes(mutation, prefix)))
    ? "hide"
    : "other";
}

/** Headers that are between Envoy and us. */
const hiddenPrefixes = ["x-tollgate-", "x-envoy-"];

function requestMutations(headerMutation: ConfigNode): ConfigNode[] {
  return headerMutation.get("mutations", "request_mutations")?.items() ?? [];
}

function setsCredential(mutation: ConfigNode): boolean {
  const name = mutation.get("append", "header", "key")?.text;
  return name !== undefined && isCredentialHeader(name.toLowerCase());
}

function removes(mutation: ConfigNode, prefix: string): boolean {
  const matcher = mutation.get("remove_on_match", "key_matcher");
  const removedPrefix = matcher?.get("prefix")?.text?.toLowerCase();
  if (removedPrefix !== undefined) return removedPrefix !== "" && prefix.startsWith(removedPrefix);
  return matcher?.descendants().some((node) => node.text?.includes(prefix.slice(0, -1))) ?? false;
}
