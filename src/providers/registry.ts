/** The providers there are. A new one is a row of `compatible-vendors.ts`, or a file of its own and a line here. */
import { anthropic } from "./anthropic.ts";
import { azureOpenai, azureOpenaiResponses } from "./azure-openai.ts";
import { bedrock } from "./bedrock.ts";
import { cloudflareWorkersAi } from "./cloudflare-workers-ai.ts";
import { compatibleVendors } from "./compatible-vendors.ts";
import { google } from "./google.ts";
import { openai } from "./openai.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { openaiResponses } from "./openai-responses.ts";
import type { Provider } from "./provider.ts";
import { replicate } from "./replicate.ts";
import { vertex } from "./vertex.ts";
import { vertexAnthropic } from "./vertex-anthropic.ts";

const rows: readonly Provider[] = [
  openai,
  openaiResponses,
  anthropic,
  google,
  vertex,
  vertexAnthropic,
  bedrock,
  azureOpenai,
  azureOpenaiResponses,
  cloudflareWorkersAi,
  replicate,
  ...compatibleVendors,
  openaiCompatible,
];

const byName: ReadonlyMap<string, Provider> = new Map(rows.map((row) => [row.name, row]));

/** For error messages, in the order above. */
export const providerNames: readonly string[] = Object.freeze([...byName.keys()]);

/** @param name as in `targets.<cluster>.provider` of the policy */
export function provider(name: string): Provider | undefined {
  return byName.get(name);
}

/**
 * For names that the policy's schema has let through.
 *
 * @throws Error for any other: a defect of ours
 */
export function providerNamed(name: string): Provider {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`no provider is called ${name}`);
  return found;
}
