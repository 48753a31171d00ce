/** Messages requests, and the Chat Completions requests they become. */
import { type FromAnthropic, pdf, person, png, weather } from "./request-cases.ts";

const ask = { role: "user", content: "Hello" } as const;
const asked = { max_tokens: 100, messages: [ask] };
const translated = { max_completion_tokens: 100, messages: [ask] };
const schema = { ...weather.schema, required: ["city"] };
const tools = [{ name: weather.name, description: weather.description, input_schema: schema }];
const openaiTools = [
  {
    type: "function" as const,
    function: { name: weather.name, description: weather.description, parameters: schema },
  },
];
const call = (id: string, city: string) =>
  ({ id, type: "function", function: { name: weather.name, arguments: JSON.stringify({ city }) } }) as const;

const messages: FromAnthropic[] = [
  {
    name: "a system prompt and several turns",
    asked: {
      max_tokens: 100,
      system: "Be brief.",
      messages: [
        { role: "user", content: "My name is Ünal ✓" },
        { role: "assistant", content: [{ type: "text", text: "Noted." }] },
        { role: "user", content: "What is it?" },
      ],
    },
    openai: {
      max_completion_tokens: 100,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "My name is Ünal ✓" },
        { role: "assistant", content: "Noted." },
        { role: "user", content: "What is it?" },
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
            { type: "image", source: { type: "url", url: "https://example.com/cat.jpg" } },
            { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
            {
              type: "document",
              source: { type: "base64", media_type: "application/pdf", data: pdf },
              title: "report.pdf",
            },
            { type: "text", text: "Compare." },
          ],
        },
      ],
    },
    openai: {
      max_completion_tokens: 100,
      messages: [
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: "https://example.com/cat.jpg" } },
            { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
            {
              type: "file",
              file: { filename: "report.pdf", file_data: `data:application/pdf;base64,${pdf}` },
            },
            { type: "text", text: "Compare." },
          ],
        },
      ],
    },
  },
  {
    name: "a PDF by URL, which OpenAI does not take",
    asked: {
      max_tokens: 100,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Read." },
            { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
          ],
        },
      ],
    },
    openai: { max_completion_tokens: 100, messages: [{ role: "user", content: "Read." }] },
    lossy: ["messages[0].content[1]"],
  },
  {
    name: "a text document with a title",
    asked: {
      max_tokens: 100,
      messages: [
        {
          role: "user",
          content: [
            {
              type: "document",
              title: "notes.txt",
              source: { type: "text", media_type: "text/plain", data: "Milk." },
            },
          ],
        },
      ],
    },
    openai: { max_completion_tokens: 100, messages: [{ role: "user", content: "notes.txt\n\nMilk." }] },
    lossy: ["messages[0].content[0]"],
  },
  {
    name: "an answer that Claude was to continue",
    asked: { max_tokens: 100, messages: [ask, { role: "assistant", content: "{" }] },
    openai: { max_completion_tokens: 100, messages: [ask, { role: "assistant", content: "{" }] },
    lossy: ["messages[1]"],
  },
  {
    name: "cache markers, which OpenAI does without",
    asked: {
      ...asked,
      system: [{ type: "text", text: "Long.", cache_control: { type: "ephemeral" } }],
    },
    openai: { ...translated, messages: [{ role: "system", content: "Long." }, ask] },
    lossy: ["system[0].cache_control"],
  },
];

