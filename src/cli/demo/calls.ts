/** The calls that the demo shows, as curl lines and as requests. */
import { isObject, type JsonObject } from "../../json/types.ts";

export interface Call {
  readonly title: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** What came of a call. */
export interface CallResult {
  readonly ok: boolean;
  /** One line for people. */
  readonly summary: string;
}

const messages = [{ role: "user", content: "Say hello in five words." }];

export const CALLS: readonly Call[] = [
  {
    title: "OpenAI call",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json" },
    body: { model: "gpt-4o-mini", messages },
  },
  {
    title: "Anthropic call",
    path: "/v1/messages",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: { model: "claude-haiku-4-5", max_tokens: 100, messages },
  },
  {
    title: "OpenAI call, answered by Claude",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json" },
    body: { model: "claude-haiku-4-5", messages },
  },
];

const CALL_TIMEOUT_MS = 60_000;

/** One line for a POSIX shell. */
export function curlLine(url: string, call: Call): string {
  const headers = Object.entries(call.headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return ["curl -i", `${url}${call.path}`, ...headers, "-d", quoted(JSON.stringify(call.body))].join(" ");
}

/** Makes the call; an answer is fine when it is 200, has words, and says who served it and what it cost. */
export async function makeCall(url: string, call: Call): Promise<CallResult> {
  try {
    const response = await fetch(`${url}${call.path}`, {
      method: "POST",
      headers: call.headers,
      body: JSON.stringify(call.body),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const answer = await response.text();
    const target = response.headers.get("x-tollgate-target");
    const cost = response.headers.get("x-tollgate-cost");
    const { words, usage } = read(answer);
    const ok = response.status === 200 && words !== "" && target !== null && cost !== null;
    const shown = words === "" ? answer.slice(0, 300) : words;
    const facts = `${response.status}, target ${target ?? "unknown"}, cost ${cost ?? "unknown"}, usage ${usage}`;
    return { ok, summary: `${call.title}: ${facts}: ${shown}` };
  } catch (error) {
    return { ok: false, summary: `${call.title}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function read(answer: string): { words: string; usage: string } {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch {
    return { words: "", usage: "unknown" };
  }
  if (!isObject(value)) return { words: "", usage: "unknown" };
  const list = value["choices"] ?? value["content"];
  const first = Array.isArray(list) ? list[0] : undefined;
  const message = isObject(first) && isObject(first["message"]) ? first["message"]["content"] : undefined;
  const words = message ?? (isObject(first) ? first["text"] : undefined);
  return { words: typeof words === "string" ? words : "", usage: tokensIn(value["usage"]) };
}

function tokensIn(usage: unknown): string {
  if (!isObject(usage)) return "unknown";
  const input = usage["prompt_tokens"] ?? usage["input_tokens"];
  const output = usage["completion_tokens"] ?? usage["output_tokens"];
  return `${input} tokens in, ${output} out`;
}

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
