/** Tokens and the filter that verifies them: RS256, with the key set in Envoy's configuration. */
import { generateKeyPairSync, sign } from "node:crypto";
import type { JsonObject, JsonValue } from "../../../src/json/types.ts";

const issuer = "https://idp.test";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

/** Signed by the issuer, or by somebody who is not. */
export function token(claims: JsonObject, signer: "issuer" | "stranger" = "issuer"): string {
  const encoded = (part: JsonObject) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const body = { iss: issuer, exp: Math.floor(Date.now() / 1000) + 600, ...claims };
  const text = `${encoded({ alg: "RS256", kid: "k1", typ: "JWT" })}.${encoded(body)}`;
  const signature = sign("sha256", Buffer.from(text), signer === "issuer" ? privateKey : stranger);
  return `${text}.${signature.toString("base64url")}`;
}

/** Puts jwt_authn before Tollgate's filter: tokens are verified where there are any, and not demanded. In place. */
export function verifyTokens(config: JsonObject): void {
  const keys = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "RS256", use: "sig" }] };
  const provider: JsonObject = {
    issuer,
    local_jwks: { inline_string: JSON.stringify(keys) },
    payload_in_metadata: "payload",
    // What a policy must not take for claims.
    failed_status_in_metadata: "failure",
    header_in_metadata: "head",
    forward: true,
  };
  const filter: JsonObject = {
    name: "envoy.filters.http.jwt_authn",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
      providers: { idp: provider },
      rules: [
        {
          match: { prefix: "/" },
          requires: {
            requires_any: {
              requirements: [{ provider_name: "idp" }, { allow_missing_or_failed: {} }],
            },
          },
        },
      ],
    },
  };
  filters(config).unshift(filter);
}

/** The list of HTTP filters of the first listener. */
function filters(config: JsonObject): JsonValue[] {
  const found = search(config, "http_filters");
  if (!Array.isArray(found)) throw new Error("a configuration without filters");
  return found;
}

function search(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const members: Record<string, JsonValue> = value as Record<string, JsonValue>;
  if (members[key] !== undefined) return members[key];
  for (const member of Object.values(members)) {
    const found = search(member, key);
    if (found !== undefined) return found;
  }
  return undefined;
}
