/** Which of a provider's endpoints a client's call goes to. */
import type { AnyClientDialect } from "../dialects/dialect.ts";
import { targetDialectNamed } from "../dialects/registry.ts";
import type { Endpoint, Provider } from "./provider.ts";

/**
 * The one of the client's own dialect, else the first of its operation; undefined: it does not serve what is asked.
 *
 * @param clientPath without its query
 */
export function endpointFor(
  provider: Provider,
  client: AnyClientDialect,
  clientPath: string,
): Endpoint | undefined {
  const all = provider.also === undefined ? [provider] : [provider, ...provider.also];
  const endpoints = all.filter(({ takes }) => takes === undefined || takes(clientPath));
  const own = endpoints.find(({ dialect }) => dialect === client.name);
  if (own !== undefined) return own;
  return endpoints.find(({ dialect }) => targetDialectNamed(dialect).operation === client.operation);
}
