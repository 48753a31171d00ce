/** A lower limit on an answer's length, written into requests as their clients wrote them. */
import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { GenerationConfig } from "@google/genai";
import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";
import type { CompletionCreateParams } from "openai/resources/completions";
import type { ResponseCreateParams } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import { limitOutput as anthropic } from "../../../src/dialects/anthropic/output-limit.ts";
import { limitOutput as gemini } from "../../../src/dialects/gemini/output-limit.ts";
import { limitOutput as chat } from "../../../src/dialects/openai-chat/output-limit.ts";
import { limitOutput as completions } from "../../../src/dialects/openai-completions/output-limit.ts";
import { limitOutput as responses } from "../../../src/dialects/openai-responses/output-limit.ts";
import { type JsonDocument, parseDocument } from "../../../src/json/document.ts";

type LimitOutput = (body: JsonDocument, tokens: number) => Uint8Array;

/** The edited members, or `as it was` when the very same bytes came back. */
function limited<Fields extends object>(limitOutput: LimitOutput, kept: object, own: Fields, tokens: number) {
  const document = parseDocument(Buffer.from(JSON.stringify({ ...own, ...kept })));
  const bytes = limitOutput(document, tokens);
  if (bytes === document.bytes) return "as it was";
  const edited = JSON.parse(Buffer.from(bytes).toString()) as Fields;
  expect(edited).toMatchObject(kept);
  return Object.fromEntries(Object.entries(edited).filter(([name]) => !(name in kept)));
}

/** What the client said, the limit, and what the provider is told: typed as the providers' SDKs have it. */
type Table<Fields> = ReadonlyArray<readonly [Fields, number, Fields | "as it was"]>;

function limits<Fields extends object>(
  name: string,
  limitOutput: LimitOutput,
  kept: object,
  table: Table<Fields>,
) {
  describe(name, () => {
    it.each(table)("%j, of %i tokens at most", (own, tokens, expected) => {
      expect(limited(limitOutput, kept, own, tokens)).toEqual(expected);
    });
  });
}

const asked = { model: "m", messages: [{ role: "user", content: "hi" }], temperature: 0.5 };

limits<Partial<Pick<ChatCompletionCreateParams, "max_tokens" | "max_completion_tokens">>>(
  "openai-chat",
  chat,
  asked,
  [
    [{}, 256, { max_completion_tokens: 256 }],
    [{ max_tokens: null }, 256, { max_tokens: null, max_completion_tokens: 256 }],
    [{ max_tokens: 1_000 }, 256, { max_tokens: 256 }],
    [{ max_tokens: 256 }, 256, "as it was"],
    [{ max_tokens: 10 }, 256, "as it was"],
    [{ max_completion_tokens: 1_000 }, 256, { max_completion_tokens: 256 }],
    [{ max_completion_tokens: 255 }, 256, "as it was"],
    [{ max_completion_tokens: null, max_tokens: 10 }, 256, "as it was"],
    [{ max_completion_tokens: 1_000, max_tokens: 100 }, 256, { max_completion_tokens: 256, max_tokens: 100 }],
    [
      { max_completion_tokens: 1_000, max_tokens: 2_000 },
      256,
      { max_completion_tokens: 256, max_tokens: 256 },
    ],
  ],
);

limits<Partial<Pick<ResponseCreateParams, "max_output_tokens" | "reasoning">>>(
  "openai-responses",
  responses,
  { model: "m", input: "hi" },
  [
    [{}, 256, { max_output_tokens: 256 }],
    [{ max_output_tokens: null }, 256, { max_output_tokens: 256 }],
    [{ max_output_tokens: 1_000 }, 256, { max_output_tokens: 256 }],
    [{ max_output_tokens: 256 }, 256, "as it was"],
    [{ max_output_tokens: 20 }, 256, "as it was"],
    // The API takes no less than 16.
    [{ max_output_tokens: 1_000 }, 5, { max_output_tokens: 16 }],
    [{ max_output_tokens: 16 }, 5, "as it was"],
    [
      { reasoning: { effort: "low" }, max_output_tokens: 1_000 },
      256,
      { reasoning: { effort: "low" }, max_output_tokens: 256 },
    ],
  ],
);

