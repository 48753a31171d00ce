/** What Vercel's AI SDK makes of failures: its error, whether to try again, what a broken stream still yields. */
import { APICallError, generateText, streamText } from "ai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { event, json, stream, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { inPieces, recordedBytes, recording } from "./recordings.ts";
import { answerOf, type Spoken, spoken } from "./vercel-answers.ts";
import { aliasOf, type Client, clients, startVercelStage, type VercelStage } from "./vercel-stage.ts";

let stage: VercelStage;
beforeAll(async () => {
  stage = await startVercelStage();
});
afterAll(async () => {
  await stage?.stop();
});

const own = { chat: "openai", responses: "responses", anthropic: "claude", google: "gemini" } as const;
const pairs = clients.flatMap((client) => spoken.map((provider) => ({ client, provider })));

function setting(client: Client, provider: Spoken, ...answers: UpstreamAnswer[]) {
  const it = stage.case({ [provider]: answers });
  return {
    it,
    ask: { model: it.model(client, aliasOf(own[client], provider)), maxRetries: 0, prompt: "Hi?" },
  };
}

const thrown = (attempt: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(attempt).then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );

/** Everything that a stream yields, and the errors among it. */
async function read(ask: Parameters<typeof streamText>[0]) {
  const errors: unknown[] = [];
  const result = streamText({ ...ask, onError: ({ error }) => void errors.push(error) });
  let text = "";
  let finish: string | undefined;
  let broken: unknown;
  try {
    for await (const part of result.fullStream) {
      if (part.type === "text-delta") text += part.text;
      if (part.type === "finish") finish = part.finishReason;
    }
  } catch (error) {
    broken = error;
  }
  await thrown(result.text);
  return { errors, text, finish, broken };
}

interface Row {
  readonly status: number;
  readonly claude: string;
  readonly gemini: string;
  /** What Google's clients are told, where it has another status for it. */
  readonly google?: number;
}
const rows: readonly Row[] = [
  { status: 400, claude: "invalid_request_error", gemini: "INVALID_ARGUMENT" },
  { status: 401, claude: "authentication_error", gemini: "UNAUTHENTICATED" },
  { status: 403, claude: "permission_error", gemini: "PERMISSION_DENIED" },
  { status: 404, claude: "not_found_error", gemini: "NOT_FOUND" },
  { status: 413, claude: "request_too_large", gemini: "INVALID_ARGUMENT" },
  { status: 429, claude: "rate_limit_error", gemini: "RESOURCE_EXHAUSTED" },
  { status: 500, claude: "api_error", gemini: "INTERNAL" },
  { status: 503, claude: "api_error", gemini: "UNAVAILABLE" },
  { status: 529, claude: "overloaded_error", gemini: "UNAVAILABLE", google: 503 },
];

const message = "as scripted: naïve";

function failure(provider: Spoken, { status, claude, gemini }: Row): UpstreamAnswer {
  const headers = status === 429 ? { "retry-after": "7" } : {};
  const bodies: Record<Spoken, JsonObject> = {
    openai: { error: { message, type: "some_type", param: null, code: "some_code" } },
    claude: { type: "error", error: { type: claude, message } },
    gemini: { error: { code: status, message, status: gemini } },
  };
  return json(bodies[provider], status, headers);
}

/** The body as the SDK's provider reads it: in the words of the client's own API. */
function dataFor(client: Client, { status, claude, gemini }: Row): object {
  switch (client) {
    case "chat":
    case "responses":
      return { error: { message } };
    case "anthropic":
      return { type: "error", error: { type: claude, message } };
    case "google":
      return {
        error: { code: expect.any(Number), message, status: status === 529 ? "UNAVAILABLE" : gemini },
      };
    default:
      return client satisfies never;
  }
}

