/** Source: https://platform.openai.com/docs/api-reference/responses/create */
import type { JsonObject } from "../../../src/json/types.ts";
import { signedBy } from "../../sealing.ts";
import { closedSchema, defaults, openSchema, pdf, png, type RequestCatalogue, rows } from "./probe.ts";

const question: JsonObject = { role: "user", content: "What is the weather?" };
const shown = (...parts: JsonObject[]): JsonObject => ({
  input: [{ role: "user", content: [{ type: "input_text", text: "What is this?" }, ...parts] }],
});
const tool = (more: JsonObject = {}): JsonObject => ({
  type: "function",
  name: "weather",
  description: "Tells it",
  parameters: openSchema,
  strict: false,
  ...more,
});
const called: JsonObject = { type: "function_call", call_id: "call_1", name: "weather", arguments: "{}" };
const told = (output: JsonObject[] | string): JsonObject => ({
  tools: [tool()],
  input: [question, called, { type: "function_call_output", call_id: "call_1", output }],
});
const answered: JsonObject = {
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text: "Sunny.", annotations: [] }],
};
const thought = (more: JsonObject): JsonObject => ({
  input: [
    question,
    { type: "reasoning", summary: [{ type: "summary_text", text: "Look outside." }], ...more },
    answered,
    question,
  ],
});
const foreignThought = signedBy("anthropic", "sig", "Look outside.");
const cited = { type: "url_citation", url: "https://example.com", title: "A", start_index: 0, end_index: 5 };
const schema = (of: JsonObject, strict: boolean): JsonObject => ({
  text: { format: { type: "json_schema", name: "place", schema: of, strict } },
});

/** What the request is without the feature, where that is more than the plain question. */
const bases: Readonly<Record<string, JsonObject>> = {
  "image, `detail: high`": shown({ type: "input_image", image_url: `data:image/png;base64,${png}` }),
  "tools, `strict`, closed schema": { tools: [tool({ parameters: closedSchema })] },
  "`tool_choice: none`": { tools: [tool()] },
  "`tool_choice: required`": { tools: [tool()] },
  "`tool_choice`, one tool": { tools: [tool()] },
  "`parallel_tool_calls: false`": { tools: [tool()] },
  "web search in the history": { input: [question, answered, question] },
  "citations in the history": { input: [question, answered, question] },
  "reasoning in the history, encrypted by OpenAI": { input: [question, answered, question] },
  "reasoning in the history, signed by Anthropic": { input: [question, answered, question] },
};

export const openaiResponsesRequests: RequestCatalogue = {
  path: "/v1/responses",
  plain: { model: "asked", input: [question] },
  probes: [
    ...rows(
      {
        "`instructions`": { instructions: "Be brief." },
        "system item in the middle": {
          input: [question, answered, { role: "developer", content: "Rhyme." }, question],
        },
        "assistant item last (prefill)": { input: [question, answered] },
        "image, base64": shown({ type: "input_image", image_url: `data:image/png;base64,${png}` }),
        "image by URL": shown({ type: "input_image", image_url: "https://example.com/a.png" }),
        "image by file id": shown({ type: "input_image", file_id: "file-1" }),
        "image, `detail: high`": shown({
          type: "input_image",
          image_url: `data:image/png;base64,${png}`,
          detail: "high",
        }),
        "PDF, base64": shown({
          type: "input_file",
          filename: "a.pdf",
          file_data: `data:application/pdf;base64,${pdf}`,
        }),
        "PDF by URL": shown({ type: "input_file", file_url: "https://example.com/a.pdf" }),
        "file by id": shown({ type: "input_file", file_id: "file-1" }),
        tools: { tools: [tool()] },
        "tools, `strict`, closed schema": { tools: [tool({ strict: true, parameters: closedSchema })] },
        "custom tool": { tools: [{ type: "custom", name: "sql" }] },
        "web search": { tools: [{ type: "web_search" }] },
        "file search": { tools: [{ type: "file_search", vector_store_ids: ["vs_1"] }] },
        "code interpreter": { tools: [{ type: "code_interpreter", container: { type: "auto" } }] },
        "remote MCP server": {
          tools: [{ type: "mcp", server_label: "a", server_url: "https://example.com/mcp" }],
        },
        "`tool_choice: none`": { tools: [tool()], tool_choice: "none" },
        "`tool_choice: required`": { tools: [tool()], tool_choice: "required" },
        "`tool_choice`, one tool": { tools: [tool()], tool_choice: { type: "function", name: "weather" } },
        "`parallel_tool_calls: false`": { tools: [tool()], parallel_tool_calls: false },
        "tool result": told("sunny"),
        "tool result with an image": told([
          { type: "input_image", image_url: `data:image/png;base64,${png}` },
        ]),
        "web search in the history": {
          input: [
            question,
            {
              type: "web_search_call",
              id: "ws_1",
              status: "completed",
              action: { type: "search", query: "a" },
            },
            answered,
            question,
          ],
        },
        "citations in the history": {
          input: [
            question,
            { ...answered, content: [{ type: "output_text", text: "Sunny.", annotations: [cited] }] },
            question,
          ],
        },
        "reasoning in the history, encrypted by OpenAI": thought({ id: "rs_1", encrypted_content: "sealed" }),
        "reasoning in the history, signed by Anthropic": thought({ encrypted_content: foreignThought }),
        "`max_output_tokens`": { max_output_tokens: 100 },
        "`temperature: 0.5`": { temperature: 0.5 },
        "`temperature: 1.5`": { temperature: 1.5 },
        "`top_p`": { top_p: 0.5 },
        "`top_logprobs`": { top_logprobs: 3 },
        "`reasoning.effort: minimal`": { reasoning: { effort: "minimal" } },
        "`reasoning.effort: high`": { reasoning: { effort: "high" } },
        "`reasoning.effort: xhigh`": { reasoning: { effort: "xhigh" } },
        "JSON mode": { text: { format: { type: "json_object" } } },
        "JSON schema, `strict`, closed": schema(closedSchema, true),
        "JSON schema, open": schema(openSchema, false),
        "`text.verbosity`": { text: { verbosity: "low" } },
        "`previous_response_id`": { previous_response_id: "resp_1" },
        "`prompt` (stored template)": { prompt: { id: "pmpt_1" } },
        "`background: true`": { background: true },
        "`store: true`": { store: true },
        "`truncation: auto`": { truncation: "auto" },
        "`max_tool_calls`": { max_tool_calls: 3 },
        "`include` of search results": { include: ["file_search_call.results"] },
        "`prompt_cache_key`": { prompt_cache_key: "k" },
        "`user`": { user: "u-1" },
        "`service_tier: flex`": { service_tier: "flex" },
        "`service_tier: priority`": { service_tier: "priority" },
        "`metadata`": { metadata: { team: "a" } },
      },
      bases,
    ),
    ...defaults({
      "`reasoning.effort: none`": { reasoning: { effort: "none" } },

      "`store: false`": { store: false },
      "`reasoning.summary`": { reasoning: { summary: "auto" } },
      "`include` of encrypted reasoning": { include: ["reasoning.encrypted_content"] },
    }),
  ],
};
