import { describe, expect, it } from "vitest";
import type { ConversationRequest } from "../../../../src/conversation/request.ts";
import { assistant, encode, type models, system, text, user } from "./requests.ts";

type Row = readonly [
  name: string,
  over: Partial<ConversationRequest>,
  model: keyof typeof models,
  input: object,
  losses: string[],
];

const url = { kind: "image", source: { kind: "url", url: "https://example.com/a.png" }, at: "a" } as const;
const bytes = {
  kind: "image",
  source: { kind: "base64", mediaType: "image/png", data: "AA==" },
  at: "b",
} as const;
const talk = [user(text("Hi")), assistant(text("Hello")), user(text("Sing"))];
const transcript = "User: Hi\n\nAssistant: Hello\n\nUser: Sing\n\nAssistant:";
const hello = { prompt: "Hello" };

const turns: readonly Row[] = [
  ["one question is the prompt", {}, "llama", hello, []],
  [
    "several texts of it stand apart",
    { turns: [user(text("a"), text("b"))] },
    "llama",
    { prompt: "a\n\nb" },
    [],
  ],
  [
    "the system prompt has a field",
    { turns: [system(text("Be brief")), user(text("Hello"))] },
    "llama",
    { ...hello, system_prompt: "Be brief" },
    [],
  ],
  [
    "Gemini's under another name",
    { turns: [system(text("Be brief")), user(text("Hello"))] },
    "gemini",
    { ...hello, system_instruction: "Be brief" },
    [],
  ],
  [
    "or leads the prompt",
    { turns: [system(text("Be brief")), user(text("Hello"))] },
    "deepseek",
    { prompt: "Be brief\n\nHello" },
    [],
  ],
  [
    "a conversation is a transcript",
    { turns: talk },
    "llama",
    { prompt: transcript },
    ["messages approximated"],
  ],
  [
    "for models that take messages it is messages",
    { turns: [system(text("Be brief")), ...talk] },
    "gpt",
    {
      messages: [
        { role: "system", content: "Be brief" },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello" },
        { role: "user", content: "Sing" },
      ],
    },
    [],
  ],
  ["not for all of OpenAI's", { turns: talk }, "o4", { prompt: transcript }, ["messages approximated"]],
  [
    "nor with images, for which messages have no documented place",
    { turns: [user(text("Hi"), url), ...talk.slice(1)] },
    "gpt",
    { prompt: transcript, image_input: ["https://example.com/a.png"] },
    ["messages approximated"],
  ],
  [
    "what the assistant has begun goes on",
    { turns: [user(text("Hi")), assistant(text("It is"))] },
    "llama",
    { prompt: "User: Hi\n\nAssistant: It is" },
    ["messages approximated"],
  ],
  [
    "but not in messages",
    { turns: [user(text("Hi")), assistant(text("It is"))] },
    "gpt",
    {
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: "It is" },
      ],
    },
    ["messages[1] approximated"],
  ],
  [
    "a system message in the middle moves to the others",
    { turns: [user(text("Hi")), system(text("Be brief")), assistant(text("Yo")), user(text("Hello"))] },
    "llama",
    { prompt: "User: Hi\n\nAssistant: Yo\n\nUser: Hello\n\nAssistant:", system_prompt: "Be brief" },
    ["messages[9] approximated", "messages approximated"],
  ],
];

const parts: readonly Row[] = [
  [
    "images by URL and by their bytes",
    { turns: [user(text("Hello"), url, bytes)] },
    "gemini",
    { ...hello, images: ["https://example.com/a.png", "data:image/png;base64,AA=="] },
    [],
  ],
  [
    "one image where the schema has one",
    { turns: [user(text("Hello"), { ...url, detail: "high" }, bytes)] },
    "claude4",
    { ...hello, image: "https://example.com/a.png", max_image_resolution: 2 },
    ["b dropped"],
  ],
  ["none where it has none", { turns: [user(text("Hello"), url)] }, "llama", hello, ["a dropped"]],
  [
    "an image alone asks as well",
    { turns: [user(url)] },
    "claude4",
    { prompt: "", image: "https://example.com/a.png" },
    [],
  ],
  [
    "a file of another provider",
    { turns: [user(text("Hello"), { kind: "image", source: { kind: "file", id: "f" }, at: "f" })] },
    "gpt",
    hello,
    ["f dropped"],
  ],
  [
    "documents, but for their text",
    {
      turns: [
        user(
          text("Hello"),
          { kind: "document", source: { kind: "text", text: "Once" }, at: "t" },
          { kind: "document", source: { kind: "url", url: "https://example.com/a.pdf" }, at: "p" },
        ),
      ],
    },
    "llama",
    { prompt: "Hello\n\nOnce" },
    ["t approximated", "p dropped"],
  ],
  [
    "audio, calls, results and what only others know",
    {
      turns: [
        user(text("Hello"), {
          kind: "audio",
          source: { kind: "base64", format: "wav", data: "AA==" },
          at: "s",
        }),
        assistant({ kind: "tool-call", id: "c", name: "f", arguments: "{}", at: "c" }),
        user({ kind: "tool-result", callId: "c", content: [text("x")], isError: false, at: "r" }),
        assistant({ kind: "foreign", dialect: "anthropic", value: { type: "web_search" }, at: "w" }),
      ],
    },
    "llama",
    hello,
    ["s dropped", "c dropped", "r dropped", "w dropped"],
  ],
  [
    "thinking, refusals, names and markers",
    {
      turns: [
        { ...user({ ...text("Hello"), cache: {}, at: "m" }), name: "ann" },
        assistant({ kind: "reasoning", text: "hm", origin: "anthropic", at: "h" }),
        assistant({ kind: "refusal", text: "No", at: "n" }),
        user(text("Why?")),
      ],
    },
    "llama",
    { prompt: "User: Hello\n\nAssistant: No\n\nUser: Why?\n\nAssistant:" },
    [
      "messages[0].name dropped",
      "m.cache_control dropped",
      "h dropped",
      "n approximated",
      "messages approximated",
    ],
  ],
];

