/** What the policy's identity rests on: claims of verified tokens, and the client's certificate. */
import type { CertificatePart } from "../../../identity/evidence.ts";
import type { EnvoyConfig, Gate } from "../envoy-config.ts";
import type { CheckRule, Spot } from "../finding.ts";
import type { ConfigNode } from "../node.ts";
import { type ReadableRoute, readableRoutes } from "../target-use.ts";
import { initialMetadata } from "../walk.ts";

const claims = /%DYNAMIC_METADATA\(envoy\.filters\.http\.jwt_authn:([\w-]+)\)(?::\d+)?%/;
const formats: Readonly<Record<CertificatePart, string>> = {
  subject: "%DOWNSTREAM_PEER_SUBJECT%",
  san: "%DOWNSTREAM_PEER_URI_SAN%",
  fingerprint: "%DOWNSTREAM_PEER_FINGERPRINT_256%",
};

export const identityRules: readonly CheckRule[] = [
  {
    id: "jwt-header",
    severity: "error",
    hint: 'add {key: x-tollgate-jwt, value: "jwt:%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:payload)%"} to initial_metadata',
    find: (config) =>
      eachUse(config, (gate, route) => {
        if (!route.policy.identity.needs.jwt) return [];
        return gate.exchangeFilters.flatMap(({ processor }) =>
          wrongHeader(processor, "x-tollgate-jwt", (value) => value.startsWith("jwt:") && claims.test(value)),
        );
      }),
  },
  {
    id: "jwt-unverified",
    severity: "error",
    hint: "add envoy.filters.http.jwt_authn before Tollgate's filter, with payload_in_metadata: payload in each provider",
    find: (config) =>
      eachUse(config, (gate, route) => {
        if (!route.policy.identity.needs.jwt || gate.manager === undefined) return [];
        return unverified(gate, gate.manager);
      }),
  },
  {
    id: "certificate-header",
    severity: "error",
    hint: `add {key: x-tollgate-cert-subject, value: "subject:${formats.subject}"}, and cert-san and cert-fingerprint likewise`,
    find: (config) =>
      eachUse(config, (gate, route) =>
        route.policy.identity.needs.cert.flatMap((part) =>
          gate.exchangeFilters.flatMap(({ processor }) =>
            wrongHeader(
              processor,
              `x-tollgate-cert-${part}`,
              (value) => value === `${part}:${formats[part]}`,
            ),
          ),
        ),
      ),
  },
  {
    id: "certificate-unverified",
    severity: "error",
    hint: "give the listener's DownstreamTlsContext a validation_context with trusted_ca, and no ACCEPT_UNTRUSTED",
    find: (config) =>
      eachUse(config, ({ listener }, route) => {
        if (route.policy.identity.needs.cert.length === 0 || listener === undefined) return [];
        return (
          listener
            .get("filter_chains")
            ?.items()
            .flatMap((chain) => chainProblem(chain)) ?? []
        );
      }),
  },
];

function eachUse(
  { gates }: EnvoyConfig,
  check: (gate: Gate, route: ReadableRoute) => readonly Spot[],
): Spot[] {
  return gates.flatMap((gate) => readableRoutes(gate).flatMap((route) => check(gate, route)));
}

function wrongHeader(processor: ConfigNode, key: string, isRight: (value: string) => boolean): Spot[] {
  const header = initialMetadata(processor, key);
  const value = header?.get("value")?.text;
  if (value !== undefined && isRight(value)) return [];
  const at = header ?? processor.get("grpc_service", "initial_metadata") ?? processor;
  const problem = header === undefined ? `initial_metadata lacks ${key}` : `${key} holds "${value ?? ""}"`;
  return [{ at, message: `the policy's identity needs it, and ${problem}: every call is refused` }];
}

/** Whether the claims that Tollgate is given are put there by a filter that has verified them. */
function unverified(gate: Gate, manager: ConfigNode): Spot[] {
  const filters = manager.get("http_filters")?.items() ?? [];
  return gate.exchangeFilters.flatMap(({ processor }) => {
    const key = claims.exec(initialMetadata(processor, "x-tollgate-jwt")?.get("value")?.text ?? "")?.[1];
    if (key === undefined) return [];
    const ours = filters.findIndex((filter) => filter.descendants().includes(processor));
    const verifiers = filters
      .slice(0, ours)
      .flatMap((filter) => filter.descendants())
      .filter(({ typeName }) => typeName === "JwtAuthentication");
    if (verifiers.length === 0) {
      return [
        {
          at: filters[ours] ?? manager,
          message: "no filter before this one verifies tokens: nobody has claims",
        },
      ];
    }
    const providers = verifiers.flatMap((verifier) => verifier.get("providers")?.entries() ?? []);
    return providers
      .filter(({ value }) => value.get("payload_in_metadata")?.text !== key)
      .map(({ key: name, at }) => ({
        at,
        message: `the claims of "${name}" do not reach Tollgate, which is given those in payload_in_metadata: ${key}`,
      }));
  });
}

function chainProblem(chain: ConfigNode): Spot[] {
  const below = chain.get("transport_socket")?.descendants() ?? [];
  const tls = below.find(({ typeName }) => typeName === "DownstreamTlsContext");
  if (tls === undefined) {
    return [{ at: chain, message: "clients have no certificates here: the listener has no TLS of its own" }];
  }
  const common = tls.get("common_tls_context");
  const validation =
    common?.get("validation_context") ??
    common?.get("validation_context_sds_secret_config") ??
    common?.get("combined_validation_context");
  if (validation === undefined) {
    return [{ at: tls, message: "the listener asks clients for no certificate" }];
  }
  const trust = validation.descendants().find(({ text }) => text === "ACCEPT_UNTRUSTED");
  return trust === undefined
    ? []
    : [{ at: trust, message: "any certificate is accepted, so anybody can be whoever it names" }];
}
