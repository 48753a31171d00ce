/**
 * Which encoding a model's text is counted in, and what is known of the rest. A row for each family; the first whose
 * names match counts.
 *
 * OpenAI's models by its own table: https://github.com/openai/tiktoken/blob/main/tiktoken/model.py. `o200k_harmony`
 * (gpt-oss) differs from o200k_base in its special tokens only, which are never met here.
 *
 * Nobody else's newest encodings are published, or none that we carry. What is: a token is about 4 characters of
 * English for OpenAI (https://help.openai.com/en/articles/4936856) and for Gemini
 * (https://ai.google.dev/gemini-api/docs/tokens), 3.5 for Claude (https://platform.claude.com/docs/en/about-claude/glossary),
 * and Claude 4.7 and later make about 30 % more tokens of the same text
 * (https://platform.claude.com/docs/en/about-claude/pricing). Llama, Mistral and the others publish no such ratio.
 */
import { isEarlierClaude } from "./claude-generation.ts";
import type { EncodingName } from "./text/ranks.ts";

export interface ModelEncoding {
  readonly encoding: EncodingName;
  /** It is the model's own. */
  readonly published: boolean;
  /** What messages cost beside their text is published for this model. */
  readonly chat: boolean;
  /** Tokens of the model for each of the encoding's; text only. */
  readonly factor: number;
  /** What the provider puts before the tools by itself. Tokens. */
  readonly toolPrompt: number;
}

interface Row extends Partial<ModelEncoding> {
  readonly has: (name: string) => boolean;
}

/** Behind `models/`, `openai/`, `us.anthropic.`, `ft:`. */
function named(names: string): (name: string) => boolean {
  const pattern = new RegExp(`(?:^|[/.:])(?:${names})`);
  return (name) => pattern.test(name);
}

const claude = 4 / 3.5;

const rows: readonly Row[] = [
  { has: named("gpt-oss"), published: true },
  { has: named("(?:chat)?gpt-4o(?:$|[-:])"), published: true, chat: true },
  { has: named("gpt-4\\.[15]|gpt-5|o[13](?:$|[-:])|o4-mini"), published: true },
  {
    has: named("gpt-4(?:$|[-:])|gpt-3\\.5-turbo|gpt-35-turbo"),
    encoding: "cl100k_base",
    published: true,
    chat: true,
  },
  {
    has: named("text-embedding-(?:ada-002|3-)|davinci-002|babbage-002"),
    encoding: "cl100k_base",
    published: true,
  },
  // The prompt that comes with tools takes 290 to 804 tokens by model and choice: that of Sonnet 4.6, and of Sonnet 5.
  // https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview#pricing
  { has: isEarlierClaude, factor: claude, toolPrompt: 497 },
  { has: (name) => name.includes("claude"), factor: claude * 1.3, toolPrompt: 354 },
];

const anyOther: ModelEncoding = {
  encoding: "o200k_base",
  published: false,
  chat: false,
  factor: 1,
  toolPrompt: 0,
};

/** @param model as the provider names it */
export function encodingOf(model: string): ModelEncoding {
  const name = model.toLowerCase();
  const row = rows.find(({ has }) => has(name));
  if (row === undefined) return anyOther;
  const { has: _, ...known } = row;
  return { ...anyOther, ...known };
}
