/** What a client got, in few words: the answer's substance as its SDK returned it. */
import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";

export interface CompletionOutline {
  readonly text: string | null;
  readonly refusal?: string;
  /** Id, name, arguments. */
  readonly calls?: ReadonlyArray<readonly [string, string, string]>;
  readonly finish: string;
  /** Input, output, cached, reasoning. */
  readonly usage?: readonly [number, number, number, number];
}

export function outlineOfCompletion(completion: OpenAI.ChatCompletion): CompletionOutline {
  const [choice] = completion.choices;
  const { usage } = completion;
  const calls = (choice?.message.tool_calls ?? []).map((call) =>
    call.type === "function"
      ? ([call.id, call.function.name, call.function.arguments] as const)
      : ([call.id, call.custom.name, call.custom.input] as const),
  );
  const refusal = choice?.message.refusal;
  return {
    text: choice?.message.content ?? null,
    ...(typeof refusal === "string" ? { refusal } : {}),
    ...(calls.length > 0 ? { calls } : {}),
    finish: choice?.finish_reason ?? "",
    ...(usage === undefined || usage === null
      ? {}
      : {
          usage: [
            usage.prompt_tokens,
            usage.completion_tokens,
            usage.prompt_tokens_details?.cached_tokens ?? 0,
            usage.completion_tokens_details?.reasoning_tokens ?? 0,
          ],
        }),
  };
}

export interface MessageOutline {
  /** `[type, …]` of each block: the text, or id, name and input of a call. */
  readonly content: ReadonlyArray<readonly unknown[]>;
  readonly stop: string | null;
  /** Input, read from cache, written to cache, output. */
  readonly usage: readonly [number, number, number, number];
}

export function outlineOfMessage({ content, stop_reason, usage }: Anthropic.Message): MessageOutline {
  return {
    content: content.map((block) => {
      switch (block.type) {
        case "text":
          return [block.type, block.text];
        case "thinking":
          return [block.type, block.thinking, block.signature];
        case "tool_use":
          return [block.type, block.id, block.name, block.input];
        default:
          return [block.type];
      }
    }),
    stop: stop_reason,
    usage: [
      usage.input_tokens,
      usage.cache_read_input_tokens ?? 0,
      usage.cache_creation_input_tokens ?? 0,
      usage.output_tokens,
    ],
  };
}
