/** What providers write, with the tokens that they count. Each word of an answer is one token of four characters. */
import type { JsonObject } from "../../../src/json/types.ts";
import { event } from "../harness/upstream-answers.ts";
import type { BillLine } from "./bill.ts";

export const word = "glub";
const served = {
  openai: "gpt-4o-2024-08-06",
  claude: "claude-sonnet-4-5-20250929",
  groq: "llama-3.3-70b-versatile",
};

export function wholeAnswer({ target, input, output }: BillLine): JsonObject {
  const content = word.repeat(output);
  const model = served[target];
  if (target === "claude") {
    return {
      ...messageHead(model),
      content: [{ type: "text", text: content }],
      stop_reason: "end_turn",
      usage: { input_tokens: input, output_tokens: output },
    };
  }
  return {
    ...completionHead(model, "chat.completion"),
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: chatUsage(input, output),
  };
}

/** Events up to and with the last word, one by one; then those that end the stream. */
export function streamedAnswer(line: BillLine): {
  opening: string[];
  words: string[];
  ending: string[];
} {
  return line.target === "claude" ? messageEvents(line) : chunkEvents(line);
}

function chunkEvents({ target, input, output }: BillLine) {
  const chunk = (choices: JsonObject[], usage?: JsonObject): string =>
    event({
      ...completionHead(served[target], "chat.completion.chunk"),
      choices,
      ...(usage === undefined ? {} : { usage }),
    });
  const delta = (content: JsonObject, finish: string | null = null) =>
    chunk([{ index: 0, delta: content, finish_reason: finish }]);
  return {
    opening: [delta({ role: "assistant", content: "" })],
    words: Array.from({ length: output }, () => delta({ content: word })),
    ending: [delta({}, "stop"), chunk([], chatUsage(input, output)), event("[DONE]")],
  };
}

function messageEvents({ input, output }: BillLine) {
  const named = (data: JsonObject & { type: string }): string => event(data, data.type);
  const message = { ...messageHead(served.claude), usage: { input_tokens: input, output_tokens: 1 } };
  return {
    opening: [
      named({ type: "message_start", message }),
      named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    ],
    words: Array.from({ length: output }, () =>
      named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word } }),
    ),
    ending: [
      named({ type: "content_block_stop", index: 0 }),
      named({
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: output },
      }),
      named({ type: "message_stop" }),
    ],
  };
}

function completionHead(model: string, object: string): JsonObject {
  return { id: "chatcmpl-1", object, created: 1_760_000_000, model };
}

function chatUsage(input: number, output: number): JsonObject {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function messageHead(model: string): JsonObject {
  return {
    ...{ id: "msg_1", type: "message", role: "assistant", model, content: [] },
    ...{ stop_reason: null, stop_sequence: null },
  };
}
