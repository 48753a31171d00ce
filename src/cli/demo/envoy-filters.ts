/** The filters of {@link ./envoy-config.ts}: Tollgate's two ext_proc streams, credentials, and header hygiene. */
import type { JsonObject, JsonValue } from "../../json/types.ts";
import {
  DEFAULT_MESSAGE_TIMEOUT,
  type EnvoySetup,
  type HeaderCredential,
  MAX_MESSAGE_TIMEOUT,
  type Secret,
} from "./envoy-setup.ts";

/** An Envoy `Any`: the fields of one message and the type they belong to (without `type.googleapis.com/`). */
export function typed(type: string, fields: JsonObject = {}): JsonObject {
  return { "@type": `type.googleapis.com/${type}`, ...fields };
}

/** An extension as Envoy lists them: a name, and a configuration that decides what it is. */
export function extension(name: string, type: string, fields: JsonObject = {}): JsonObject {
  return { name, typed_config: typed(type, fields) };
}

const EXTERNAL_PROCESSOR = "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor";
const HEADER_INPUT = "envoy.type.matcher.v3.HttpRequestHeaderMatchInput";

/**
 * What Envoy has verified of the caller. Claims come under the name that jwt_authn's `payload_in_metadata` gives them; of
 * the whole namespace the status of a token that failed could be taken for claims.
 */
const callerEvidence = {
  "x-tollgate-jwt": "jwt:%DYNAMIC_METADATA(envoy.filters.http.jwt_authn:payload)%",
  "x-tollgate-cert-subject": "subject:%DOWNSTREAM_PEER_SUBJECT%",
  "x-tollgate-cert-san": "san:%DOWNSTREAM_PEER_URI_SAN%",
  "x-tollgate-cert-fingerprint": "fingerprint:%DOWNSTREAM_PEER_FINGERPRINT_256%",
};

/** The downstream filter: one stream for each exchange. */
export function exchangeFilter(setup: EnvoySetup): JsonObject {
  return extension("envoy.filters.http.ext_proc", EXTERNAL_PROCESSOR, {
    grpc_service: {
      envoy_grpc: { cluster_name: "tollgate" },
      initial_metadata: pairs({
        "x-tollgate-role": "exchange",
        "x-tollgate-route": "%ROUTE_NAME%",
        "x-tollgate-client-ip": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
        // The prefixes keep the keys there when the metadata is not: Envoy omits an empty value.
        "x-tollgate-policy": "route:%METADATA(ROUTE:tollgate)%",
        "x-tollgate-defaults": "virtual_host:%METADATA(VIRTUAL_HOST:tollgate)%",
        ...callerEvidence,
      }),
    },
    failure_mode_allow: false,
    message_timeout: setup.messageTimeout ?? DEFAULT_MESSAGE_TIMEOUT,
    max_message_timeout: MAX_MESSAGE_TIMEOUT,
    allow_mode_override: true,
    mutation_rules: { allow_all_routing: true, allow_envoy: true },
    response_attributes: ["response.code_details", "xds.cluster_name"],
    metadata_options: { receiving_namespaces: { untyped: ["tollgate", "tollgate.targets"] } },
    processing_mode: {
      request_header_mode: "SEND",
      request_body_mode: "BUFFERED",
      response_header_mode: "SEND",
      response_body_mode: "STREAMED",
    },
  });
}

/**
 * By which an upstream stream finds its exchange, and the worker that has it. Dynamic metadata, which lasts; a
 * request header would be stripped with attempt 1.
 */
const exchangeOfAttempt = {
  "x-tollgate-worker": "%DYNAMIC_METADATA(tollgate:worker)%",
  "x-tollgate-exchange": "%DYNAMIC_METADATA(tollgate:exchange)%",
};

/** The upstream filter that tells Tollgate the status of a try that failed; silent on success. */
export function failureFilter(setup: EnvoySetup): JsonObject {
  const processor = extension("envoy.filters.http.ext_proc", EXTERNAL_PROCESSOR, {
    grpc_service: {
      envoy_grpc: { cluster_name: "tollgate" },
      initial_metadata: pairs({ "x-tollgate-role": "failed", ...exchangeOfAttempt }),
    },
    message_timeout: setup.messageTimeout ?? DEFAULT_MESSAGE_TIMEOUT,
    // Only a report: without it the answer stands as it is.
    failure_mode_allow: true,
    mutation_rules: { allow_all_routing: true, allow_envoy: true },
    response_attributes: ["upstream.request_attempt_count"],
    processing_mode: { request_header_mode: "SKIP", response_header_mode: "SEND" },
  });
  return matching("failed", processor, {
    not_matcher: {
      single_predicate: {
        input: extension("status", "envoy.type.matcher.v3.HttpResponseHeaderMatchInput", {
          header_name: ":status",
        }),
        value_match: { prefix: "2" },
      },
    },
  });
}