const parameters: readonly Row[] = [
  [
    "limits and sampling",
    { maxOutputTokens: 9, temperature: 0, topP: 0.9, topK: 5, presencePenalty: 1, frequencyPenalty: 1 },
    "llama",
    {
      ...hello,
      max_tokens: 9,
      temperature: 0,
      top_p: 0.9,
      top_k: 5,
      presence_penalty: 1,
      frequency_penalty: 1,
    },
    [],
  ],
  [
    "under OpenAI's names",
    { maxOutputTokens: 9, temperature: 1.5, topK: 5 },
    "gpt",
    { ...hello, max_completion_tokens: 9, temperature: 1.5 },
    ["top_k dropped"],
  ],
  [
    "under Google's",
    { maxOutputTokens: 9, topP: 0.5 },
    "gemini",
    { ...hello, max_output_tokens: 9, top_p: 0.5 },
    [],
  ],
  [
    "under the oldest",
    { maxOutputTokens: 9, temperature: 0 },
    "llama2",
    { ...hello, max_new_tokens: 9, temperature: 0.01 },
    ["temperature approximated"],
  ],
  [
    "a limit below what is taken",
    { maxOutputTokens: 9 },
    "claude4",
    { ...hello, max_tokens: 1024 },
    ["max_tokens approximated"],
  ],
  [
    "a limit above it",
    { maxOutputTokens: 90_000 },
    "claude35",
    { ...hello, max_tokens: 8192 },
    ["max_tokens approximated"],
  ],
  [
    "no sampling for Claude",
    { temperature: 0.5, topP: 0.5, stop: ["END"] },
    "claude4",
    hello,
    ["temperature dropped", "top_p dropped", "stop dropped"],
  ],
  ["a seed where there is one", { seed: 7 }, "llama3", { ...hello, seed: 7 }, []],
  ["a seed where there is none", { seed: 7 }, "llama", hello, ["seed dropped"]],
  [
    "stop sequences as one text",
    { stop: ["END", "\n"] },
    "llama",
    { ...hello, stop_sequences: "END,\n" },
    [],
  ],
  [
    "with the end of a turn where they take its place",
    { stop: ["END"] },
    "llama3",
    { ...hello, stop_sequences: "END,<|end_of_text|>,<|eot_id|>" },
    [],
  ],
  [
    "none with a comma",
    { stop: ["a,b", "END"] },
    "llama",
    { ...hello, stop_sequences: "END" },
    ["stop dropped"],
  ],
  [
    "what Replicate does not have",
    {
      candidates: 2,
      logprobs: true,
      topLogprobs: 3,
      user: "u",
      serviceTier: "flex",
      extra: { logit_bias: {} },
    },
    "llama",
    hello,
    [
      "logit_bias dropped",
      "n dropped",
      "logprobs dropped",
      "top_logprobs dropped",
      "user dropped",
      "service_tier dropped",
    ],
  ],
  [
    "tools",
    {
      tools: [{ name: "f", at: "tools[0]" }],
      foreignTools: [{ dialect: "anthropic", value: {}, at: "tools[1]" }],
      toolChoice: { kind: "required" },
    },
    "gpt",
    hello,
    ["tools[0] dropped", "tools[1] dropped", "tool_choice dropped"],
  ],
  ["verbosity for GPT-5", { extra: { verbosity: "low" } }, "gpt5", { ...hello, verbosity: "low" }, []],
  [
    "verbosity as Responses has it",
    { extra: { "text.verbosity": "low" } },
    "gpt51",
    { ...hello, verbosity: "low" },
    [],
  ],
  ["not for others", { extra: { verbosity: "low" } }, "gpt", hello, ["verbosity dropped"]],
  [
    "JSON by instruction",
    { output: { kind: "json" } },
    "gpt",
    { ...hello, system_prompt: expect.stringContaining("JSON object") },
    ["response_format approximated"],
  ],
  [
    "a schema by instruction",
    { output: { kind: "json-schema", schema: { type: "object" } }, turns: [system(text("Be")), ...talk] },
    "gpt",
    {
      messages: expect.arrayContaining([
        { role: "system", content: expect.stringContaining('{"type":"object"}') },
      ]),
    },
    ["response_format approximated"],
  ],
];