const toolUse: FromAnthropic[] = [
  {
    name: "parallel tool calls and their results, each a message of its own",
    asked: {
      max_tokens: 100,
      tools,
      messages: [
        { role: "user", content: "Paris and Rome?" },
        {
          role: "assistant",
          content: [
            { type: "text", text: "I'll look." },
            { type: "tool_use", id: "toolu_a", name: weather.name, input: { city: "Paris" } },
            { type: "tool_use", id: "toolu_b", name: weather.name, input: { city: "Rome" } },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_b", content: "sunny" },
            { type: "tool_result", tool_use_id: "toolu_a", content: [{ type: "text", text: "rainy" }] },
            { type: "text", text: "In one word." },
          ],
        },
      ],
    },
    openai: {
      max_completion_tokens: 100,
      tools: openaiTools,
      messages: [
        { role: "user", content: "Paris and Rome?" },
        {
          role: "assistant",
          content: "I'll look.",
          tool_calls: [call("toolu_a", "Paris"), call("toolu_b", "Rome")],
        },
        { role: "tool", tool_call_id: "toolu_b", content: "sunny" },
        { role: "tool", tool_call_id: "toolu_a", content: "rainy" },
        { role: "user", content: "In one word." },
      ],
    },
  },
  {
    name: "a failed tool that answers with a picture",
    asked: {
      max_tokens: 100,
      tools,
      messages: [
        ask,
        { role: "assistant", content: [{ type: "tool_use", id: "toolu_a", name: weather.name, input: {} }] },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "toolu_a",
              is_error: true,
              content: [
                { type: "text", text: "no such city" },
                { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
              ],
            },
          ],
        },
      ],
    },
    openai: {
      max_completion_tokens: 100,
      tools: openaiTools,
      messages: [
        ask,
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "toolu_a", type: "function", function: { name: weather.name, arguments: "{}" } },
          ],
        },
        { role: "tool", tool_call_id: "toolu_a", content: "no such city" },
        {
          role: "user",
          content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }],
        },
      ],
    },
    lossy: ["messages[2].content[0].is_error", "messages[2].content[0]"],
  },
  ...(
    [
      [{ type: "auto" }, "auto"],
      [{ type: "none" }, "none"],
      [{ type: "any" }, "required"],
      [
        { type: "tool", name: weather.name },
        { type: "function", function: { name: weather.name } },
      ],
    ] as const
  ).map(
    ([choice, openaiChoice]): FromAnthropic => ({
      name: `tool_choice ${JSON.stringify(choice)}`,
      asked: { ...asked, tools, tool_choice: choice },
      openai: { ...translated, tools: openaiTools, tool_choice: openaiChoice },
    }),
  ),
  {
    name: "a tool that Anthropic runs, beside one that the application runs",
    asked: {
      ...asked,
      tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 2 }, ...tools],
    },
    openai: { ...translated, tools: openaiTools },
    lossy: ["tools[0]"],
  },
  {
    name: "one tool call at a time",
    asked: { ...asked, tools, tool_choice: { type: "any", disable_parallel_tool_use: true } },
    openai: { ...translated, tools: openaiTools, tool_choice: "required", parallel_tool_calls: false },
  },
];

const parameters: FromAnthropic[] = [
  {
    name: "stop sequences",
    asked: { ...asked, stop_sequences: ["END", "STOP"] },
    openai: { ...translated, stop: ["END", "STOP"] },
  },
  {
    name: "a stop sequence for a model that thinks",
    model: "gpt-5",
    asked: { ...asked, stop_sequences: ["END"] },
    openai: translated,
    lossy: ["stop_sequences"],
  },
  {
    name: "temperature, in the version of the API that has it",
    asked: { ...asked, temperature: 0.3 },
    openai: { ...translated, temperature: 0.3 },
  },
  {
    name: "more stop sequences than OpenAI takes",
    asked: { ...asked, stop_sequences: ["1", "2", "3", "4", "5"] },
    openai: { ...translated, stop: ["1", "2", "3", "4"] },
    lossy: ["stop_sequences"],
  },
  {
    name: "fields of Anthropic's alone",
    asked: { ...asked, inference_geo: "us", service_tier: "standard_only" },
    openai: { ...translated, service_tier: "default" },
    lossy: ["inference_geo"],
  },
  {
    name: "the end user",
    asked: { ...asked, metadata: { user_id: "u-1" } },
    openai: { ...translated, user: "u-1" },
  },
  {
    name: "an answer that follows a JSON schema",
    asked: { ...asked, output_config: { format: { type: "json_schema", schema: person } } },
    openai: {
      ...translated,
      response_format: { type: "json_schema", json_schema: { name: "answer", schema: person, strict: true } },
    },
  },
  {
    name: "a thinking budget as an effort",
    model: "gpt-5",
    asked: { ...asked, max_tokens: 8000, thinking: { type: "enabled", budget_tokens: 4096 } },
    openai: { ...translated, max_completion_tokens: 8000, reasoning_effort: "medium" },
    lossy: ["thinking"],
  },
  {
    name: "thinking asked of a model that does not think",
    asked: { ...asked, thinking: { type: "adaptive" }, output_config: { effort: "low" } },
    openai: translated,
    lossy: ["thinking"],
  },
  {
    name: "adaptive thinking with an effort",
    model: "gpt-5",
    asked: { ...asked, thinking: { type: "adaptive" }, output_config: { effort: "low" } },
    openai: { ...translated, reasoning_effort: "low" },
  },
  {
    name: "thinking that Claude signed, which is no one else's",
    asked: {
      max_tokens: 100,
      messages: [
        ask,
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Hm.", signature: "c2lnbmVk" },
            { type: "text", text: "Hello!" },
          ],
        },
        ask,
      ],
    },
    openai: {
      max_completion_tokens: 100,
      messages: [ask, { role: "assistant", content: "Hello!" }, ask],
    },
    lossy: ["messages[1].content[0]"],
  },
];

export const fromAnthropic: readonly FromAnthropic[] = [...messages, ...toolUse, ...parameters];
