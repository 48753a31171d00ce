import type { ResponseInputItem, Tool } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import type { ConversationRequest } from "../../../../src/conversation/request.ts";
import type { JsonObject } from "../../../../src/json/types.ts";
import { decode } from "./requests.ts";

const turns = (input: ReadonlyArray<ResponseInputItem | JsonObject>) =>
  decode({ input: input as ResponseInputItem[] }).turns;
const kinds = (parts: readonly Part[] | undefined) => parts?.map(({ kind }) => kind);

describe("input", () => {
  it("may be a string, with instructions before it", () => {
    expect(decode({ input: "hi", instructions: "be brief" }).turns).toEqual([
      {
        role: "system",
        parts: [{ kind: "text", text: "be brief", at: "instructions" }],
        at: "instructions",
      },
      { role: "user", parts: [{ kind: "text", text: "hi", at: "input" }], at: "input" },
    ]);
  });

  it("keeps messages of all roles where they stand", () => {
    const decoded = turns([
      { role: "developer", content: "be brief" },
      { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
      { role: "assistant", content: "hello" },
      { role: "system", content: "be kind" },
    ]);
    expect(decoded.map(({ role, at }) => `${role} ${at}`)).toEqual([
      "system input[0]",
      "user input[1]",
      "assistant input[2]",
      "system input[3]",
    ]);
    expect(decoded[1]?.parts).toEqual([{ kind: "text", text: "hi", at: "input[1].content[0]" }]);
  });

  it("gathers what the model said into one turn, and the results of its calls into the next", () => {
    const decoded = turns([
      { role: "user", content: "hi" },
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
      {
        type: "message",
        id: "msg_1",
        status: "completed",
        role: "assistant",
        content: [
          { type: "output_text", text: "let me see", annotations: [] },
          { type: "refusal", refusal: "no" },
        ],
      },
      {
        type: "function_call",
        id: "fc_1",
        call_id: "c1",
        name: "f",
        arguments: '{"a":1}',
        status: "completed",
      },
      { type: "function_call", call_id: "c2", name: "g", arguments: "" },
      { type: "function_call_output", call_id: "c2", output: "two" },
      { type: "function_call_output", call_id: "c1", output: [{ type: "input_text", text: "one" }] },
      { role: "user", content: "and now?" },
    ]);
    expect(decoded.map(({ role }) => role)).toEqual(["user", "assistant", "user", "user"]);
    expect(kinds(decoded[1]?.parts)).toEqual(["reasoning", "text", "refusal", "tool-call", "tool-call"]);
    expect(decoded[1]?.parts[3]).toEqual({
      kind: "tool-call",
      id: "c1",
      name: "f",
      arguments: '{"a":1}',
      at: "input[3]",
    });
    expect(decoded[2]?.parts).toMatchObject([
      { kind: "tool-result", callId: "c2", content: [{ kind: "text", text: "two" }], isError: false },
      { kind: "tool-result", callId: "c1", content: [{ kind: "text", text: "one" }], isError: false },
    ]);
  });

  it("keeps items of other tools, the application's answers with the other results", () => {
    const decoded = turns([
      { type: "web_search_call", id: "ws_1", status: "completed" },
      { type: "custom_tool_call", call_id: "c1", name: "sql", input: "SELECT 1" },
      { type: "custom_tool_call_output", call_id: "c1", output: "1" },
      { type: "mcp_approval_response", approval_request_id: "a", approve: true },
    ]);
    expect(decoded.map(({ role, parts }) => [role, ...parts.map(({ kind }) => kind)])).toEqual([
      ["assistant", "foreign", "foreign"],
      ["user", "foreign", "foreign"],
    ]);
  });

  it.each<[name: string, part: JsonObject, expected: object]>([
    [
      "a cache marker",
      { type: "input_text", text: "x", prompt_cache_breakpoint: { mode: "explicit" } },
      { kind: "text", text: "x", cache: {} },
    ],
    [
      "an image by URL",
      { type: "input_image", image_url: "https://e.x/a.png", detail: "low" },
      { kind: "image", source: { kind: "url", url: "https://e.x/a.png" }, detail: "low" },
    ],
    [
      "an image inside",
      { type: "input_image", image_url: "data:image/png;base64,QUJD", detail: "auto" },
      { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "QUJD" }, detail: "auto" },
    ],
    [
      "a stored image",
      { type: "input_image", file_id: "file_1" },
      { kind: "image", source: { kind: "file", id: "file_1" } },
    ],
    [
      "a file inside",
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,QUJD" },
      {
        kind: "document",
        name: "a.pdf",
        source: { kind: "base64", mediaType: "application/pdf", data: "QUJD" },
      },
    ],
    [
      "a file by URL",
      { type: "input_file", file_url: "https://e.x/a.pdf" },
      { kind: "document", source: { kind: "url", url: "https://e.x/a.pdf" } },
    ],
    [
      "a stored file",
      { type: "input_file", file_id: "file_1" },
      { kind: "document", source: { kind: "file", id: "file_1" } },
    ],
    [
      "audio",
      { type: "input_audio", input_audio: { data: "QUJD", format: "wav" } },
      { kind: "audio", source: { kind: "base64", format: "wav", data: "QUJD" } },
    ],
    [
      "citations",
      { type: "output_text", text: "x", annotations: [{ type: "url_citation", url: "u" }] },
      {
        kind: "text",
        text: "x",
        annotations: { dialect: "openai-responses", items: [{ type: "url_citation", url: "u" }] },
      },
    ],
    [
      "anything new",
      { type: "input_video", video: "v" },
      { kind: "foreign", dialect: "openai-responses", value: { type: "input_video", video: "v" } },
    ],
  ])("%s", (_, part, expected) => {
    expect(turns([{ role: "user", content: [part] }])[0]?.parts).toEqual([
      { ...expected, at: "input[0].content[0]" },
    ]);
  });
});

