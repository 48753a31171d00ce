import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import { anthropic } from "../../../../src/dialects/anthropic/index.ts";
import type { JsonObject, JsonValue } from "../../../../src/json/types.ts";
import { clientCall, redactedBy, signedBy } from "../../../sealing.ts";
import { type Body, encode } from "./requests.ts";

const base: JsonObject = { model: "m", max_tokens: 5, messages: [{ role: "user", content: "Hi" }] };
const decode = (body: Partial<Body> | JsonObject) =>
  anthropic.decodeRequest({ ...base, ...body } as JsonObject, clientCall());

it("reads every field that has a neutral meaning", () => {
  const body: Body = {
    model: "claude-sonnet-4-5",
    max_tokens: 100,
    stream: true,
    system: [{ type: "text", text: "s", cache_control: { type: "ephemeral", ttl: "1h" } }],
    messages: [
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "sig" },
          { type: "redacted_thinking", data: "enc" },
          { type: "tool_use", id: "t", name: "f", input: { a: 1 }, caller: { type: "direct" } },
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "t",
            is_error: true,
            content: [{ type: "image", source: { type: "url", url: "https://a" } }],
          },
          { type: "document", title: "d", source: { type: "text", media_type: "text/plain", data: "x" } },
        ],
      },
    ],
    tools: [{ name: "f", description: "d", input_schema: { type: "object" }, strict: true }],
    tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
    stop_sequences: ["END"],
    thinking: { type: "enabled", budget_tokens: 2000 },
    output_config: { effort: "high", format: { type: "json_schema", schema: { type: "object" } } },
    metadata: { user_id: "u" },
    service_tier: "auto",
    temperature: 1,
    top_p: 0.9,
    top_k: 4,
  };
  expect(anthropic.decodeRequest(body as unknown as JsonObject, clientCall())).toMatchInlineSnapshot(`
    {
      "dialect": "anthropic",
      "extra": {},
      "foreignTools": [],
      "includeUsage": true,
      "maxOutputTokens": 100,
      "model": "claude-sonnet-4-5",
      "output": {
        "kind": "json-schema",
        "schema": {
          "type": "object",
        },
        "strict": true,
      },
      "parallelToolCalls": false,
      "paths": {
        "maxOutputTokens": "max_tokens",
        "output": "output_config.format",
        "parallelToolCalls": "tool_choice.disable_parallel_tool_use",
        "reasoning": "thinking",
        "serviceTier": "service_tier",
        "stop": "stop_sequences",
        "toolChoice": "tool_choice",
        "topK": "top_k",
        "topP": "top_p",
        "turns": "messages",
        "user": "metadata.user_id",
      },
      "reasoning": {
        "budget": 2000,
        "effort": "high",
        "enabled": true,
      },
      "serviceTier": "auto",
      "stop": [
        "END",
      ],
      "stream": true,
      "temperature": 1,
      "toolChoice": {
        "kind": "tool",
        "name": "f",
      },
      "tools": [
        {
          "at": "tools[0]",
          "description": "d",
          "name": "f",
          "parameters": {
            "type": "object",
          },
          "strict": true,
        },
      ],
      "topK": 4,
      "topP": 0.9,
      "turns": [
        {
          "at": "system",
          "parts": [
            {
              "at": "system[0]",
              "cache": {
                "ttl": "1h",
              },
              "kind": "text",
              "text": "s",
            },
          ],
          "role": "system",
        },
        {
          "at": "messages[0]",
          "parts": [
            {
              "at": "messages[0].content",
              "kind": "text",
              "text": "Hi",
            },
          ],
          "role": "user",
        },
        {
          "at": "messages[1]",
          "parts": [
            {
              "at": "messages[1].content[0]",
              "kind": "reasoning",
              "origin": "anthropic",
              "signature": "sig",
              "text": "hm",
            },
            {
              "at": "messages[1].content[1]",
              "kind": "reasoning",
              "origin": "anthropic",
              "redacted": "enc",
              "text": "",
            },
            {
              "arguments": "{"a":1}",
              "at": "messages[1].content[2]",
              "id": "t",
              "kind": "tool-call",
              "name": "f",
            },
          ],
          "role": "assistant",
        },
        {
          "at": "messages[2]",
          "parts": [
            {
              "at": "messages[2].content[0]",
              "callId": "t",
              "content": [
                {
                  "at": "messages[2].content[0].content[0]",
                  "kind": "image",
                  "source": {
                    "kind": "url",
                    "url": "https://a",
                  },
                },
              ],
              "isError": true,
              "kind": "tool-result",
            },
            {
              "at": "messages[2].content[1]",
              "kind": "document",
              "name": "d",
              "source": {
                "kind": "text",
                "text": "x",
              },
            },
          ],
          "role": "user",
        },
      ],
      "user": "u",
    }
  `);
});

