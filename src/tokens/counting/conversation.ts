/**
 * What a whole request costs. Messages as OpenAI documents for its chat models, which nobody else does otherwise:
 * https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken. What is not in that document (calls and
 * their results, thinking, several texts in a message, tools, schemas) is counted by its text and marked an estimate.
 */
import type { Part } from "../../conversation/parts.ts";
import type { ConversationRequest, OutputFormat, Turn } from "../../conversation/request.ts";
import { addAudio, addDocument, addImage } from "./media/add-media.ts";
import { type MediaRates, mediaRatesOf } from "./media/media-rates.ts";
import { encodingOf } from "./model-encoding.ts";
import { readableJson } from "./readable-json.ts";
import { Tally, type TokenizerOf } from "./tally.ts";
import type { TokenCount } from "./token-count.ts";
import { toolDeclarations } from "./tool-declarations.ts";

/** What of a request becomes tokens. */
export type CountedRequest = Pick<
  ConversationRequest,
  "turns" | "tools" | "foreignTools" | "output" | "kept"
>;

/** Around each message, beside its role. */
const messageTokens = 3;
/** For a speaker's name, beside the name. */
const nameTokens = 1;
/** The answer's beginning: `<|start|>assistant<|message|>`. */
const replyTokens = 3;
/** `# Tools`, `## functions`: what is missing from the declarations to the totals that are published. */
const toolHeadingTokens = 5;
/** Encrypted thinking was text once: four bytes a token. */
const opaqueBytesOfToken = 4;

export function countConversation(
  request: CountedRequest,
  model: string,
  tokenizerOf: TokenizerOf,
): TokenCount {
  const encoding = encodingOf(model);
  const tally = new Tally(encoding, tokenizerOf);
  // The rest of it is where we cannot see it.
  if (!encoding.chat || request.kept !== undefined) tally.addsEstimate();
  const rates = mediaRatesOf(model);
  for (const turn of request.turns) addTurn(turn, rates, tally);
  addTools(request, tally);
  if (request.output !== undefined) addFormat(request.output, tally);
  tally.add(replyTokens);
  return tally.total();
}

/** Results of tools are messages of their own to those whose costs are documented. */
function addTurn(turn: Turn, rates: MediaRates, tally: Tally): void {
  const said = turn.parts.filter(({ kind }) => kind !== "tool-result");
  for (const part of turn.parts) {
    if (part.kind !== "tool-result") continue;
    addMessage("tool", part.content, rates, tally);
    tally.addsEstimate();
  }
  if (said.length === 0 && turn.parts.length > 0) return;
  addMessage(turn.role, said, rates, tally);
  if (turn.name !== undefined) {
    tally.addText(turn.name);
    tally.add(nameTokens);
  }
}

function addMessage(role: string, parts: readonly Part[], rates: MediaRates, tally: Tally): void {
  tally.add(messageTokens);
  tally.addText(role);
  for (const part of parts) addPart(part, rates, tally);
  // Whether they are joined, and by what, is not documented.
  if (parts.filter(({ kind }) => kind === "text").length > 1) tally.addsEstimate();
}

function addPart(part: Part, rates: MediaRates, tally: Tally): void {
  switch (part.kind) {
    case "text":
      return tally.addText(part.text);
    case "image":
      return addImage(part, rates, tally);
    case "document":
      return addDocument(part, rates, tally);
    case "audio":
      return addAudio(part, rates, tally);
    case "refusal":
      tally.addsEstimate();
      return tally.addText(part.text);
    case "reasoning":
      tally.addsEstimate();
      tally.add(Math.ceil(((part.redacted?.length ?? 0) * 3) / 4 / opaqueBytesOfToken));
      return tally.addText(part.text);
    case "tool-call":
      tally.addsEstimate();
      tally.add(messageTokens);
      tally.addText(part.name);
      return tally.addText(part.arguments);
    case "tool-result":
      // Results are in turns, not in one another.
      return addMessage("tool", part.content, rates, tally);
    case "foreign":
      tally.addsEstimate();
      return tally.addText(readableJson(part.value));
    default:
      return part satisfies never;
  }
}

/** They stand at the end of the system message; where there is none, they make one. */
function addTools({ turns, tools, foreignTools }: CountedRequest, tally: Tally): void {
  if (tools.length + foreignTools.length === 0) return;
  tally.addsEstimate();
  if (!turns.some(({ role }) => role === "system")) {
    tally.add(messageTokens);
    tally.addText("system");
  }
  if (tools.length > 0) {
    tally.add(toolHeadingTokens);
    tally.addText(toolDeclarations(tools));
  }
  for (const tool of foreignTools) tally.addText(readableJson(tool.value));
  tally.add(tally.encoding.toolPrompt);
}

/** Source: "Structured output" in https://cookbook.openai.com/articles/openai-harmony */
function addFormat(output: OutputFormat, tally: Tally): void {
  if (output.kind !== "json-schema") return;
  tally.addsEstimate();
  const description = output.description === undefined ? "" : `// ${output.description}\n`;
  const heading = `# Response Formats\n\n## ${output.name ?? ""}\n\n${description}`;
  tally.addText(`${heading}${readableJson(output.schema)}`);
}