/** The upstream filter: a short stream for each try but the first, and for tries whose answer is judged. */
export function attemptFilter(setup: EnvoySetup): JsonObject {
  const processor = extension("envoy.filters.http.ext_proc", EXTERNAL_PROCESSOR, {
    grpc_service: {
      envoy_grpc: { cluster_name: "tollgate" },
      initial_metadata: pairs({
        "x-tollgate-role": "attempt",
        ...exchangeOfAttempt,
      }),
    },
    message_timeout: setup.messageTimeout ?? DEFAULT_MESSAGE_TIMEOUT,
    max_message_timeout: MAX_MESSAGE_TIMEOUT,
    allow_mode_override: true,
    mutation_rules: { allow_all_routing: true, allow_envoy: true },
    request_attributes: ["xds.cluster_name"],
    processing_mode: {
      request_header_mode: "SEND",
      request_body_mode: "BUFFERED",
      response_header_mode: "SEND",
      response_body_mode: "BUFFERED",
    },
  });
  const wanted: JsonValue = [
    header("attempt-count", "x-envoy-attempt-count", {
      safe_regex: { google_re2: {}, regex: "[2-9]|[1-9][0-9]+" },
    }),
    header("judge", "x-tollgate-judge", { exact: "1" }),
  ];
  return matching("attempt", processor, { or_matcher: { predicate: wanted } });
}

/** A filter that only exists for the requests or answers that match. */
function matching(name: string, filter: JsonObject, predicate: JsonObject): JsonObject {
  const run = extension(name, "envoy.extensions.filters.http.composite.v3.ExecuteFilterAction", {
    typed_config: filter,
  });
  const composite = "envoy.extensions.filters.http.composite.v3.Composite";
  return extension("envoy.filters.http.match", "envoy.extensions.common.matching.v3.ExtensionWithMatcher", {
    extension_config: extension("envoy.filters.http.composite", composite),
    xds_matcher: {
      matcher_list: {
        matchers: [{ predicate, on_match: { action: run } }],
      },
    },
  });
}

function header(name: string, headerName: string, match: JsonObject): JsonObject {
  return {
    single_predicate: {
      input: extension(name, HEADER_INPUT, { header_name: headerName }),
      value_match: match,
    },
  };
}

/** Puts the provider's key on the request, whatever Tollgate or the client left there. */
export function credentialFilter(cluster: string, credential: HeaderCredential): JsonObject {
  const generic: JsonObject = {
    credential: { name: secretName(cluster), ...secretSource(credential.secret) },
    header: credential.header,
  };
  if (credential.prefix !== undefined) generic["header_value_prefix"] = credential.prefix;
  return extension(
    "envoy.filters.http.credential_injector",
    "envoy.extensions.filters.http.credential_injector.v3.CredentialInjector",
    {
      overwrite: true,
      credential: extension(
        "envoy.http.injected_credentials.generic",
        "envoy.extensions.http.injected_credentials.generic.v3.Generic",
        generic,
      ),
    },
  );
}

function secretSource(secret: Secret): JsonObject {
  if (secret.from !== "sds") return {};
  return { sds_config: { path_config_source: { path: secret.path } } };
}

/** The static secret of a credential; undefined when it comes by SDS. */
export function staticSecret(cluster: string, secret: Secret): JsonObject | undefined {
  switch (secret.from) {
    case "value":
      return { name: secretName(cluster), generic_secret: { secret: { inline_string: secret.value } } };
    case "environment":
      return {
        name: secretName(cluster),
        generic_secret: { secret: { environment_variable: secret.variable } },
      };
    case "sds":
      return undefined;
  }
}

const secretName = (cluster: string): string => `${cluster}-key`;

/** No header of ours, of Envoy's, or about the client's network reaches a provider. Last before the codec. */
export function hidingFilter(): JsonObject {
  const prefixes = ["x-tollgate-", "x-envoy-", "x-forwarded-"];
  return extension(
    "envoy.filters.http.header_mutation",
    "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
    {
      mutations: {
        request_mutations: prefixes.map((prefix) => ({ remove_on_match: { key_matcher: { prefix } } })),
      },
    },
  );
}

function pairs(entries: Readonly<Record<string, string>>): JsonValue {
  return Object.entries(entries).map(([key, value]) => ({ key, value }));
}
