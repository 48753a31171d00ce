/** Which endpoint of a provider a client's call goes to, and where that is. */
import { describe, expect, it } from "vitest";
import type { AnyDialectName } from "../../../src/conversation/parts.ts";
import { clientDialectNamed } from "../../../src/dialects/registry.ts";
import { endpointFor } from "../../../src/providers/endpoint.ts";
import type { TargetSettings } from "../../../src/providers/provider.ts";
import { providerNamed } from "../../../src/providers/registry.ts";

type Row = [
  provider: string,
  client: AnyDialectName,
  model: string,
  dialect: AnyDialectName | undefined,
  path?: string,
  settings?: Partial<TargetSettings>,
];

const vertex = { project: "p", location: "global" };
const azure = { apiVersion: "2024-10-21" };

describe("the endpoint for a call", () => {
  it.each<Row>([
    ["openai", "openai-chat", "gpt-4o", "openai-chat", "/v1/chat/completions"],
    ["openai", "openai-responses", "gpt-4o", "openai-responses", "/v1/responses"],
    ["openai", "openai-responses", "gpt-4o", "openai-responses", "/eu/responses", { basePath: "/eu" }],
    ["openai", "anthropic", "gpt-4o", "openai-chat", "/v1/chat/completions"],
    ["openai", "openai-completions", "gpt-3.5-turbo-instruct", "openai-completions", "/v1/completions"],
    ["openai", "openai-completions", "ft:davinci-002:acme::1", "openai-completions", "/v1/completions"],
    ["openai", "openai-completions", "gpt-4o", "openai-chat", "/v1/chat/completions"],
    ["openai-responses", "openai-chat", "gpt-4o", "openai-responses", "/v1/responses"],
    ["openai-compatible", "openai-responses", "m", "openai-chat", "/v1/chat/completions"],
    ["openai-compatible", "openai-completions", "m", "openai-completions", "/v1/completions"],
    ["vllm", "openai-completions", "m", "openai-completions", "/v1/completions"],
    ["fireworks", "openai-completions", "m", "openai-completions", "/inference/v1/completions"],
    ["groq", "openai-completions", "m", "openai-chat", "/openai/v1/chat/completions"],
    ["azure-openai", "openai-responses", "gpt-4o", "openai-responses", "/openai/v1/responses"],
    [
      ...(["azure-openai", "openai-responses", "gpt-4o", "openai-responses"] as const),
      "/openai/responses?api-version=2024-10-21",
      azure,
    ],
    [
      ...(["azure-openai", "openai-completions", "gpt-3.5-turbo-instruct", "openai-completions"] as const),
      "/openai/deployments/gpt-3.5-turbo-instruct/completions?api-version=2024-10-21",
      azure,
    ],
    ["azure-openai-responses", "openai-chat", "gpt-4o", "openai-responses", "/openai/v1/responses"],
    ["anthropic", "openai-completions", "claude-sonnet-4-5", "anthropic", "/v1/messages"],
    ["bedrock", "anthropic", "m", "bedrock-converse", "/model/m/converse"],
    ["anthropic", "anthropic-count-tokens", "c", "anthropic-count-tokens", "/v1/messages/count_tokens"],
    ["anthropic", "gemini-count-tokens", "c", "anthropic-count-tokens", "/v1/messages/count_tokens"],
    ["openai", "anthropic-count-tokens", "gpt-5", "openai-input-tokens", "/v1/responses/input_tokens"],
    ["openai-compatible", "anthropic-count-tokens", "m", undefined],
    ["azure-openai", "openai-input-tokens", "m", undefined],
    ["google", "openai-input-tokens", "g", "gemini-count-tokens", "/v1beta/models/g:countTokens"],
    [
      ...(["vertex", "gemini-count-tokens", "g", "vertex-count-tokens"] as const),
      "/v1/projects/p/locations/global/publishers/google/models/g:countTokens",
      vertex,
    ],
    [
      ...(["vertex-anthropic", "anthropic-count-tokens", "c", "anthropic-count-tokens"] as const),
      "/v1/projects/p/locations/global/publishers/anthropic/models/count-tokens:rawPredict",
      vertex,
    ],
    [
      ...([
        "bedrock",
        "anthropic-count-tokens",
        "us.anthropic.claude-x-v1:0",
        "bedrock-count-tokens",
      ] as const),
      "/model/anthropic.claude-x-v1%3A0/count-tokens",
    ],
    [
      ...(["bedrock", "anthropic-count-tokens", "anthropic.claude-x-v1:0", "bedrock-count-tokens"] as const),
      "/model/anthropic.claude-x-v1%3A0/count-tokens",
    ],
    ["bedrock", "anthropic-count-tokens", "us.amazon.nova-micro-v1:0", undefined],
  ])("%s, asked in %s for %s: %s", (name, client, model, dialect, path, settings = {}) => {
    const endpoint = endpointFor(providerNamed(name), clientDialectNamed(client), { model, path: "/" });
    expect(endpoint?.dialect).toBe(dialect);
    const addressing = {
      settings: { provider: name, ...settings },
      model,
      stream: false,
      clientHeader: () => undefined,
      clientPath: "",
      sameDialect: client === dialect,
    };
    expect(endpoint?.path(addressing)).toBe(path);
  });
});