describe("what has no neutral meaning is kept under its path", () => {
  const document: JsonObject = {
    type: "document",
    source: { type: "url", url: "https://a" },
    citations: { enabled: true },
    context: "c",
  };
  const table: [string, JsonObject, Record<string, JsonValue>][] = [
    ["top level", { container: "c" }, { container: "c" }],
    ["null says nothing", { container: null }, {}],
    [
      "thinking display",
      { thinking: { type: "adaptive", display: "summarized" } },
      { "thinking.display": "summarized" },
    ],
    ["a kind of thinking", { thinking: { type: "between_tools" } }, { thinking: { type: "between_tools" } }],
    [
      "output config",
      { output_config: { task_budget: { tokens: 5 } } },
      { "output_config.task_budget": { tokens: 5 } },
    ],
    [
      "document options",
      { messages: [{ role: "user", content: [document] }] },
      { "messages[0].content[0].citations": { enabled: true }, "messages[0].content[0].context": "c" },
    ],
  ];
  it.each(table)("%s", (_, fields, extra) => {
    const request = decode(fields);
    expect(request.extra).toEqual(extra);
    // And comes back where it was.
    const { body, losses } = encode(request, { model: "claude-opus-4-6" });
    expect(body).toMatchObject(JSON.parse(JSON.stringify(fields, (_key, value) => value ?? undefined)));
    expect(losses).toEqual([]);
  });

  it("blocks of server tools are foreign, and come back whole", () => {
    const blocks = [
      { type: "server_tool_use", id: "s", name: "web_search", input: { query: "x" } },
      { type: "web_search_tool_result", tool_use_id: "s", content: [] },
      { type: "text", text: "done" },
    ];
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: blocks },
      { role: "user", content: "more" },
    ];
    const request = decode({ messages });
    expect(request.turns[1]?.parts.map((part) => part.kind)).toEqual(["foreign", "foreign", "text"]);
    expect(encode(request).body.messages).toEqual(messages);
  });
});

describe("thinking of another provider", () => {
  it("is known by its signature", () => {
    const content = [
      { type: "thinking", thinking: "hm", signature: "tollgate:openai-chat:" },
      { type: "thinking", thinking: "hm", signature: signedBy("openai-responses", "abc", "hm") },
      { type: "redacted_thinking", data: redactedBy("bedrock-converse", "enc") },
      { type: "thinking", thinking: "hm", signature: "" },
      { type: "redacted_thinking", data: "" },
    ];
    const { turns } = decode({
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content },
      ],
    });
    const thought = (at: number, more: object) => ({
      kind: "reasoning",
      text: "hm",
      at: `messages[1].content[${at}]`,
      ...more,
    });
    expect(turns[1]?.parts).toEqual([
      thought(0, { origin: "openai-chat" }),
      thought(1, { origin: "openai-responses", signature: "abc" }),
      thought(2, { origin: "bedrock-converse", text: "", redacted: "enc" }),
      thought(3, { origin: "anthropic" }),
      thought(4, { origin: "anthropic", text: "" }),
    ]);
  });

  it("that is not what we gave it loses its proof, and Claude is not sent any of it", () => {
    const content = [
      { type: "thinking", thinking: "hm", signature: signedBy("anthropic", "abc", "hm, well") },
      { type: "thinking", thinking: "hm", signature: "tollgate:anthropic:abc" },
      { type: "redacted_thinking", data: redactedBy("anthropic", "enc").replace(/enc$/, "end") },
      { type: "text", text: "Twelve." },
    ];
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content },
      { role: "user", content: "more" },
    ];
    const { body, losses } = encode(decode({ messages }));
    expect(body.messages[1]).toEqual({ role: "assistant", content: "Twelve." });
    expect(losses).toMatchObject(
      [0, 1, 2].map((at) => ({ how: "dropped", path: `messages[1].content[${at}]` })),
    );
  });
});

