/**
 * Sources: https://docs.anthropic.com/en/api/messages, https://ai.google.dev/api/generate-content,
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
import type { JsonObject } from "../../../src/json/types.ts";
import { answers, png } from "./probe.ts";

const prose: JsonObject = { type: "text", text: "Sunny." };
const message = (...content: JsonObject[]): JsonObject => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude",
  content,
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
});
const stopped = (stop_reason: string, more: JsonObject = {}): JsonObject => ({
  ...message(prose),
  stop_reason,
  ...more,
});

export const anthropicAnswers = answers({
  text: message(prose),
  "tool call": {
    ...message({ type: "tool_use", id: "toolu_1", name: "weather", input: {} }),
    stop_reason: "tool_use",
  },
  thinking: message({ type: "thinking", thinking: "Look.", signature: "sig" }, prose),
  "redacted thinking": message({ type: "redacted_thinking", data: "sealed" }, prose),
  citations: message({
    ...prose,
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
  }),
  "web search": message(
    { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "a" } },
    { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
    prose,
  ),
  "stopped at the limit": stopped("max_tokens"),
  "stopped at a stop sequence": stopped("stop_sequence", { stop_sequence: "END" }),
  "stopped: context window full": stopped("model_context_window_exceeded"),
  "stopped: paused": stopped("pause_turn"),
  "stopped: refusal": stopped("refusal"),
});

const spoken: JsonObject = { text: "Sunny." };
const candidate = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
  content: { role: "model", parts },
  finishReason: "STOP",
  index: 0,
  ...more,
});
const generated = (...candidates: JsonObject[]): JsonObject => ({
  responseId: "r1",
  modelVersion: "gemini",
  candidates,
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
});
const logged = { chosenCandidates: [{ token: "Sunny", tokenId: 1, logProbability: -0.1 }] };

export const geminiAnswers = answers({
  text: generated(candidate([spoken])),
  "two candidates": generated(candidate([spoken]), candidate([spoken], { index: 1 })),
  "function call": generated(candidate([{ functionCall: { name: "weather", args: {} } }])),
  "function call with a thought signature": generated(
    candidate([{ functionCall: { name: "weather", args: {} }, thoughtSignature: "c2ln" }]),
  ),
  thoughts: generated(candidate([{ text: "Look.", thought: true }, spoken])),
  "text with a thought signature": generated(candidate([{ ...spoken, thoughtSignature: "c2ln" }])),
  image: generated(candidate([{ inlineData: { mimeType: "image/png", data: png } }])),
  "code execution": generated(candidate([{ executableCode: { language: "PYTHON", code: "1" } }, spoken])),
  "grounding in a search": generated(
    candidate([spoken], {
      groundingMetadata: { groundingChunks: [{ web: { uri: "https://example.com", title: "A" } }] },
    }),
  ),
  citations: generated(
    candidate([spoken], {
      citationMetadata: { citationSources: [{ startIndex: 0, endIndex: 5, uri: "https://example.com" }] },
    }),
  ),
  logprobs: generated(candidate([spoken], { avgLogprobs: -0.1, logprobsResult: logged })),
  "stopped at the limit": generated(candidate([spoken], { finishReason: "MAX_TOKENS" })),
  "stopped for safety": generated(candidate([], { finishReason: "SAFETY" })),
  "blocked prompt": { ...generated(), promptFeedback: { blockReason: "SAFETY" } },
});

const converse = (...content: JsonObject[]): JsonObject => ({
  output: { message: { role: "assistant", content } },
  stopReason: "end_turn",
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
  metrics: { latencyMs: 1 },
});
const ended = (stopReason: string, more: JsonObject = {}): JsonObject => ({
  ...converse(spoken),
  stopReason,
  ...more,
});

export const bedrockAnswers = answers({
  text: converse(spoken),
  "tool call": {
    ...converse({ toolUse: { toolUseId: "tooluse_1", name: "weather", input: {} } }),
    stopReason: "tool_use",
  },
  reasoning: converse({ reasoningContent: { reasoningText: { text: "Look.", signature: "sig" } } }, spoken),
  "redacted reasoning": converse({ reasoningContent: { redactedContent: "c2VhbGVk" } }, spoken),
  citations: converse({
    citationsContent: {
      content: [spoken],
      citations: [
        { title: "A", sourceContent: [{ text: "a" }], location: { web: { url: "https://example.com" } } },
      ],
    },
  }),
  "server tool": converse(
    { toolUse: { toolUseId: "tooluse_1", name: "nova_grounding", input: {}, type: "server_tool_use" } },
    spoken,
  ),
  image: converse({ image: { format: "png", source: { bytes: png } } }),
  "stopped at the limit": ended("max_tokens"),
  "stopped at a stop sequence": ended("stop_sequence"),
  "stopped: context window full": ended("model_context_window_exceeded"),
  "stopped by a guardrail": ended("guardrail_intervened"),
  "stopped by the content filter": ended("content_filtered"),
});
