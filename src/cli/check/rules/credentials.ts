/** Credentials are Envoy's to add, and nothing of ours leaves with them. */
import type { CheckRule } from "../finding.ts";
import { eachCluster } from "./attempts.ts";

/** A server of one's own may be open to the network it is in. */
const ownServers: ReadonlySet<string> = new Set(["openai-compatible", "ollama", "vllm"]);

export const credentialRules: readonly CheckRule[] = [
  {
    id: "credential-missing",
    severity: "error",
    hint: "add credential_injector, aws_request_signing or gcp_authn to the cluster's http_filters, after the attempt filter",
    find: (config) =>
      eachCluster(config, (filters, { cluster, target }) => {
        if (cluster.tls === undefined || filters.some(({ role }) => role === "credential")) return [];
        const message = `target "${cluster.name}" gets no credential: Tollgate removes the client's, and no filter adds one`;
        const severity = ownServers.has(target.settings.provider) ? "warning" : "error";
        return [{ at: cluster.node, message, severity }];
      }),
  },
  {
    id: "credential-overwrite",
    severity: "warning",
    hint: "set overwrite: true, so that what is there already never wins",
    find: (config) =>
      eachCluster(config, (filters) =>
        filters
          .flatMap(({ node }) => node.descendants())
          .filter(({ typeName }) => typeName === "CredentialInjector")
          .filter((injector) => !injector.get("overwrite")?.isTrue)
          .map((injector) => ({
            at: injector,
            message: "credential_injector keeps a header that is already there",
          })),
      ),
  },
  {
    id: "hide-missing",
    severity: "error",
    hint: "add envoy.filters.http.header_mutation before the codec, with remove_on_match for the prefixes x-tollgate- and x-envoy-",
    find: (config) =>
      eachCluster(config, (filters, { cluster }) => {
        if (filters.some(({ role }) => role === "hide")) return [];
        return [
          { at: cluster.node, message: `target "${cluster.name}" sees x-tollgate-* and x-envoy-* headers` },
        ];
      }),
  },
  {
    id: "tls-unverified",
    severity: "warning",
    hint: "set common_tls_context.validation_context.trusted_ca, e.g. {filename: /etc/ssl/certs/ca-certificates.crt}",
    find: (config) =>
      eachCluster(config, (_, { cluster }) => {
        const verifies = cluster.tls
          ?.descendants()
          .some((node) =>
            [
              "validation_context",
              "validation_context_sds_secret_config",
              "combined_validation_context",
            ].some((name) => node.get(name) !== undefined),
          );
        if (cluster.tls === undefined || verifies === true) return [];
        return [
          {
            at: cluster.tls,
            message: `target "${cluster.name}" gets its credential without proof of who it is`,
          },
        ];
      }),
  },
];
