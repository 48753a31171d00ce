/** Calls as applications make them, and what is found out about each afterwards. */
import type { JsonObject, JsonValue } from "../../../src/json/types.ts";
import type { RunningGateway } from "../harness/gateway.ts";

/** The virtual host's part of the policy that most tests share: who is behind the two clusters. */
export const hostPolicy: JsonObject = {
  targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" } },
};

/**
 * Models whose names say where they go; what follows the first word is free, so that each test asks for a model of its
 * own and finds its exchange by that in the log.
 */
export const routePolicy: JsonObject = {
  models: {
    "openai*": { targets: [{ cluster: "openai", model: "gpt-4o" }] },
    "claude*": { targets: [{ cluster: "claude", model: "claude-sonnet-4-5" }] },
    "both*": {
      targets: [
        { cluster: "openai", model: "gpt-4o" },
        { cluster: "claude", model: "claude-sonnet-4-5" },
      ],
    },
    "reverse*": {
      targets: [
        { cluster: "claude", model: "claude-sonnet-4-5" },
        { cluster: "openai", model: "gpt-4o" },
      ],
    },
  },
};

export interface CallOptions {
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the route at `/v1/`. */
  readonly prefix?: string;
  readonly prompt?: string;
  readonly signal?: AbortSignal;
  /** More fields of the body. */
  readonly fields?: JsonObject;
}

/** A call of an OpenAI application. */
export function chat(running: RunningGateway, model: string, options: CallOptions = {}): Promise<Response> {
  return post(running, `${options.prefix ?? "/v1/"}chat/completions`, options, chatBody(model, options));
}

export function chatBody(model: string, options: CallOptions = {}): JsonObject {
  return {
    model,
    messages: [{ role: "user", content: options.prompt ?? "héllo ✓" }],
    ...(options.stream === true && { stream: true }),
    ...options.fields,
  };
}

/** A call of an Anthropic application. */
export function messages(
  running: RunningGateway,
  model: string,
  options: CallOptions = {},
): Promise<Response> {
  const prefix = options.prefix ?? "/v1/";
  const headers = { "anthropic-version": "2023-06-01", ...options.headers };
  return post(running, `${prefix}messages`, { ...options, headers }, messagesBody(model, options));
}

function messagesBody(model: string, options: CallOptions = {}): JsonObject {
  return {
    model,
    max_tokens: 64,
    messages: [{ role: "user", content: options.prompt ?? "héllo ✓" }],
    ...(options.stream === true && { stream: true }),
    ...options.fields,
  };
}

function post(
  running: RunningGateway,
  path: string,
  options: CallOptions,
  body: JsonObject,
): Promise<Response> {
  return fetch(`${running.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...options.headers },
    body: JSON.stringify(body),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** A nested member, by keys; undefined where there is none. */
export function at(value: unknown, ...keys: ReadonlyArray<string | number>): JsonValue | undefined {
  let here = value;
  for (const key of keys) here = (here as Record<string | number, unknown> | null | undefined)?.[key];
  return here as JsonValue | undefined;
}

/** The log line of the exchange in which that model was asked for. */
export function exchangeOf(running: RunningGateway, model: string): Promise<JsonObject> {
  return running.tollgate.log.find((line) => line["msg"] === "exchange" && line["model_asked"] === model);
}

/** Every log line of exchanges in which that model was asked for. */
export function exchangesOf(running: RunningGateway, model: string): JsonObject[] {
  return running.tollgate.log.entries.filter(
    (line) => line["msg"] === "exchange" && line["model_asked"] === model,
  );
}

/** Envoy's access log entry for that exchange. */
export async function accessOf(running: RunningGateway, model: string): Promise<JsonObject> {
  const { exchange_id: id } = await exchangeOf(running, model);
  return running.envoy.access.find((entry) => at(entry, "tollgate", "exchange") === id);
}