describe("what is kept elsewhere", () => {
  it.each<[name: string, fields: JsonObject, at: string]>([
    ["an earlier response", { previous_response_id: "resp_1" }, "previous_response_id"],
    ["a conversation", { conversation: "conv_1" }, "conversation"],
    ["a prompt", { prompt: { id: "pmpt_1" }, input: null }, "prompt"],
    ["work in the background", { background: true }, "background"],
    [
      "an item",
      {
        input: [
          { role: "user", content: "x" },
          { type: "item_reference", id: "i" },
        ],
      },
      "input[1]",
    ],
    ["an item by its id alone", { input: [{ id: "msg_1" }] }, "input[0]"],
  ])("%s can only be continued by its keeper", (_, fields, at) => {
    expect(decode(fields).kept?.at).toBe(at);
  });

  it("is nothing in a request that stands for itself", () => {
    const alone = { previous_response_id: null, conversation: null, background: false };
    expect(decode(alone).kept).toBeUndefined();
  });
});

describe("fields", () => {
  const rows: Array<[name: string, fields: Record<string, unknown>, expected: Partial<ConversationRequest>]> =
    [
      ["limits", { max_output_tokens: 9 }, { maxOutputTokens: 9 }],
      ["sampling", { temperature: 0.5, top_p: 0.9 }, { temperature: 0.5, topP: 0.9 }],
      ["streaming", { stream: true }, { stream: true, includeUsage: true }],
      ["an effort", { reasoning: { effort: "low" } }, { reasoning: { enabled: true, effort: "low" } }],
      ["no thinking", { reasoning: { effort: "none" } }, { reasoning: { enabled: false, effort: "none" } }],
      ["a wish to see the thinking", { reasoning: { summary: "auto" } }, { reasoning: { enabled: true } }],
      ["log probabilities", { top_logprobs: 3 }, { logprobs: true, topLogprobs: 3 }],
      ["included log probabilities", { include: ["message.output_text.logprobs"] }, { logprobs: true }],
      ["plain text", { text: { format: { type: "text" } } }, { output: { kind: "text" } }],
      ["any JSON", { text: { format: { type: "json_object" } } }, { output: { kind: "json" } }],
      [
        "a schema",
        { text: { format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true } } },
        { output: { kind: "json-schema", name: "n", schema: { type: "object" }, strict: true } },
      ],
      ["the user", { user: "u" }, { user: "u" }],
      ["the user by the newer name", { safety_identifier: "s" }, { user: "s" }],
      ["a tier", { service_tier: "flex" }, { serviceTier: "flex" }],
      ["one call at a time", { parallel_tool_calls: false }, { parallelToolCalls: false }],
      ["nulls", { temperature: null, text: null, tools: null, reasoning: null, tool_choice: null }, {}],
    ];
  it.each(rows)("%s", (_, fields, expected) => {
    const { paths: __, ...plain } = decode({});
    expect(decode(fields)).toMatchObject({ ...plain, ...expected, extra: {} });
  });

  it("keeps what has no neutral meaning, by its path, for the report of losses", () => {
    const { extra } = decode({
      store: true,
      truncation: "auto",
      metadata: { a: "b" },
      prompt_cache_key: "k",
      max_tool_calls: 2,
      text: { verbosity: "low" },
      reasoning: { effort: "low", mode: "pro" },
      include: ["reasoning.encrypted_content", "file_search_call.results"],
      stream_options: { include_obfuscation: false },
      user: "u",
      safety_identifier: "s",
      input: [
        { role: "assistant", content: "x", phase: "commentary" },
        { role: "user", content: [{ type: "input_image", image_url: "https://e.x", detail: "original" }] },
      ] as ResponseInputItem[],
      tools: [{ type: "function", name: "f", parameters: {}, strict: false, defer_loading: true }],
    });
    expect(extra).toEqual({
      store: true,
      truncation: "auto",
      metadata: { a: "b" },
      prompt_cache_key: "k",
      max_tool_calls: 2,
      "text.verbosity": "low",
      "reasoning.mode": "pro",
      "include[1]": "file_search_call.results",
      safety_identifier: "s",
      "input[0].phase": "commentary",
      "input[1].content[0].detail": "original",
      "tools[0].defer_loading": true,
    });
  });
});

