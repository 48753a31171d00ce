/** Who makes a call, as far as it is known: what limits, budgets, caches and the records are kept by. */
import type { JsonObject } from "../json/types.ts";

export interface Caller {
  /** The unit of governance: caches, data keys, audit and admin views are partitioned by it. Always known. */
  readonly tenant: string;
  readonly app: string | undefined;
  readonly user: string | undefined;
  readonly department: string | undefined;
  readonly plan: string | undefined;
  /** As Envoy saw it. */
  readonly ip: string | undefined;
  /** Of the virtual key that was presented and is good; never the key itself. */
  readonly keyId: string | undefined;
  /** What that key's owner may do beside what the policy says, for the rules that read it. */
  readonly keyLimits: JsonObject | undefined;
  /** Free names and values for reports. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What a policy can find in its own sources. */
export const namedFields = ["tenant", "app", "user", "department", "plan"] as const;
export type NamedField = (typeof namedFields)[number];

/** What calls can be told apart by. */
export const callerFields = [...namedFields, "ip", "key"] as const;
export type CallerField = (typeof callerFields)[number];

/** Whose calls are nobody's in particular. */
export const defaultTenant = "default";

/** One field of a caller by its name in the policy. */
export function callerField(caller: Caller, field: CallerField): string | undefined {
  return field === "key" ? caller.keyId : caller[field];
}
