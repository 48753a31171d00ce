/** What speaks for a caller, before a policy says what of it counts. */
import type { JsonObject } from "../json/types.ts";
import type { VirtualKey } from "./virtual-key.ts";

/** The client's certificate, as Envoy verified it. */
export interface Certificate {
  /** RFC 2253: `CN=billing,OU=finance,O=Acme`. */
  readonly subject: string | undefined;
  /** Its URI names; several are joined by commas. */
  readonly san: string | undefined;
  /** SHA-256 of the certificate, in hexadecimal digits. */
  readonly fingerprint: string | undefined;
}

export const certificateParts = ["subject", "san", "fingerprint"] as const;
export type CertificatePart = (typeof certificateParts)[number];

export interface Evidence {
  /** By lower-case name. Undefined also when it was sent more than once: nobody could say which is right. */
  header(name: string): string | undefined;
  headerNames(): Iterable<string>;
  /** Of a token that Envoy has verified. */
  readonly claims: JsonObject | undefined;
  readonly certificate: Certificate | undefined;
  /** One that is good: neither unknown nor revoked nor expired. */
  readonly key: VirtualKey | undefined;
  readonly clientIp: string | undefined;
}
