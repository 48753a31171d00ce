/** The protocol headers of OpenAI's API. */
import type { Addressing } from "./provider.ts";

/** An attempt at another provider took the client's beta flags away; here they come back. */
export function openaiHeaders({ sameDialect, clientHeader }: Addressing): Array<readonly [string, string]> {
  const beta = sameDialect ? clientHeader("openai-beta") : undefined;
  return beta === undefined ? [] : [["openai-beta", beta]];
}
