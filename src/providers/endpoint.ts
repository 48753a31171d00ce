/** Which of a provider's endpoints a client's call goes to. */
import type { AnyClientDialect } from "../dialects/dialect.ts";
import { targetDialectNamed } from "../dialects/registry.ts";
import type { Addressing, Endpoint, Provider } from "./provider.ts";

/**
 * The one of the client's own dialect, else the first of its operation; undefined: it does not serve what is asked.
 *
 * @param asked the model of the target, and the client's path without its query
 */
export function endpointFor(
  provider: Provider,
  client: AnyClientDialect,
  asked: { readonly model: string; readonly path: string },
): Endpoint | undefined {
  const endpoints = provider.also === undefined ? [provider] : [provider, ...provider.also];
  const serving = endpoints.filter(
    ({ serves, takes }) => (serves?.(asked.model) ?? true) && (takes?.(asked.path) ?? true),
  );
  const own = serving.find(({ dialect }) => dialect === client.name);
  if (own !== undefined) return own;
  return serving.find(({ dialect }) => targetDialectNamed(dialect).operation === client.operation);
}

/** Where the endpoint is: as the policy says for this server, else where the provider has it. */
export function pathOf(endpoint: Endpoint, addressing: Addressing): string {
  const { settings, model } = addressing;
  const path = settings.paths?.[endpoint.dialect];
  if (path === undefined) return endpoint.path(addressing);
  return `${settings.basePath ?? ""}${path.replaceAll("{model}", encodeURIComponent(model))}`;
}
