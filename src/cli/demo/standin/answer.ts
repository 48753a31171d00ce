/**
 * What a stand-in has to say, whatever the format: the plan of an answer, from what was asked.
 *
 * It is a play, not a model: it says that it is one, repeats the question, calls a tool when the question speaks
 * of it, fills in a schema when one is given, and counts tokens by a rule of thumb.
 */
import { isObject, type JsonObject, type JsonValue } from "../../../json/types.ts";
import { sampleOf } from "./sample.ts";

export interface Tool {
  readonly name: string;
  readonly schema: JsonValue;
}

/** What matters of a request. */
export interface Question {
  readonly provider: string;
  readonly model: string;
  /** Text of the last message, and the whole prompt's characters for the count. */
  readonly prompt: string;
  readonly promptCharacters: number;
  /** The last message carries a tool's result, so it is time for words. */
  readonly toolResult: string | undefined;
  readonly tools: readonly Tool[];
  /** `any`: some tool must be called; a name: that one. */
  readonly toolChoice: "auto" | "none" | "any" | { readonly name: string };
  readonly thinking: boolean;
  /** A JSON schema that the answer must fit. */
  readonly schema: JsonValue | undefined;
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
}

export interface Answer {
  readonly thinking: readonly string[];
  /** The text in pieces of about a token. */
  readonly text: readonly string[];
  readonly calls: ReadonlyArray<{ readonly name: string; readonly input: JsonObject }>;
  readonly end: "stop" | "stop-sequence" | "length" | "tools";
  /** The stop sequence that was met. */
  readonly stopSequence: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of the output. */
  readonly thinkingTokens: number;
}

const CHARACTERS_PER_TOKEN = 4;
const QUOTED_CHARACTERS = 200;

export function answerTo(question: Question): Answer {
  const tools = question.tools.reduce((sum, tool) => sum + JSON.stringify(tool).length, 0);
  const inputTokens = tokens(question.promptCharacters + tools) + 7;
  const thinking = question.thinking ? pieces(`They ask: ${quoted(question.prompt)}. I will say so.`) : [];
  const calls = callsFor(question);
  if (calls.length > 0) {
    const spent = calls.reduce((sum, call) => sum + tokens(JSON.stringify(call).length) + 4, 0);
    const outputTokens = spent + thinking.length;
    return {
      ...{ thinking, text: [], calls, end: "tools", stopSequence: undefined },
      ...{ inputTokens, outputTokens, thinkingTokens: thinking.length },
    };
  }
  const { text, end, stopSequence } = ended(question, pieces(words(question)));
  return {
    ...{ thinking, text, calls, end, stopSequence, inputTokens },
    outputTokens: Math.max(1, thinking.length + text.length),
    thinkingTokens: thinking.length,
  };
}

function words(question: Question): string {
  if (question.schema !== undefined) return JSON.stringify(sampleOf(question.schema));
  const said =
    question.toolResult === undefined
      ? `You said: ${quoted(question.prompt)}`
      : `The tool said: ${quoted(question.toolResult)}`;
  return `This is a stand-in for ${question.provider}, answering as ${question.model}: no model was asked. ${said}`;
}

function ended(question: Question, all: readonly string[]): Pick<Answer, "text" | "end" | "stopSequence"> {
  const whole = all.join("");
  const met = question.stop
    .map((sequence) => ({ sequence, at: sequence === "" ? -1 : whole.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at)[0];
  const kept = met === undefined ? all : pieces(whole.slice(0, met.at));
  if (question.maxTokens !== undefined && kept.length > question.maxTokens) {
    return { text: kept.slice(0, question.maxTokens), end: "length", stopSequence: undefined };
  }
  if (met !== undefined) return { text: kept, end: "stop-sequence", stopSequence: met.sequence };
  return { text: all, end: "stop", stopSequence: undefined };
}

/** The tools to call: the one demanded, or those whose name, or a word of it, is in the prompt. */
function callsFor(question: Question): Answer["calls"] {
  const { toolChoice, tools } = question;
  if (toolChoice === "none" || tools.length === 0) return [];
  if (typeof toolChoice === "object") return tools.filter(({ name }) => name === toolChoice.name).map(call);
  if (question.toolResult !== undefined) return [];
  const prompt = question.prompt.toLowerCase();
  const spoken = tools.filter(({ name }) =>
    [name, ...name.split(/[_\-.]/)].some((word) => word.length > 3 && prompt.includes(word.toLowerCase())),
  );
  if (spoken.length === 0 && toolChoice === "any") return tools.slice(0, 1).map(call);
  return spoken.map(call);
}

function call(tool: Tool): Answer["calls"][number] {
  const input = sampleOf(tool.schema);
  return { name: tool.name, input: isObject(input) ? input : {} };
}

/** About a token each: a word with the space before it. */
export function pieces(text: string): string[] {
  return text.match(/\s*[^\s]{1,8}|\s+$/g) ?? [];
}

function tokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

function quoted(text: string): string {
  const short = text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text;
  return `“${short}”`;
}
