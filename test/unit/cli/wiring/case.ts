/** A case of broken wiring: one part of the reference changed. */

/** One part of the reference broken: what is found, and in which line. */
export interface Case {
  readonly id: string;
  readonly what: string;
  /** Replaced in order, the first occurrence of each; a replacement that changes nothing fails the test. */
  readonly edits: ReadonlyArray<readonly [from: string | RegExp, to: string]>;
  /** Part of the line that the finding points to. */
  readonly line: string;
  readonly severity?: "error" | "warning";
  /** Other kinds that the same break brings about. */
  readonly also?: readonly string[];
}

export const limit = "per_connection_buffer_limit_bytes: 67108864";

/** TLS towards a provider, as it should be. */
export const tls = `transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
          sni: api.anthropic.com
          common_tls_context: { validation_context: { trusted_ca: { filename: /ca.crt } } }`;
