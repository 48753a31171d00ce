/**
 * Every header that can carry a credential, or that names the account a credential belongs to.
 *
 * Envoy adds a target's credential after us and does not undo it before a retry, so what attempt 1 sent is still
 * there on attempt 2: all of these go before each attempt, or one provider's key reaches another. The client's own
 * go too: they are meant for the gateway.
 *
 * Sources: https://platform.openai.com/docs/api-reference/authentication,
 * https://docs.anthropic.com/en/api/overview#authentication, https://ai.google.dev/gemini-api/docs/api-key,
 * https://learn.microsoft.com/azure/ai-services/openai/reference#authentication,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const credentialHeaders: readonly string[] = Object.freeze([
  "authorization",
  "proxy-authorization",
  "cookie",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  // Names the project that pays; with another's token it is refused.
  "x-goog-user-project",
  "x-goog-iam-authorization-token",
  "x-goog-iam-authority-selector",
  "ocp-apim-subscription-key",
  "x-ms-authorization-auxiliary",
  "x-auth-token",
  "x-access-token",
  // The account of the client's key. Beside Envoy's key it is a 401.
  "openai-organization",
  "openai-project",
]);

/** SigV4 spreads its credential over several headers (`x-amz-date`, `x-amz-security-token`, …), so all of them go. */
const credentialPrefixes: readonly string[] = Object.freeze(["x-amz-"]);

const names: ReadonlySet<string> = new Set(credentialHeaders);

/** @param name lower case, as Envoy hands headers over */
export function isCredentialHeader(name: string): boolean {
  return names.has(name) || credentialPrefixes.some((prefix) => name.startsWith(prefix));
}
