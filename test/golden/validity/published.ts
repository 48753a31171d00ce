/**
 * What providers take and applications parse, by the types that the providers publish in their own SDKs. A value here is
 * what travels as JSON, so members that the SDKs add themselves are left out of the types.
 *
 * What is said beyond them on purpose is in `beyond-published.ts`.
 */

import type { MessageCreateParams } from "@anthropic-ai/sdk/resources/messages";
import type { ModelInfo } from "@anthropic-ai/sdk/resources/models";
import type {
  Content,
  Model as GeminiModel,
  GenerateContentResponse,
  GenerationConfig,
  SafetySetting,
  ServiceTier,
  Tool,
  ToolConfig,
} from "@google/genai";
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
} from "openai/resources/chat/completions";
import type { Model } from "openai/resources/models";
import type {
  Response,
  ResponseCreateParams,
  ResponseStreamEvent,
} from "openai/resources/responses/responses";
import type { ErrorObject } from "openai/resources/shared";
import type {
  GoogleError,
  Ping,
  SentError,
  SentMessage,
  SentMessageEvent,
  SentResponse,
} from "./beyond-published.ts";

/** By dialect and by what is said in it. */
export interface Published {
  "openai-chat request": ChatCompletionCreateParams;
  "openai-chat answer": ChatCompletion;
  "openai-chat event": ChatCompletionChunk | OpenAiError;
  "openai-chat error": OpenAiError;
  "openai-chat models": { object: "list"; data: Model[] };

  "openai-responses request": ResponseCreateParams;
  "openai-responses answer": SentResponse;
  "openai-responses event": SentEvent<ResponseStreamEvent>;
  "openai-responses error": OpenAiError;
  "openai-responses models": { object: "list"; data: Model[] };

  "anthropic request": MessageCreateParams;
  "anthropic answer": SentMessage;
  "anthropic event": SentMessageEvent | Ping | SentError;
  "anthropic error": SentError;
  "anthropic models": {
    data: ModelInfo[];
    has_more: boolean;
    first_id: string | null;
    last_id: string | null;
  };

  "gemini request": Wire<GeminiRequest>;
  "gemini answer": Wire<GeminiAnswer>;
  "gemini event": Wire<GeminiAnswer> | GoogleError;
  "gemini error": GoogleError;
  /** The SDK has another name for the methods. */
  "gemini models": { models: (Wire<GeminiModel> & { supportedGenerationMethods?: string[] })[] };
}

interface OpenAiError {
  error: ErrorObject;
}

type SentEvent<Event> = Event extends { response: Response }
  ? Omit<Event, "response"> & { response: SentResponse }
  : Event;

/** The body has no type in the SDK; its members are those of the SDK's parameters. */
interface GeminiRequest {
  contents: Content[];
  systemInstruction?: Content;
  tools?: Tool[];
  toolConfig?: ToolConfig;
  generationConfig?: GenerationConfig;
  safetySettings?: SafetySetting[];
  serviceTier?: ServiceTier;
  cachedContent?: string;
  labels?: Record<string, string>;
}

/** Without the SDK's own views of it. */
type GeminiAnswer = Omit<
  GenerateContentResponse,
  | ("text" | "data" | "functionCalls" | "executableCode" | "codeExecutionResult")
  | ("initialPromptTokenCount" | "sdkHttpResponse")
>;

/** As JSON has it: the names of enumerations as strings, no methods. */
type Wire<T> = T extends string
  ? `${T}`
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Name in keyof T as T[Name] extends (...args: never) => unknown ? never : Name]: Wire<T[Name]> }
      : T;