limits<Partial<Pick<CompletionCreateParams, "max_tokens">>>(
  "openai-completions",
  completions,
  { model: "m", prompt: "hi" },
  [
    // Without a limit it is 16.
    [{}, 256, "as it was"],
    [{}, 16, "as it was"],
    [{}, 8, { max_tokens: 8 }],
    // Servers take it for none at all.
    [{ max_tokens: null }, 256, { max_tokens: 256 }],
    [{ max_tokens: 1_000 }, 256, { max_tokens: 256 }],
    [{ max_tokens: 256 }, 256, "as it was"],
    [{ max_tokens: 1 }, 256, "as it was"],
  ],
);

const thinking = (budget: number) => ({ type: "enabled" as const, budget_tokens: budget });

limits<Partial<Pick<MessageCreateParams, "max_tokens" | "thinking">>>("anthropic", anthropic, asked, [
  [{ max_tokens: 1_000 }, 256, { max_tokens: 256 }],
  [{ max_tokens: 256 }, 256, "as it was"],
  [{ max_tokens: 10 }, 256, "as it was"],
  // It is required: the provider refuses what lacks it, and not we.
  [{}, 256, { max_tokens: 256 }],
  // Thinking is a part of the answer, and its budget below the limit.
  [
    { max_tokens: 16_000, thinking: thinking(2_000) },
    4_096,
    { max_tokens: 4_096, thinking: thinking(2_000) },
  ],
  [
    { max_tokens: 16_000, thinking: thinking(10_000) },
    4_096,
    { max_tokens: 4_096, thinking: thinking(4_095) },
  ],
  [
    { max_tokens: 16_000, thinking: thinking(4_096) },
    4_096,
    { max_tokens: 4_096, thinking: thinking(4_095) },
  ],
  [
    { max_tokens: 16_000, thinking: thinking(1_024) },
    1_025,
    { max_tokens: 1_025, thinking: thinking(1_024) },
  ],
  [
    { max_tokens: 16_000, thinking: thinking(1_024) },
    1_024,
    { max_tokens: 1_024, thinking: { type: "disabled" } },
  ],
  [
    { max_tokens: 16_000, thinking: thinking(10_000) },
    256,
    { max_tokens: 256, thinking: { type: "disabled" } },
  ],
  [
    { max_tokens: 16_000, thinking: { type: "disabled" } },
    256,
    { max_tokens: 256, thinking: { type: "disabled" } },
  ],
  [
    { max_tokens: 16_000, thinking: { type: "adaptive" } },
    256,
    { max_tokens: 256, thinking: { type: "adaptive" } },
  ],
]);

interface GeminiFields {
  readonly generationConfig?: GenerationConfig;
  /** The other spelling, which the SDK does not have. */
  readonly generation_config?: Readonly<Record<string, unknown>>;
}

limits<GeminiFields>("gemini", gemini, { contents: [{ parts: [{ text: "hi" }] }] }, [
  [{}, 256, { generationConfig: { maxOutputTokens: 256 } }],
  [
    { generationConfig: { temperature: 0.5 } },
    256,
    { generationConfig: { temperature: 0.5, maxOutputTokens: 256 } },
  ],
  [{ generationConfig: { maxOutputTokens: 1_000 } }, 256, { generationConfig: { maxOutputTokens: 256 } }],
  [{ generationConfig: { maxOutputTokens: 256 } }, 256, "as it was"],
  [{ generationConfig: { maxOutputTokens: 1 } }, 256, "as it was"],
  [
    { generation_config: { top_k: 5, max_output_tokens: 1_000 } },
    256,
    { generation_config: { topK: 5, maxOutputTokens: 256 } },
  ],
  [{ generation_config: { max_output_tokens: 10 } }, 256, "as it was"],
  // Numbers may be text in Google's JSON.
  [{ generation_config: { max_output_tokens: "10" } }, 256, "as it was"],
  [{ generation_config: { maxOutputTokens: 1_000 } }, 256, { generation_config: { maxOutputTokens: 256 } }],
]);

it("what is not changed stays to the byte", () => {
  const written = '{ "max_tokens" : 1e3, "model":"m", "seed": 12345678901234567890,\n "messages":[] }';
  const edited = chat(parseDocument(Buffer.from(written)), 256);
  expect(Buffer.from(edited).toString()).toBe(
    '{ "max_tokens" : 256, "model":"m", "seed": 12345678901234567890,\n "messages":[] }',
  );
});