describe("tools", () => {
  const f: Tool = {
    type: "function",
    name: "f",
    description: "d",
    parameters: { type: "object" },
    strict: true,
  };
  const g: Tool = { type: "function", name: "g", parameters: null, strict: null };
  const search: Tool = { type: "web_search" };

  it("are functions, or this dialect's own", () => {
    expect(decode({ tools: [f, g, search] })).toMatchObject({
      tools: [
        { name: "f", description: "d", parameters: { type: "object" }, strict: true, at: "tools[0]" },
        { name: "g", at: "tools[1]" },
      ],
      foreignTools: [{ dialect: "openai-responses", value: search, at: "tools[2]" }],
    });
  });

  it.each<[choice: unknown, expected: object]>([
    ["auto", { toolChoice: { kind: "auto" } }],
    ["none", { toolChoice: { kind: "none" } }],
    ["required", { toolChoice: { kind: "required" } }],
    [{ type: "function", name: "g" }, { toolChoice: { kind: "tool", name: "g" } }],
    [{ type: "web_search" }, { extra: { tool_choice: { type: "web_search" } } }],
    [
      { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "g" }] },
      { toolChoice: { kind: "required" }, tools: [{ name: "g" }], foreignTools: [] },
    ],
    [
      { type: "allowed_tools", mode: "auto", tools: [{ type: "web_search" }] },
      { toolChoice: { kind: "auto" }, tools: [], foreignTools: [{ value: search }] },
    ],
  ])("chosen by %j", (tool_choice, expected) => {
    expect(decode({ tools: [f, g, search], tool_choice } as Record<string, unknown>)).toMatchObject(expected);
  });
});

it.each<[name: string, fields: Record<string, unknown>, path: string]>([
  ["no input", { input: undefined }, "input"],
  ["input of another type", { input: 3 }, "input"],
  ["empty input", { input: [] }, "input"],
  ["an item that is none", { input: ["x"] }, "input[0]"],
  ["an item of no kind", { input: [{}] }, "input[0].id"],
  ["an unknown role", { input: [{ role: "robot", content: "x" }] }, "input[0].role"],
  ["a call without a name", { input: [{ type: "function_call", call_id: "c" }] }, "input[0].name"],
  [
    "a result without its call",
    { input: [{ type: "function_call_output", output: "" }] },
    "input[0].call_id",
  ],
  [
    "an image of nothing",
    { input: [{ role: "user", content: [{ type: "input_image" }] }] },
    "input[0].content[0].file_id",
  ],
  ["an unknown effort", { reasoning: { effort: "utmost" } }, "reasoning.effort"],
  ["an unknown format", { text: { format: { type: "xml" } } }, "text.format.type"],
  ["an unknown choice", { tool_choice: "maybe" }, "tool_choice"],
  ["an unknown mode of choice", { tool_choice: { type: "allowed_tools", mode: "x" } }, "tool_choice.mode"],
  ["a limit of another type", { max_output_tokens: "9" }, "max_output_tokens"],
  ["tools of another type", { tools: {} }, "tools"],
])("%s is the client's fault", (_, fields, path) => {
  const attempt = () => decode(fields);
  expect(attempt).toThrow(InvalidRequestError);
  expect(attempt).toThrow(expect.objectContaining({ path, status: 400 }));
});
