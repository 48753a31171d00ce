/**
 * The formats that are judged here: those of whole conversations. Legacy prompts are a part of one, and Replicate's
 * schemas differ by model (`test/golden/replicate`).
 */
import type { DialectName } from "../../../src/conversation/parts.ts";
import type { ClientDialect, TargetDialect } from "../../../src/dialects/dialect.ts";
import { conversationClients, conversationTargets } from "../../../src/dialects/registry.ts";

const judgedClients = ["openai-chat", "openai-responses", "anthropic", "gemini"] as const;
export const judgedNames = [...judgedClients, "bedrock-converse"] as const;

export type Judged = (typeof judgedNames)[number];

export type JudgedTarget = TargetDialect & { readonly name: Judged };

export const clients = judgedClients.map((name) => ({ name, dialect: named(conversationClients, name) }));
export const targets = judgedNames.map((name) => named(conversationTargets, name) as JudgedTarget);

function named<D extends ClientDialect | TargetDialect>(dialects: readonly D[], name: DialectName): D {
  const found = dialects.find((dialect) => dialect.name === name);
  if (found === undefined) throw new Error(`no dialect is called ${name}`);
  return found;
}
