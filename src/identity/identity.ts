/** What a policy says of callers, compiled. */
import type { NamedField } from "./caller.ts";
import type { CertificatePart } from "./evidence.ts";
import { holdsTags, type TagSources } from "./tags.ts";
import type { KeyMember } from "./virtual-key.ts";

/** Where one field of a caller may be found. */
export type Source =
  | { readonly from: "value"; readonly value: string }
  /** Lower case. What the client says, unless a filter before us sets it. */
  | { readonly from: "header"; readonly name: string }
  | { readonly from: "key"; readonly member: KeyMember }
  | { readonly from: "jwt"; readonly claim: string }
  | { readonly from: "cert"; readonly part: CertificatePart };

/** What must be known of a caller: a proof, or a field of it. */
export const requirements = [
  "key",
  "jwt",
  "cert",
  "tenant",
  "app",
  "user",
  "department",
  "plan",
  "ip",
] as const;
export type Requirement = (typeof requirements)[number];

export interface Identity {
  /** Of each field the first that is present counts. */
  readonly sources: Readonly<Record<NamedField, readonly Source[]>>;
  readonly required: readonly Requirement[];
  readonly tags: TagSources | undefined;
  /** What has to be gathered. */
  readonly needs: Needs;
  /** A header that tells who calls, which is nobody else's to know. @param name lower case */
  isPrivate(name: string): boolean;
}

export interface Needs {
  readonly key: boolean;
  readonly jwt: boolean;
  readonly cert: readonly CertificatePart[];
}

type Choices = Pick<Identity, "sources" | "required" | "tags">;

export function identityOf({ sources, required, tags }: Choices): Identity {
  const all = Object.values(sources).flat();
  const parts = all.flatMap((source) => (source.from === "cert" ? [source.part] : []));
  const needs: Needs = {
    key: required.includes("key") || all.some(({ from }) => from === "key"),
    jwt: required.includes("jwt") || all.some(({ from }) => from === "jwt"),
    cert: [...new Set([...parts, ...(required.includes("cert") ? (["fingerprint"] as const) : [])])],
  };
  const read = new Set(all.flatMap((source) => (source.from === "header" ? [source.name] : [])));
  // HTTP's own stay, whatever is read from them.
  const isPrivate = (name: string): boolean =>
    !name.startsWith(":") &&
    name !== "host" &&
    (read.has(name) || (tags !== undefined && holdsTags(tags, name)));
  return { sources, required, tags, needs, isPrivate };
}

/** Of a route whose policy says nothing of callers: what Envoy and the usual headers tell. */
export const usualIdentity: Identity = {
  ...identityOf({
    sources: {
      tenant: [],
      app: [{ from: "header", name: "x-app-id" }],
      user: [{ from: "header", name: "x-user-id" }],
      department: [{ from: "header", name: "x-department" }],
      plan: [],
    },
    required: [],
    tags: undefined,
  }),
  // Nobody has said that they are for the gateway alone.
  isPrivate: () => false,
};
