/** Source: https://docs.anthropic.com/en/api/messages */
import type { JsonObject } from "../../../src/json/types.ts";
import { signedBy } from "../../sealing.ts";
import {
  closedSchema,
  defaults,
  eitherSchema,
  openSchema,
  pdf,
  png,
  type RequestCatalogue,
  rows,
} from "./probe.ts";

const question: JsonObject = { role: "user", content: "What is the weather?" };
const base64 = (media_type: string, data: string): JsonObject => ({ type: "base64", media_type, data });
const shown = (...blocks: JsonObject[]): JsonObject => ({
  messages: [{ role: "user", content: [...blocks, { type: "text", text: "What is this?" }] }],
});
const image = (source: JsonObject): JsonObject => shown({ type: "image", source });
const document = (source: JsonObject, more: JsonObject = {}): JsonObject =>
  shown({ type: "document", source, ...more });
const ephemeral = { type: "ephemeral" };
const tool = (more: JsonObject = {}): JsonObject => ({
  name: "weather",
  description: "Tells it",
  input_schema: openSchema,
  ...more,
});
const told = (more: JsonObject): JsonObject => ({
  tools: [tool()],
  messages: [
    question,
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "weather", input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "sunny", ...more }] },
  ],
});
const said = (...content: JsonObject[]): JsonObject => ({
  messages: [
    question,
    { role: "assistant", content: [...content, { type: "text", text: "Sunny." }] },
    question,
  ],
});
const output = (schema: JsonObject): JsonObject => ({
  output_config: { format: { type: "json_schema", schema } },
});

/** What the request is without the feature, where that is more than the plain question. */
const bases: Readonly<Record<string, JsonObject>> = {
  "document with `citations`": document(base64("application/pdf", pdf)),
  "document with `context`": document(base64("application/pdf", pdf)),
  "tools, `strict`, closed schema": { tools: [tool({ input_schema: closedSchema })] },
  "`tool_choice: none`": { tools: [tool()] },
  "`tool_choice: any`": { tools: [tool()] },
  "`tool_choice: tool`": { tools: [tool()] },
  "`disable_parallel_tool_use`": { tools: [tool()] },
  "tool result, `is_error`": told({}),
  "web search in the history": {
    messages: [question, { role: "assistant", content: [{ type: "text", text: "Sunny." }] }, question],
  },
  "citations in the history": {
    messages: [question, { role: "assistant", content: [{ type: "text", text: "Sunny." }] }, question],
  },
  "thinking in the history, signed by Anthropic": {
    messages: [question, { role: "assistant", content: [{ type: "text", text: "Sunny." }] }, question],
  },
  "thinking in the history, redacted": {
    messages: [question, { role: "assistant", content: [{ type: "text", text: "Sunny." }] }, question],
  },
  "thinking in the history, signed by Gemini": {
    messages: [question, { role: "assistant", content: [{ type: "text", text: "Sunny." }] }, question],
  },
  "`cache_control` on a block": shown({ type: "text", text: "Long" }),
  "`cache_control`, one hour": shown({ type: "text", text: "Long", cache_control: ephemeral }),
  "`cache_control` on `system`": { system: [{ type: "text", text: "Long" }] },
  "`cache_control` on a tool": { tools: [tool()] },
};