const on = { enabled: true } as const;
const thinking: readonly Row[] = [
  ["no field", { reasoning: { ...on, effort: "high" } }, "llama", hello, ["reasoning_effort dropped"]],
  ["nothing to turn off", { reasoning: { enabled: false } }, "llama", hello, []],
  ["an effort", { reasoning: { ...on, effort: "high" } }, "o1", { ...hello, reasoning_effort: "high" }, []],
  [
    "the nearest effort",
    { reasoning: { ...on, effort: "minimal" } },
    "o1",
    { ...hello, reasoning_effort: "low" },
    ["reasoning_effort approximated"],
  ],
  [
    "of two as near the higher",
    { reasoning: { ...on, effort: "minimal" } },
    "gpt51",
    { ...hello, reasoning_effort: "low" },
    ["reasoning_effort approximated"],
  ],
  [
    "an effort for a budget",
    { reasoning: { ...on, budget: 5000 } },
    "gpt5",
    { ...hello, reasoning_effort: "medium" },
    ["reasoning_effort approximated"],
  ],
  ["off", { reasoning: { enabled: false } }, "gpt51", { ...hello, reasoning_effort: "none" }, []],
  [
    "as little as can be",
    { reasoning: { enabled: false, effort: "none" } },
    "gpt5",
    { ...hello, reasoning_effort: "minimal" },
    ["reasoning_effort approximated"],
  ],
  [
    "Claude's effort",
    { reasoning: { ...on, effort: "medium" } },
    "claude5",
    { ...hello, effort: "medium" },
    [],
  ],
  ["Claude's rest", { reasoning: { enabled: false } }, "claude5", { ...hello, effort: "low" }, []],
  [
    "Claude's budget, with room for the answer",
    { reasoning: { ...on, budget: 2000 } },
    "claude4",
    { ...hello, max_tokens: 10_192, extended_thinking: true, thinking_budget_tokens: 2000 },
    [],
  ],
  [
    "within the limit",
    { reasoning: { ...on, effort: "high" }, maxOutputTokens: 4000 },
    "claude4",
    { ...hello, max_tokens: 4000, extended_thinking: true, thinking_budget_tokens: 3999 },
    ["reasoning_effort approximated"],
  ],
  [
    "none when the limit leaves no room",
    { reasoning: { ...on, effort: "low" }, maxOutputTokens: 1024 },
    "claude4",
    { ...hello, max_tokens: 1024 },
    ["reasoning_effort dropped"],
  ],
  [
    "Gemini's budget",
    { reasoning: { ...on, budget: 5000 } },
    "gemini",
    { ...hello, thinking_budget: 5000, dynamic_thinking: false },
    [],
  ],
  ["Gemini's own decision", { reasoning: on }, "gemini", { ...hello, dynamic_thinking: true }, []],
  [
    "Gemini's rest",
    { reasoning: { enabled: false } },
    "gemini",
    { ...hello, thinking_budget: 0, dynamic_thinking: false },
    [],
  ],
  [
    "Gemini 3's level",
    { reasoning: { ...on, effort: "medium" } },
    "gemini3",
    { ...hello, thinking_level: "high" },
    ["reasoning_effort approximated"],
  ],
];

describe.each([
  ["turns", turns],
  ["parts", parts],
  ["parameters", parameters],
  ["thinking", thinking],
])("%s", (_, rows) => {
  it.each(rows)("%s", (_name, over, model, input, losses) => {
    const encoded = encode(over, model);
    expect(encoded.input).toEqual(input);
    expect(encoded.losses).toEqual(losses);
  });
});

describe("a request", () => {
  it("names the version of a model that has no path of its own", () => {
    expect(encode({}, "version").body).toEqual({ version: `acme/chat:${"5c".repeat(32)}`, input: hello });
    expect(Object.keys(encode({}, "deployment").body)).toEqual(["input"]);
    expect(Object.keys(encode({}, "llama").body)).toEqual(["input"]);
  });

  it.each(["gpt-4o", "acme", "a/b/c", "acme/chat:latest", "", "/", "../x/y"])(
    "for %o is refused: Replicate has no such model",
    (named) => {
      expect(() => encode({}, { named })).toThrow(/owner\/name/);
    },
  );

  it("of which nothing can be said is refused", () => {
    const call = { kind: "tool-call", id: "c", name: "f", arguments: "{}" } as const;
    expect(() => encode({ turns: [] })).toThrow(/nothing in the messages/);
    expect(() => encode({ turns: [system(text("Be brief"))] })).toThrow(/nothing in the messages/);
    expect(() => encode({ turns: [assistant(call)] })).toThrow(/nothing in the messages/);
  });

  it("is fitted to what the policy says of the input", () => {
    const quirks = { unsupported: ["top_k"], renamed: { max_tokens: "max_new_tokens" } };
    const { input, losses } = encode({ maxOutputTokens: 9, topK: 3 }, "llama", quirks);
    expect(input).toEqual({ ...hello, max_new_tokens: 9 });
    expect(losses).toEqual(["top_k dropped"]);
  });
});
