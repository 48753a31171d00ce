/** Chat Completions requests, and the Messages requests they become. */
import { type FromOpenAi, pdf, person, png, weather } from "./request-cases.ts";

const ask = { role: "user", content: "Hello" } as const;
const asked = { messages: [ask] };
/** What a request without a limit gets: as much as the model writes. */
const unlimited = { max_tokens: 64_000, messages: [ask] };
const tools = [
  {
    type: "function" as const,
    function: { name: weather.name, description: weather.description, parameters: weather.schema },
  },
];
const claudeTools = [
  {
    name: weather.name,
    description: weather.description,
    input_schema: { ...weather.schema, required: ["city"] },
  },
];

const messages: FromOpenAi[] = [
  {
    name: "a system prompt and several turns",
    asked: {
      max_completion_tokens: 100,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "My name is Ünal ✓" },
        { role: "assistant", content: "Noted." },
        { role: "user", content: "What is it?" },
      ],
    },
    claude: {
      max_tokens: 100,
      system: "Be brief.",
      messages: [
        { role: "user", content: "My name is Ünal ✓" },
        { role: "assistant", content: "Noted." },
        { role: "user", content: "What is it?" },
      ],
    },
  },
  {
    name: "several system and developer messages, and neighbours of one role",
    asked: {
      max_tokens: 100,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "developer", content: [{ type: "text", text: "Be kind." }] },
        { role: "user", content: "One." },
        { role: "user", content: [{ type: "text", text: "Two." }] },
      ],
    },
    claude: {
      max_tokens: 100,
      system: [
        { type: "text", text: "Be brief." },
        { type: "text", text: "Be kind." },
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "One." },
            { type: "text", text: "Two." },
          ],
        },
      ],
    },
  },
  {
    name: "images by URL and as data, and a PDF",
    asked: {
      max_tokens: 100,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Compare." },
            { type: "image_url", image_url: { url: "https://example.com/cat.jpg" } },
            { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
            {
              type: "file",
              file: { filename: "report.pdf", file_data: `data:application/pdf;base64,${pdf}` },
            },
          ],
        },
      ],
    },
    claude: {
      max_tokens: 100,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Compare." },
            { type: "image", source: { type: "url", url: "https://example.com/cat.jpg" } },
            { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
            {
              type: "document",
              source: { type: "base64", media_type: "application/pdf", data: pdf },
              title: "report.pdf",
            },
          ],
        },
      ],
    },
  },
  {
    name: "sound, and a file in OpenAI's store",
    asked: {
      max_tokens: 100,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Listen." },
            { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
            { type: "file", file: { file_id: "file-1" } },
          ],
        },
      ],
    },
    claude: { max_tokens: 100, messages: [{ role: "user", content: "Listen." }] },
    lossy: ["messages[0].content[1]", "messages[0].content[2]"],
  },
  {
    name: "a system message in the middle, and speakers with names",
    asked: {
      max_tokens: 100,
      messages: [
        { role: "user", content: "One.", name: "ann" },
        { role: "assistant", content: "Yes?" },
        { role: "system", content: "Be brief." },
        { role: "user", content: "Two." },
      ],
    },
    claude: {
      max_tokens: 100,
      system: "Be brief.",
      messages: [
        { role: "user", content: "One." },
        { role: "assistant", content: "Yes?" },
        { role: "user", content: "Two." },
      ],
    },
    lossy: ["messages[0].name", "messages[2]"],
  },
];

