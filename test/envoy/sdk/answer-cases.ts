/** Answers of one provider, and what the other's SDK makes of them. */
import type { JsonObject } from "../../../src/json/types.ts";
import type { CompletionOutline, MessageOutline } from "./outlines.ts";
import { recordedJson } from "./recordings.ts";
import { completion, message } from "./whole-and-streamed.ts";

interface AnswerCase<Outline> {
  readonly name: string;
  readonly expected: Outline;
  /** Below `test/fixtures`: a recorded stream. */
  readonly recorded?: string;
  /** An answer in the provider's format, given whole and streamed. */
  readonly answer?: JsonObject;
}

const usage: CompletionOutline["usage"] = [10, 5, 0, 0];
const hello = { text: "Hello!", usage };
const refused =
  "This request triggered restrictions on violative cyber content and was blocked under Anthropic's Usage Policy.";
const entities = "retrieve_entity_info";
const plan =
  "I'll help you find out who is the youngest by retrieving information about each family member. I'll retrieve their entity information to compare their ages.";

export const fromClaude: ReadonlyArray<AnswerCase<CompletionOutline>> = [
  {
    name: "text",
    recorded: "anthropic/text.sse",
    expected: {
      text: "Hello! I'm doing well, thank you for asking. How are you doing today? Is there anything I can help you with?",
      finish: "stop",
      usage: [12, 30, 0, 0],
    },
  },
  {
    name: "parallel tool calls, streamed",
    recorded: "anthropic/parallel-tools.sse",
    expected: {
      text: plan,
      calls: [
        ["toolu_0167cfEnoQaPviGdVXA95zcu", entities, '{"name": "Alice"}'],
        ["toolu_01EEe2V5HD1Ac4rKiUR4HD2T", entities, '{"name": "Bob"}'],
        ["toolu_01XFyAjstT3966qvRynZyVPo", entities, '{"name": "Charlie"}'],
      ],
      finish: "tool_calls",
      usage: [423, 202, 0, 0],
    },
  },
  {
    name: "parallel tool calls",
    answer: recordedJson("anthropic/parallel-tools.json"),
    expected: {
      text: plan,
      calls: [
        ["toolu_0167cfEnoQaPviGdVXA95zcu", entities, '{"name":"Alice"}'],
        ["toolu_01EEe2V5HD1Ac4rKiUR4HD2T", entities, '{"name":"Bob"}'],
        ["toolu_01XFyAjstT3966qvRynZyVPo", entities, '{"name":"Charlie"}'],
        ["toolu_013mnQZbgtK2oe3Mo3XKJsx3", entities, '{"name":"Daisy"}'],
      ],
      finish: "tool_calls",
      usage: [423, 202, 0, 0],
    },
  },
  {
    name: "a tool call without arguments",
    recorded: "anthropic/tool-no-arguments.sse",
    expected: {
      text: "I'll update the issue list for you.",
      calls: [["toolu_01QE1WLsSVp5hy5Q3GmGTmjP", "updateIssueList", "{}"]],
      finish: "tool_calls",
      usage: [565, 48, 0, 0],
    },
  },
  {
    name: "input tokens that come right only at the end",
    recorded: "anthropic/input-tokens-in-delta.sse",
    expected: { text: "pong", finish: "stop", usage: [61, 2, 0, 0] },
  },
  {
    name: "cached tokens, which OpenAI counts as input",
    answer: recordedJson("anthropic/cache-usage.json"),
    expected: {
      text: "Python is a beginner-friendly, versatile programming language widely used for web development, data science, machine learning, automation, and scientific computing.",
      finish: "stop",
      usage: [3 + 418 + 1111, 33, 1111, 0],
    },
  },
  {
    name: "thinking tokens",
    answer: message({
      usage: { input_tokens: 10, output_tokens: 300, output_tokens_details: { thinking_tokens: 261 } },
    }),
    expected: { text: "Hello!", finish: "stop", usage: [10, 300, 0, 261] },
  },
  {
    name: "a paused turn of server tools",
    recorded: "anthropic/pause-turn.sse",
    expected: {
      text: "I'll run these searches one at a time as requested. Let me start:",
      finish: "stop",
      usage: [404_500, 943, 0, 261],
    },
  },
  {
    name: "a recorded refusal",
    recorded: "anthropic/refusal.sse",
    expected: { text: null, refusal: refused, finish: "stop", usage: [18, 5, 0, 0] },
  },
  {
    name: "the same refusal",
    answer: recordedJson("anthropic/refusal.json"),
    expected: { text: null, refusal: refused, finish: "stop", usage: [18, 5, 0, 0] },
  },
  {
    name: "a refusal without a word",
    answer: message({ content: [], stop_reason: "refusal" }),
    expected: { text: null, finish: "content_filter", usage },
  },
  ...(
    [
      ["end_turn", "stop"],
      ["stop_sequence", "stop"],
      ["max_tokens", "length"],
      ["model_context_window_exceeded", "length"],
      ["pause_turn", "stop"],
    ] as const
  ).map(([stop_reason, finish]) => ({
    name: `stop_reason ${stop_reason}`,
    answer: message({ stop_reason, ...(stop_reason === "stop_sequence" && { stop_sequence: "END" }) }),
    expected: { ...hello, finish },
  })),
];

