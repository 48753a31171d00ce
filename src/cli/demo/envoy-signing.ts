/**
 * The filter that signs requests for AWS.
 *
 * Source: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/aws_request_signing_filter
 */
import type { JsonObject } from "../../json/types.ts";
import { extension } from "./envoy-filters.ts";
import type { AwsSignature } from "./envoy-setup.ts";

/**
 * Headers that are not signed, since they may still change or go before the provider sees them. By prefix, but for
 * the last.
 */
const unsigned = [
  ...["x-envoy-", "x-tollgate-", "x-forwarded-"].map((prefix) => ({ prefix })),
  { exact: "x-request-id" },
];

/**
 * @param hostname the Host that the provider will see. On a retry the filters still see the earlier target's: the
 *   right one is written after them, so the signature must be told.
 */
export function signingFilter({ service, region, keys }: AwsSignature, hostname: string): JsonObject {
  return extension(
    "envoy.filters.http.aws_request_signing",
    "envoy.extensions.filters.http.aws_request_signing.v3.AwsRequestSigning",
    {
      service_name: service,
      region,
      host_rewrite: hostname,
      match_excluded_headers: unsigned,
      ...(keys !== undefined && {
        credential_provider: {
          inline_credential: { access_key_id: keys.accessKeyId, secret_access_key: keys.secretAccessKey },
        },
      }),
    },
  );
}
