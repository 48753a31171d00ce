/**
 * Vercel's AI SDK in front of the gateway: one application, whose model is a client of any of four APIs, and scripted
 * providers behind it. As in `stage.ts`, a header of its own leads each case to its answers.
 */
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import type { LanguageModel } from "ai";
import { expect } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { json, type UpstreamAnswer } from "../harness/upstream-answers.ts";

/** The APIs that the SDK speaks; `chat` and `responses` are both its provider for OpenAI. */
export const clients = ["chat", "responses", "anthropic", "google"] as const;
export type Client = (typeof clients)[number];

/** A provider behind the gateway: its key, and a model that is served there. */
export const providers = {
  openai: { key: "key-of-openai", header: "authorization", model: "gpt-4o" },
  responses: { key: "key-of-responses", header: "authorization", model: "gpt-5.1" },
  claude: { key: "key-of-claude", header: "x-api-key", model: "claude-sonnet-4-5" },
  gemini: { key: "key-of-gemini", header: "x-goog-api-key", model: "gemini-2.5-flash" },
} as const;
export type Provider = keyof typeof providers;
export const providerNames = Object.keys(providers) as Provider[];
const clientKey = "key-of-the-client";

/** A name that the SDK takes for a model of one provider, served by another. */
export function aliasOf(like: Provider, at: Provider): string {
  return `${providers[like].model}-at-${at}`;
}

export interface VercelCase {
  /** The SDK's model of that name by that API, at the gateway. */
  model(client: Client, name: string): LanguageModel;
  /** What a provider was sent on behalf of this case, in order. No key of another has reached it. */
  sentTo(provider: Provider): readonly RecordedRequest[];
  /** The bodies of those requests. */
  bodiesAt(provider: Provider): JsonObject[];
}

type Scripts = Readonly<Partial<Record<Provider, readonly UpstreamAnswer[]>>>;

export class VercelStage {
  readonly #running: RunningGateway;
  readonly #scripts: Map<string, Scripts>;
  readonly #sent: Map<string, RecordedRequest[]>;

  constructor(running: RunningGateway, scripts: Map<string, Scripts>, sent: Map<string, RecordedRequest[]>) {
    this.#running = running;
    this.#scripts = scripts;
    this.#sent = sent;
  }

  /** @param scripts answers in order; the last one is given again */
  case(scripts: Scripts): VercelCase {
    const id = `case-${this.#scripts.size}`;
    this.#scripts.set(id, scripts);
    const sentTo = (provider: Provider) => {
      const requests = this.#sent.get(`${id}@${provider}`) ?? [];
      for (const request of requests) expectOwnKey(request, provider);
      return requests;
    };
    return {
      model: (client, name) => modelOf(client, name, this.#running.url, { "x-case": id }),
      sentTo,
      bodiesAt: (provider) => sentTo(provider).map((request) => request.json() as JsonObject),
    };
  }

  async stop(): Promise<void> {
    await this.#running.stop();
  }
}

function modelOf(client: Client, name: string, url: string, headers: Record<string, string>): LanguageModel {
  const settings = { apiKey: clientKey, headers };
  switch (client) {
    case "chat":
      return createOpenAI({ ...settings, baseURL: `${url}/v1` }).chat(name);
    case "responses":
      return createOpenAI({ ...settings, baseURL: `${url}/v1` }).responses(name);
    case "anthropic":
      return createAnthropic({ ...settings, baseURL: `${url}/v1` })(name);
    case "google":
      return createGoogleGenerativeAI({ ...settings, baseURL: `${url}/v1beta` })(name);
    default:
      return client satisfies never;
  }
}

function expectOwnKey(request: RecordedRequest, provider: Provider): void {
  expect(JSON.stringify([request.path, request.headers])).not.toContain(clientKey);
  for (const name of providerNames) {
    const { key, header } = providers[name];
    if (name === provider) expect(request.headers[header]).toMatch(new RegExp(`^(Bearer )?${key}$`));
    else expect(JSON.stringify(request.headers)).not.toContain(key);
  }
}

export async function startVercelStage(): Promise<VercelStage> {
  const scripts = new Map<string, Scripts>();
  const sent = new Map<string, RecordedRequest[]>();
  const script = (provider: Provider) => (request: RecordedRequest) => {
    const id = String(request.headers["x-case"]);
    const place = `${id}@${provider}`;
    const requests = sent.get(place) ?? [];
    sent.set(place, requests);
    const answers = scripts.get(id)?.[provider] ?? [];
    const answer = answers[Math.min(requests.push(request), answers.length) - 1];
    return answer ?? json({ error: { message: `${place} was not to be called` } }, 418);
  };
  const route = (name: string, prefix: string) => {
    const retry = { backOff: { baseInterval: "0.001s", maxInterval: "0.002s" } };
    return { kind: "gated", name, prefix, policy: { strict: false }, retry } as const;
  };
  const running = await gateway({
    clusters: providerNames.map((name) => {
      const { key, header } = providers[name];
      const secret = { from: "value", value: key } as const;
      const prefix = header === "authorization" ? { prefix: "Bearer " } : {};
      return { name, script: script(name), credential: { header, ...prefix, secret } };
    }),
    policy: {
      targets: {
        // Chat alone: its clients of Responses are translated, as at anybody else's.
        openai: { provider: "openai-compatible" },
        responses: { provider: "openai-responses" },
        claude: { provider: "anthropic" },
        gemini: { provider: "google" },
      },
      models: {
        "gpt-4*": { targets: [{ cluster: "openai" }] },
        "gpt-5*": { targets: [{ cluster: "responses" }] },
        "claude-*": { targets: [{ cluster: "claude" }] },
        "gemini-*": { targets: [{ cluster: "gemini" }] },
        // The SDK asks by what it knows of a model's name, whoever serves it.
        ...Object.fromEntries(
          providerNames.flatMap((at) =>
            providerNames.map((like) => {
              const { model } = providers[at];
              return [aliasOf(like, at), { targets: [{ cluster: at, model }], attempts: 1 }];
            }),
          ),
        ),
      },
    },
    routes: [route("v1", "/v1/"), route("v1beta", "/v1beta/")],
  });
  return new VercelStage(running, scripts, sent);
}