describe("mistakes name their place", () => {
  const table: [JsonObject, string][] = [
    [{ model: null }, "model"],
    [{ model: 3 }, "model"],
    [{ max_tokens: null }, "max_tokens"],
    [{ max_tokens: 1.5 }, "max_tokens"],
    [{ max_tokens: "5" }, "max_tokens"],
    [{ messages: [] }, "messages"],
    [{ messages: "Hi" }, "messages"],
    [{ messages: ["Hi"] }, "messages[0]"],
    [{ messages: [{ role: "tool", content: "x" }] }, "messages[0].role"],
    [{ messages: [{ role: "user" }] }, "messages[0].content"],
    [{ messages: [{ role: "user", content: 3 }] }, "messages[0].content"],
    [{ messages: [{ role: "user", content: ["x"] }] }, "messages[0].content[0]"],
    [{ messages: [{ role: "user", content: [{ text: "x" }] }] }, "messages[0].content[0].type"],
    [{ messages: [{ role: "user", content: [{ type: "text" }] }] }, "messages[0].content[0].text"],
    [{ messages: [{ role: "user", content: [{ type: "image" }] }] }, "messages[0].content[0].source"],
    [{ system: 3 }, "system"],
    [{ stop_sequences: [1] }, "stop_sequences[0]"],
    [{ tools: [{ name: "f" }] }, "tools[0].input_schema"],
    [{ tool_choice: { type: "maybe" } }, "tool_choice.type"],
    [{ tool_choice: { type: "tool" } }, "tool_choice.name"],
    [{ stream: "yes" }, "stream"],
    [{ metadata: { user_id: 3 } }, "metadata.user_id"],
    [{ thinking: { type: "enabled", budget_tokens: "many" } }, "thinking.budget_tokens"],
    [{ output_config: { format: { type: "json_schema" } } }, "output_config.format.schema"],
  ];
  it.each(table)("%j", (fields, path) => {
    const error = (() => {
      try {
        return decode(fields);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ path, status: 400 });
    expect((error as Error).message).toContain(path);
  });
});

const fixtures = new URL("../../../fixtures/anthropic/", import.meta.url);
const recorded = readdirSync(fixtures).filter((name) => name.endsWith(".request.json"));

describe.each(recorded)("%s, as Anthropic takes it", (name) => {
  const body: JsonObject = JSON.parse(readFileSync(new URL(name, fixtures), "utf8"));

  it("is encoded as it was, up to the short forms of content", () => {
    const encoded = encode(anthropic.decodeRequest(body, clientCall()), { model: String(body["model"]) });
    expect(encoded.losses).toEqual([]);
    const longForms = (value: object) =>
      JSON.parse(JSON.stringify(value), (key, member) =>
        ["content", "system"].includes(key) && typeof member === "string"
          ? [{ type: "text", text: member }]
          : member,
      );
    const { stream: _, ...sent } = body;
    const said = (value: JsonObject) =>
      JSON.parse(JSON.stringify(value), (key, member) =>
        key === "is_error" && member === false ? undefined : member,
      );
    expect(longForms(encoded.body)).toEqual(said(longForms(sent)));
  });
});