export const anthropicRequests: RequestCatalogue = {
  path: "/v1/messages",
  plain: { model: "asked", max_tokens: 8000, messages: [question] },
  probes: [
    ...rows(
      {
        "`system`": { system: "Be brief." },
        "system turn in the middle": {
          messages: [
            question,
            { role: "assistant", content: "Sunny." },
            question,
            { role: "system", content: "Rhyme." },
          ],
        },
        "assistant turn last (prefill)": { messages: [question, { role: "assistant", content: "It is" }] },
        "image, base64": image(base64("image/png", png)),
        "image by URL": image({ type: "url", url: "https://example.com/a.png" }),
        "image by file id": image({ type: "file", file_id: "file_1" }),
        "PDF, base64": document(base64("application/pdf", pdf)),
        "PDF by URL": document({ type: "url", url: "https://example.com/a.pdf" }),
        "PDF by file id": document({ type: "file", file_id: "file_1" }),
        "text document": document({ type: "text", media_type: "text/plain", data: "a" }, { title: "A" }),
        "document with `citations`": document(base64("application/pdf", pdf), {
          citations: { enabled: true },
        }),
        "document with `context`": document(base64("application/pdf", pdf), { context: "A letter." }),
        "search result block": shown({
          type: "search_result",
          source: "https://example.com",
          title: "A",
          content: [{ type: "text", text: "a" }],
        }),
        tools: { tools: [tool()] },
        "tools, `strict`, closed schema": { tools: [tool({ strict: true, input_schema: closedSchema })] },
        "tools, alternatives at the root of the schema": { tools: [tool({ input_schema: eitherSchema })] },
        "`tool_choice: none`": { tools: [tool()], tool_choice: { type: "none" } },
        "`tool_choice: any`": { tools: [tool()], tool_choice: { type: "any" } },
        "`tool_choice: tool`": { tools: [tool()], tool_choice: { type: "tool", name: "weather" } },
        "`disable_parallel_tool_use`": {
          tools: [tool()],
          tool_choice: { type: "auto", disable_parallel_tool_use: true },
        },
        "tool result": told({}),
        "tool result with an image": told({ content: [{ type: "image", source: base64("image/png", png) }] }),
        "tool result, `is_error`": told({ is_error: true }),
        "web search": { tools: [{ type: "web_search_20250305", name: "web_search" }] },
        "code execution": { tools: [{ type: "code_execution_20250825", name: "code_execution" }] },
        "remote MCP server": {
          mcp_servers: [{ type: "url", name: "a", url: "https://example.com/mcp" }],
        },
        "web search in the history": said({
          type: "server_tool_use",
          id: "srvtoolu_1",
          name: "web_search",
          input: { query: "a" },
        }),
        "citations in the history": {
          messages: [
            question,
            {
              role: "assistant",
              content: [
                {
                  type: "text",
                  text: "Sunny.",
                  citations: [
                    {
                      type: "char_location",
                      cited_text: "a",
                      document_index: 0,
                      document_title: null,
                      start_char_index: 0,
                      end_char_index: 1,
                    },
                  ],
                },
              ],
            },
            question,
          ],
        },
        "thinking in the history, signed by Anthropic": said({
          type: "thinking",
          thinking: "Look.",
          signature: "sig",
        }),
        "thinking in the history, redacted": said({ type: "redacted_thinking", data: "sealed" }),
        "thinking in the history, signed by Gemini": said({
          type: "thinking",
          thinking: "Look.",
          signature: signedBy("gemini", "sig", "Look."),
        }),
        "`max_tokens`": { max_tokens: 100 },
        "`temperature: 0.5`": { temperature: 0.5 },
        "`top_p`": { top_p: 0.5 },
        "`top_k`": { top_k: 20 },
        "`stop_sequences`, one": { stop_sequences: ["END"] },
        "`stop_sequences`, five": { stop_sequences: ["A", "B", "C", "D", "E"] },
        "`thinking`, budget": { thinking: { type: "enabled", budget_tokens: 4000 } },
        "`effort: low`": { output_config: { effort: "low" } },
        "`effort: max`": { output_config: { effort: "max" } },
        "JSON schema, closed": output(closedSchema),
        "`cache_control` on a block": shown({ type: "text", text: "Long", cache_control: ephemeral }),
        "`cache_control` on `system`": { system: [{ type: "text", text: "Long", cache_control: ephemeral }] },
        "`cache_control` on a tool": { tools: [tool({ cache_control: ephemeral })] },
        "`cache_control`, one hour": shown({
          type: "text",
          text: "Long",
          cache_control: { type: "ephemeral", ttl: "1h" },
        }),
        "`metadata.user_id`": { metadata: { user_id: "u-1" } },
        "`service_tier: standard_only`": { service_tier: "standard_only" },
        "`container`": { container: "container_1" },
        "`context_management`": {
          context_management: { edits: [{ type: "clear_tool_uses_20250919" }] },
        },
      },
      bases,
    ),
    ...defaults({
      "`thinking: adaptive`": { thinking: { type: "adaptive" } },
      "`thinking: disabled`": { thinking: { type: "disabled" } },
      "`tool_choice: auto`": { tools: [tool()], tool_choice: { type: "auto" } },
    }),
  ],
};