const toolUse: FromOpenAi[] = [
  {
    name: "parallel tool calls and their results, the results first in one user turn",
    asked: {
      max_tokens: 100,
      tools,
      messages: [
        { role: "user", content: "Paris and Rome?" },
        {
          role: "assistant",
          content: "I'll look.",
          tool_calls: [
            {
              id: "call_a",
              type: "function",
              function: { name: weather.name, arguments: '{"city":"Paris"}' },
            },
            {
              id: "call_b",
              type: "function",
              function: { name: weather.name, arguments: '{"city": "Rome"}' },
            },
          ],
        },
        { role: "tool", tool_call_id: "call_b", content: "sunny" },
        { role: "tool", tool_call_id: "call_a", content: [{ type: "text", text: "rainy" }] },
        { role: "user", content: "In one word." },
      ],
    },
    claude: {
      max_tokens: 100,
      tools: claudeTools,
      messages: [
        { role: "user", content: "Paris and Rome?" },
        {
          role: "assistant",
          content: [
            { type: "text", text: "I'll look." },
            { type: "tool_use", id: "call_a", name: weather.name, input: { city: "Paris" } },
            { type: "tool_use", id: "call_b", name: weather.name, input: { city: "Rome" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "call_b", content: "sunny" },
            { type: "tool_result", tool_use_id: "call_a", content: "rainy" },
            { type: "text", text: "In one word." },
          ],
        },
      ],
    },
  },
  ...(
    [
      ["auto", { type: "auto" }],
      ["none", { type: "none" }],
      ["required", { type: "any" }],
      [
        { type: "function", function: { name: weather.name } },
        { type: "tool", name: weather.name },
      ],
      [
        {
          type: "allowed_tools",
          allowed_tools: {
            mode: "required",
            tools: [{ type: "function", function: { name: weather.name } }],
          },
        },
        { type: "any" },
      ],
    ] as const
  ).map(
    ([choice, claudeChoice]): FromOpenAi => ({
      name: `tool_choice ${JSON.stringify(choice)}`,
      asked: {
        ...asked,
        tools,
        tool_choice:
          typeof choice === "object" && choice.type === "allowed_tools"
            ? {
                type: "allowed_tools",
                allowed_tools: { mode: "required", tools: [...choice.allowed_tools.tools] },
              }
            : choice,
      },
      claude: { ...unlimited, tools: claudeTools, tool_choice: claudeChoice },
    }),
  ),
  {
    name: "one tool call at a time",
    asked: { ...asked, tools, parallel_tool_calls: false },
    claude: {
      ...unlimited,
      tools: claudeTools,
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    },
  },
  {
    name: "one tool call at a time, and there must be one",
    asked: { ...asked, tools, tool_choice: "required", parallel_tool_calls: false },
    claude: {
      ...unlimited,
      tools: claudeTools,
      tool_choice: { type: "any", disable_parallel_tool_use: true },
    },
  },
];

const parameters: FromOpenAi[] = [
  { name: "no limit", asked, claude: unlimited },
  { name: "max_tokens", asked: { ...asked, max_tokens: 7 }, claude: { ...unlimited, max_tokens: 7 } },
  {
    name: "max_completion_tokens above what the model writes",
    asked: { ...asked, max_completion_tokens: 100_000 },
    claude: unlimited,
    lossy: ["max_completion_tokens"],
  },
  {
    name: "one stop sequence",
    asked: { ...asked, stop: "END" },
    claude: { ...unlimited, stop_sequences: ["END"] },
  },
  {
    name: "stop sequences",
    asked: { ...asked, stop: ["END", "\n\nUser:"] },
    claude: { ...unlimited, stop_sequences: ["END", "\n\nUser:"] },
  },
  {
    name: "the end user",
    asked: { ...asked, user: "u-1" },
    claude: { ...unlimited, metadata: { user_id: "u-1" } },
  },
  { name: "temperature", asked: { ...asked, temperature: 0.3 }, claude: { ...unlimited, temperature: 0.3 } },
  {
    name: "temperature above Anthropic's",
    asked: { ...asked, temperature: 1.7 },
    claude: { ...unlimited, temperature: 1 },
    lossy: ["temperature"],
  },
  {
    name: "what Claude has not: n, seed, logprobs, penalties, logit_bias",
    asked: {
      ...asked,
      n: 2,
      seed: 42,
      logprobs: true,
      top_logprobs: 3,
      frequency_penalty: 0.5,
      presence_penalty: -0.5,
      logit_bias: { "50256": -100 },
    },
    claude: unlimited,
    lossy: ["n", "seed", "logprobs", "top_logprobs", "frequency_penalty", "presence_penalty", "logit_bias"],
  },
  {
    name: "fields of OpenAI's alone",
    asked: { ...asked, store: true, metadata: { team: "a" }, prompt_cache_key: "k", verbosity: "low" },
    claude: unlimited,
    lossy: ["store", "metadata", "prompt_cache_key", "verbosity"],
  },
  {
    name: "the ordinary service tier",
    asked: { ...asked, service_tier: "default" },
    claude: { ...unlimited, service_tier: "standard_only" },
  },
  {
    name: "cache_control, which clients of gateways send",
    asked: {
      messages: [
        {
          role: "system",
          content: [
            // @ts-expect-error not a field of OpenAI's
            { type: "text", text: "Long.", cache_control: { type: "ephemeral", ttl: "1h" } },
          ],
        },
        ask,
      ],
    },
    claude: {
      ...unlimited,
      system: [{ type: "text", text: "Long.", cache_control: { type: "ephemeral", ttl: "1h" } }],
    },
  },
  {
    name: "an answer that follows a JSON schema",
    asked: {
      ...asked,
      response_format: { type: "json_schema", json_schema: { name: "person", strict: true, schema: person } },
    },
    claude: { ...unlimited, output_config: { format: { type: "json_schema", schema: person } } },
  },
];

const reasoning: FromOpenAi[] = [
  {
    name: "reasoning effort as a budget",
    asked: { ...asked, reasoning_effort: "high", max_completion_tokens: 30_000 },
    claude: { max_tokens: 30_000, messages: [ask], thinking: { type: "enabled", budget_tokens: 16_384 } },
  },
  {
    name: "reasoning effort as an effort",
    model: "claude-opus-4-7",
    asked: { ...asked, reasoning_effort: "high", max_completion_tokens: 30_000 },
    claude: {
      max_tokens: 30_000,
      messages: [ask],
      thinking: { type: "adaptive" },
      output_config: { effort: "high" },
    },
  },
  {
    name: "minimal effort, which Claude calls low",
    model: "claude-opus-4-7",
    asked: { ...asked, reasoning_effort: "minimal", max_completion_tokens: 30_000 },
    claude: {
      max_tokens: 30_000,
      messages: [ask],
      thinking: { type: "adaptive" },
      output_config: { effort: "low" },
    },
    lossy: ["reasoning_effort"],
  },
  { name: "no reasoning", asked: { ...asked, reasoning_effort: "none" }, claude: unlimited },
  {
    name: "a limit too small to think in",
    asked: { ...asked, reasoning_effort: "low", max_completion_tokens: 500 },
    claude: { max_tokens: 500, messages: [ask] },
    lossy: ["reasoning_effort"],
  },
];

export const fromOpenAi: readonly FromOpenAi[] = [...messages, ...toolUse, ...parameters, ...reasoning];
