/**
 * What is written beyond the types that the SDKs publish, and why: the whole list. Members that a provider's own answers
 * have, though its types have not, are here as well; recordings in `test/fixtures` show them.
 */
import type {
  ContentBlock,
  Message,
  RawContentBlockStartEvent,
  RawMessageStartEvent,
  RawMessageStreamEvent,
  TextBlock,
} from "@anthropic-ai/sdk/resources/messages";
import type { ErrorResponse, ErrorType } from "@anthropic-ai/sdk/resources/shared";
import type { Response, ResponseError, ResponseUsage } from "openai/resources/responses/responses";

/**
 * Reasoning has no place in Chat Completions, and without it a history with tools is refused by the model that it goes
 * back to. `reasoning_content` is what compatible servers call its text, `thinking_blocks` holds the signatures.
 * https://api-docs.deepseek.com/guides/thinking_mode, https://docs.litellm.ai/docs/reasoning_content
 */
declare module "openai/resources/chat/completions/completions" {
  interface ChatCompletionMessage {
    reasoning_content?: string;
    thinking_blocks?: ThinkingBlock[];
  }
  namespace ChatCompletionMessage {
    namespace Annotation {
      interface URLCitation {
        /** OpenRouter's, for its own clients: https://openrouter.ai/docs/features/web-search */
        content?: string;
      }
    }
  }
  namespace ChatCompletionChunk {
    namespace Choice {
      interface Delta {
        reasoning_content?: string;
        /** With the index by which the Python SDK adds up lists. */
        thinking_blocks?: (ThinkingBlock & { index: number })[];
        /** OpenAI's search models stream their citations here: `@ai-sdk/openai` reads them. */
        annotations?: ChatCompletionMessage.Annotation[];
      }
    }
  }
}

type ThinkingBlock =
  | { type: "thinking"; thinking: string; signature?: string }
  | { type: "redacted_thinking"; data: string };

declare module "openai/resources/responses/responses" {
  interface ResponseErrorEvent {
    /** At which the SDKs throw. OpenAI writes it: error-quota.sse. */
    error?: object | null;
  }
}

/** A response as OpenAI writes it. */
export type SentResponse = Omit<Response, "output_text" | "usage" | "user" | "error"> & {
  // `output_text` is the SDK's own.
  usage?: ResponseUsage | null;
  user?: string | null;
  max_tool_calls?: number | null;
  store?: boolean;
  /** Codes that applications act upon, and that OpenAI gives: error-quota.sse. */
  error: (Omit<ResponseError, "code"> & { code: ResponseError["code"] | OtherCode }) | null;
};
type OtherCode = "insufficient_quota" | "context_length_exceeded";

declare module "@anthropic-ai/sdk/resources/messages/messages" {
  /**
   * The SDK has the types of the API's newest version, which refuses these. Tollgate asks for the version 2023-06-01,
   * which takes them. https://docs.anthropic.com/en/api/versioning
   */
  interface MessageCreateParamsBase {
    temperature?: number;
    top_p?: number;
    top_k?: number;
  }
  interface MessageDeltaUsage {
    /** Other providers count only at the end, when `message_start` is gone. */
    cache_creation?: CacheCreation;
  }
}

/**
 * The SDK keeps pings and errors to itself: https://docs.anthropic.com/en/docs/build-with-claude/streaming. Errors have
 * `details`, as in overloaded-first.sse, and a type more: https://docs.anthropic.com/en/api/errors
 */
export type SentError = Omit<ErrorResponse, "error"> & {
  error: {
    type: ErrorType | "request_too_large";
    message: string;
    details?: { error_code: string } | null;
  };
};
export type Ping = { type: "ping" };

/**
 * Anthropic leaves `citations` out of text that has none, in whole answers and in streams (every recording of them), and
 * Vercel's SDK refuses null.
 */
type SentText = Omit<TextBlock, "citations"> & Partial<Pick<TextBlock, "citations">>;
type SentBlock = Exclude<ContentBlock, TextBlock> | SentText;
export type SentMessage = Omit<Message, "content"> & { content: SentBlock[] };
export type SentMessageEvent =
  | Exclude<RawMessageStreamEvent, RawMessageStartEvent | RawContentBlockStartEvent>
  | (Omit<RawMessageStartEvent, "message"> & { message: SentMessage })
  | (Omit<RawContentBlockStartEvent, "content_block"> & {
      content_block: Exclude<RawContentBlockStartEvent["content_block"], TextBlock> | SentText;
    });

/** Google publishes no type of it: https://google.aip.dev/193 */
export interface GoogleError {
  error: {
    code: number;
    message: string;
    status: string;
    details?: { "@type": string; [name: string]: unknown }[];
  };
}
