/** What speaks for a caller in these tests: nothing, unless said otherwise. */
import type { Evidence } from "../../../src/identity/evidence.ts";
import type { VirtualKey } from "../../../src/identity/virtual-key.ts";

interface Given extends Partial<Omit<Evidence, "header" | "headerNames">> {
  readonly headers?: Readonly<Record<string, string>>;
}

export function evidence({ headers = {}, ...given }: Given = {}): Evidence {
  return {
    header: (name) => headers[name],
    headerNames: () => Object.keys(headers),
    claims: undefined,
    certificate: undefined,
    key: undefined,
    clientIp: undefined,
    ...given,
  };
}

export function virtualKey(given: Partial<VirtualKey> = {}): VirtualKey {
  return {
    id: "key_1",
    name: "billing in production",
    tenant: undefined,
    app: undefined,
    user: undefined,
    department: undefined,
    plan: undefined,
    tags: {},
    limits: undefined,
    ...given,
  };
}
