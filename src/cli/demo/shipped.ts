/**
 * The set-ups behind the Envoy files of this package; tests hold the files to them.
 *
 * `envoy/envoy.yaml` is written by hand, with comments, and must mean the same as {@link production};
 * `envoy/compose.yaml` is {@link compose} as generated.
 */
import type { EnvoySetup } from "./envoy-setup.ts";
import { DEMO_PROVIDERS, realCluster, standInCluster, twoProviders } from "./two-providers.ts";

/** Where Debian and its kin keep the certificate authorities. */
export const SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";
const STAND_IN_PORTS = { openai: 9101, anthropic: 9102 } as const;

/** Both providers over TLS, keys by SDS, Tollgate beside Envoy. */
export function production(): EnvoySetup {
  return twoProviders({
    listener: { host: "0.0.0.0", port: 10_000 },
    admin: { host: "127.0.0.1", port: 9901 },
    tollgate: ["127.0.0.1:50051"],
    clusters: DEMO_PROVIDERS.map((provider) =>
      realCluster(
        provider,
        { from: "sds", path: `/etc/envoy/secrets/${provider.provider}.yaml` },
        SYSTEM_AUTHORITIES,
      ),
    ),
  });
}

/** Stand-ins and Tollgate as the services of docker-compose.yml. */
export function compose(): EnvoySetup {
  return twoProviders({
    listener: { host: "0.0.0.0", port: 10_000 },
    tollgate: ["tollgate:50051"],
    clusters: DEMO_PROVIDERS.map((provider) =>
      standInCluster(provider, `${provider.provider}-stand-in:${STAND_IN_PORTS[provider.provider]}`),
    ),
  });
}
