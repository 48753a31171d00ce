/** Mistakes in what a policy's identity rests on. */
import type { Case } from "./case.ts";

type Edits = Case["edits"];

const indent = " ".repeat(32);
const asksFor = (source: string): Edits => [
  ["models:", `identity: { user: [{ ${source} }] }\n${indent}models:`],
];

const filter = "- name: envoy.filters.http.ext_proc";
const verifier = (key: string): Edits => [
  [
    filter,
    `- name: envoy.filters.http.jwt_authn
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
                      providers:
                        idp: { issuer: "https://idp.test", payload_in_metadata: ${key} }
                  ${filter}`,
  ],
];

const listenerTls = (context: string): Edits => [
  [
    "- filters:\n            - name: envoy.filters.network.http",
    `- transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context: { ${context} }
          filters:
            - name: envoy.filters.network.http`,
  ],
];

export const verifiedTokens: Edits = [...asksFor("jwt: sub"), ...verifier("payload")];
export const verifiedCertificates: Edits = [
  ...asksFor("cert: san"),
  ...listenerTls("validation_context: { trusted_ca: { filename: /ca.crt } }"),
];

export const identityCases: readonly Case[] = [
  {
    id: "jwt-header",
    what: "absent",
    edits: [...verifiedTokens, [/ +- \{ key: x-tollgate-jwt.*\n/, ""]],
    line: "x-tollgate-role",
  },
  {
    id: "jwt-header",
    what: "the whole namespace, in which a failed token's status would be taken for claims",
    edits: [...verifiedTokens, ["jwt_authn:payload)", "jwt_authn)"]],
    line: "x-tollgate-jwt",
  },
  {
    id: "jwt-header",
    what: "without its prefix",
    edits: [...verifiedTokens, ["jwt:%DYNAMIC", "%DYNAMIC"]],
    line: "x-tollgate-jwt",
  },
  {
    id: "jwt-unverified",
    what: "no filter that verifies tokens",
    edits: asksFor("jwt: sub"),
    line: "- name: envoy.filters.http.ext_proc",
  },
  {
    id: "jwt-unverified",
    what: "required, and no filter that verifies tokens",
    edits: [["models:", `identity: { require: jwt }\n${indent}models:`]],
    line: "- name: envoy.filters.http.ext_proc",
  },
  {
    id: "jwt-unverified",
    what: "claims under another name",
    edits: [...asksFor("jwt: sub"), ...verifier("claims")],
    line: "idp:",
  },
  {
    id: "certificate-header",
    what: "absent",
    edits: [...verifiedCertificates, [/ +- \{ key: x-tollgate-cert-san.*\n/, ""]],
    line: "x-tollgate-role",
  },
  {
    id: "certificate-header",
    what: "of another part",
    edits: [...verifiedCertificates, ["%DOWNSTREAM_PEER_URI_SAN%", "%DOWNSTREAM_PEER_SUBJECT%"]],
    line: "x-tollgate-cert-san",
  },
  {
    id: "certificate-unverified",
    what: "a listener without TLS",
    edits: asksFor("cert: subject"),
    line: "- filters:",
  },
  {
    id: "certificate-unverified",
    what: "a listener that asks for none",
    edits: [...asksFor("cert: subject"), ...listenerTls("tls_certificates: []")],
    line: "@type",
  },
  {
    id: "certificate-unverified",
    what: "any certificate",
    edits: [
      ...asksFor("cert: subject"),
      ...listenerTls(
        "validation_context: { trusted_ca: { filename: /ca.crt }, trust_chain_verification: ACCEPT_UNTRUSTED }",
      ),
    ],
    line: "ACCEPT_UNTRUSTED",
  },
];