const counted: MessageOutline["usage"] = [10, 0, 0, 5];

export const fromOpenAi: ReadonlyArray<AnswerCase<MessageOutline>> = [
  {
    name: "text",
    recorded: "openai-chat/text.sse",
    expected: {
      content: [["text", "The capital of the UK is London."]],
      stop: "end_turn",
      usage: [78, 0, 0, 9],
    },
  },
  {
    name: "parallel tool calls",
    recorded: "openai-chat/parallel-tool-calls.sse",
    expected: {
      content: [
        [
          "tool_use",
          "call_JMW1whyEaYG438VE1OIflxA2",
          "GetWeatherArgs",
          { city: "Edinburgh", country: "GB", units: "c" },
        ],
        [
          "tool_use",
          "call_DNYTawLBoN8fj3KN6qU9N1Ou",
          "get_stock_price",
          { ticker: "AAPL", exchange: "NASDAQ" },
        ],
      ],
      stop: "tool_use",
      usage: [149, 0, 0, 60],
    },
  },
  {
    name: "a tool call in the first chunk",
    recorded: "openai-chat/tool-call-in-first-chunk.sse",
    expected: {
      content: [["tool_use", "call_4XzlGBLtUe9dy3GVNV4jhq7h", "get_weather", { city: "New York City" }]],
      stop: "tool_use",
      usage: [44, 0, 0, 16],
    },
  },
  {
    name: "a tool call, recorded whole",
    answer: recordedJson("openai-chat/tool-call.json"),
    expected: {
      content: [["tool_use", "call_NihFwNUckQ2eDoE0a9OQaO5l", "get_capital", { country: "England" }]],
      stop: "tool_use",
      usage: [104, 0, 0, 15],
    },
  },
  {
    name: "text and tool calls",
    answer: completion({
      message: {
        content: "I'll look.",
        tool_calls: [
          { id: "call_a", type: "function", function: { name: "f", arguments: "{}" } },
          { id: "call_b", type: "function", function: { name: "g", arguments: '{"x":[1,{"y":"é✓"}]}' } },
        ],
      },
      finish_reason: "tool_calls",
    }),
    expected: {
      content: [
        ["text", "I'll look."],
        ["tool_use", "call_a", "f", {}],
        ["tool_use", "call_b", "g", { x: [1, { y: "é✓" }] }],
      ],
      stop: "tool_use",
      usage: counted,
    },
  },
  {
    name: "a recorded refusal",
    recorded: "openai-chat/refusal.sse",
    expected: {
      content: [["text", "I'm sorry, I can't assist with that request."]],
      stop: "refusal",
      usage: [79, 0, 0, 11],
    },
  },
  {
    name: "a refusal",
    answer: completion({ message: { content: null, refusal: "I can't." } }),
    expected: { content: [["text", "I can't."]], stop: "refusal", usage: counted },
  },
  {
    name: "Azure's first chunk without a choice",
    recorded: "openai-chat/azure-reasoning.sse",
    expected: { content: [["text", "Capital of Denmark."]], stop: "end_turn", usage: [15, 0, 0, 78] },
  },
  {
    name: "cached tokens, which Anthropic does not count as input",
    answer: completion({
      usage: {
        prompt_tokens: 2000,
        completion_tokens: 90,
        total_tokens: 2090,
        prompt_tokens_details: { cached_tokens: 1920 },
        completion_tokens_details: { reasoning_tokens: 64 },
      },
    }),
    expected: { content: [["text", "Hello!"]], stop: "end_turn", usage: [80, 1920, 0, 90] },
  },
  ...(
    [
      ["stop", "end_turn"],
      ["length", "max_tokens"],
      ["content_filter", "refusal"],
    ] as const
  ).map(([finish_reason, stop]) => ({
    name: `finish_reason ${finish_reason}`,
    answer: completion({ finish_reason }),
    expected: { content: [["text", "Hello!"]], stop, usage: counted },
  })),
];