describe.each(pairs)("$client at $provider", ({ client, provider }) => {
  test.each(rows)("status $status", async (row) => {
    const isOwn = own[client] === provider;
    const statusCode = client === "google" && !isOwn ? (row.google ?? row.status) : row.status;
    const expected = {
      message,
      statusCode,
      isRetryable: row.status === 429 || row.status >= 500,
      data: dataFor(client, row),
    };
    const { ask } = setting(client, provider, failure(provider, row));
    const whole = await thrown(generateText(ask));
    const { errors } = await read(ask);
    for (const error of [whole, ...errors]) {
      expect(error).toBeInstanceOf(APICallError);
      expect(error).toMatchObject(expected);
      const { responseHeaders } = error as APICallError;
      expect(responseHeaders?.["retry-after"]).toBe(row.status === 429 ? "7" : undefined);
      expect(responseHeaders?.["x-tollgate-target"]).toMatch(new RegExp(`^${provider}/`));
    }
    expect(errors).toHaveLength(1);
  });

  test("an error that a stream begins with has a status", async () => {
    const first = {
      openai: inPieces(event({ error: { message: "Slow down", type: "rate_limit_exceeded", code: null } })),
      claude: recording("anthropic/overloaded-first.sse"),
      gemini: recording("gemini/overloaded-first.sse"),
    };
    const status = { openai: 429, claude: client === "google" ? 503 : 529, gemini: 503 };
    const { ask } = setting(client, provider, first[provider]);
    const { errors, text } = await read(ask);
    expect(text).toBe("");
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(APICallError);
    expect(errors[0]).toMatchObject({ statusCode: status[provider], isRetryable: true });
  });

  const beginnings = {
    openai: ["openai-chat/text.sse", "The capital of the"],
    claude: ["anthropic/text.sse", "Hello! I"],
    gemini: ["gemini/text.sse", "The capital of Mexico"],
  } as const;
  const [name, beginning] = beginnings[provider];
  const half = () => recordedBytes(name).subarray(0, recordedBytes(name).length / 2);

  test("an error in the midst of a stream comes behind the text", async () => {
    const text = half().toString();
    const middle = {
      openai: inPieces(
        text.slice(0, text.lastIndexOf("\n\n") + 2) + event({ error: { message: "Overloaded", type: "x" } }),
      ),
      claude: recording("anthropic/overloaded-mid-stream.sse"),
      gemini: recording("gemini/overloaded-mid-stream.sse"),
    };
    const { ask } = setting(client, provider, middle[provider]);
    const seen = await read(ask);
    expect(seen.errors).toHaveLength(1);
    expect((seen.errors[0] as Error).message).toMatch(/overloaded/i);
    expect(beginning).toContain(seen.text);
    expect(seen.text).not.toBe("");
    expect(seen.finish).toBe("error");
  });

  test("a stream that was cut has not stopped", async () => {
    const { ask } = setting(client, provider, inPieces(half()));
    const seen = await read(ask);
    expect(seen.text).toBe(beginning);
    // Of its own provider's stream the client sees the cut itself, which the SDK gives no name.
    if (own[client] === provider) expect([seen.finish, seen.errors]).toEqual(["other", []]);
    else {
      expect(seen.finish).toBe("error");
      expect((seen.errors[0] as Error).message).toMatch(/ended before/);
    }
  });

  test("a connection that broke is an error", async () => {
    const { ask } = setting(client, provider, inPieces(half(), "reset"));
    const { text, finish, broken } = await read(ask);
    expect(text).toBe(beginning);
    expect(finish).toBeUndefined();
    expect(broken).toBeInstanceOf(Error);
  });

  test("a call that is given up is given up at the provider", async () => {
    const { it, ask } = setting(client, provider, stream([half()], { end: "hang" }));
    const abort = new AbortController();
    for await (const text of streamText({ ...ask, abortSignal: abort.signal }).textStream)
      if (text !== "") abort.abort();
    expect(await it.sentTo(provider)[0]?.done).toBe("cancelled");
  });
});

test.each(pairs.filter(({ client, provider }) => own[client] !== provider))(
  "an answer that is none: $client at $provider",
  async ({ client, provider }) => {
    const { ask } = setting(client, provider, json({ fine: true }));
    const error = await thrown(generateText(ask));
    expect(error).toBeInstanceOf(APICallError);
    expect(error).toMatchObject({ statusCode: 502, isRetryable: true });
  },
);

test.each(clients)("is tried again when it may be, and only then: %s", async (client) => {
  const limited = { type: "error", error: { type: "rate_limit_error", message } };
  const wrong = { type: "error", error: { type: "invalid_request_error", message } };
  const late = json(limited, 429, { "retry-after": "1" });
  const { it, ask } = setting(client, "claude", late, answerOf("claude", { text: "Hi." }, false));
  expect((await generateText({ ...ask, maxRetries: 1 })).text).toBe("Hi.");
  expect(it.bodiesAt("claude")).toHaveLength(2);
  const refused = setting(client, "claude", json(wrong, 400));
  expect(await thrown(generateText({ ...refused.ask, maxRetries: 1 }))).toBeInstanceOf(APICallError);
  expect(refused.it.bodiesAt("claude")).toHaveLength(1);
});

test.each(clients)("a model that nobody serves: %s", async (client) => {
  const it = stage.case({});
  const error = await thrown(
    generateText({ model: it.model(client, "mistral-large"), maxRetries: 0, prompt: "Hi?" }),
  );
  expect(error).toBeInstanceOf(APICallError);
  expect(error).toMatchObject({
    statusCode: 404,
    isRetryable: false,
    message: expect.stringContaining('"mistral-large" is not served here'),
  });
});
