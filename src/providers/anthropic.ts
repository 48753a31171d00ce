/** Anthropic. Sources: https://docs.anthropic.com/en/api/messages, https://docs.anthropic.com/en/api/versioning */
import { noQuirks } from "../dialects/dialect.ts";
import { stopsStreams } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import { type Addressing, basePathOr, type Provider } from "./provider.ts";

/**
 * The version our own encoder writes for. Later ones refuse fields that translated requests carry (`temperature`,
 * `top_p`), and a client that speaks the dialect itself sends its own.
 */
const encodedVersion = "2023-06-01";

export const anthropic: Provider = {
  name: "anthropic",
  dialect: "anthropic",
  priceId: "anthropic",
  abandoned: stopsStreams,
  quirks: noQuirks,
  path: ({ settings }) => `${settings.basePath ?? "/v1"}/messages`,
  headers: anthropicHeaders,
  also: [
    {
      dialect: "anthropic-count-tokens",
      quirks: noQuirks,
      path: ({ settings }) => `${settings.basePath ?? "/v1"}/messages/count_tokens`,
      headers: anthropicHeaders,
    },
  ],
  callsAt: basePathOr("/v1"),
  foreignHeaders: headersForeignTo("anthropic"),
};

function anthropicHeaders({ sameDialect, clientHeader }: Addressing): Array<readonly [string, string]> {
  if (!sameDialect) return [["anthropic-version", encodedVersion]];
  const headers: Array<readonly [string, string]> = [
    ["anthropic-version", clientHeader("anthropic-version") ?? encodedVersion],
  ];
  const beta = clientHeader("anthropic-beta");
  if (beta !== undefined) headers.push(["anthropic-beta", beta]);
  return headers;
}
