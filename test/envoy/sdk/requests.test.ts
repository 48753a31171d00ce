/** What providers are sent, for what the official SDKs were asked: every case in both dialects, streamed and not. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recording } from "./recordings.ts";
import type { ClaudeBody, OpenAiBody } from "./request-cases.ts";
import { fromAnthropic } from "./requests-from-anthropic.ts";
import { fromOpenAi } from "./requests-from-openai.ts";
import { type Cluster, type Stage, startStage } from "./stage.ts";

const answers = {
  whole: {
    openai: [recording("openai-chat/reasoning.json")],
    claude: [recording("anthropic/cache-usage.json")],
  },
  streamed: { openai: [recording("openai-chat/text.sse")], claude: [recording("anthropic/text.sse")] },
} as const;

const forms = [
  ["whole", false],
  ["streamed", true],
] as const;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(async () => {
  await stage?.stop();
});

/** The one request that the provider got, and what the client was told to be lost. */
interface Seen {
  readonly path: string | undefined;
  readonly body: unknown;
  readonly lossy: readonly string[];
}

async function viaOpenAi(to: Cluster, model: string, asked: OpenAiBody, isStreamed: boolean): Promise<Seen> {
  const { openai, sentTo } = stage.case(isStreamed ? answers.streamed : answers.whole);
  const call = openai.chat.completions.create({ ...asked, model, stream: isStreamed });
  return { ...(await outcome(call)), ...only(sentTo(to)) };
}

async function viaAnthropic(
  to: Cluster,
  model: string,
  asked: ClaudeBody,
  isStreamed: boolean,
): Promise<Seen> {
  const { anthropic, sentTo } = stage.case(isStreamed ? answers.streamed : answers.whole);
  const call = anthropic.messages.create({ ...asked, model, stream: isStreamed });
  return { ...(await outcome(call)), ...only(sentTo(to)) };
}

async function outcome(call: {
  withResponse(): Promise<{ data: object; response: Response }>;
}): Promise<Pick<Seen, "lossy">> {
  const { data, response } = await call.withResponse();
  if (Symbol.asyncIterator in data) for await (const _ of data as AsyncIterable<unknown>);
  return { lossy: response.headers.get("x-tollgate-lossy")?.split(", ") ?? [] };
}

function only(requests: readonly { path: string; json(): unknown }[]): Pick<Seen, "path" | "body"> {
  expect(requests).toHaveLength(1);
  return { path: requests[0]?.path, body: requests[0]?.json() };
}

/** Usage is always asked for, since the gateway meters. */
const usageAsked = { stream: true, stream_options: { include_usage: true } };

describe.each(forms)("%s", (_, isStreamed) => {
  test.concurrent.each(fromOpenAi)("OpenAI to Anthropic: $name", async (row) => {
    const model = row.model ?? "claude-sonnet-4-5";
    const seen = await viaOpenAi("claude", model, row.asked, isStreamed);
    expect(seen.body).toEqual({ model, ...row.claude, ...(isStreamed && { stream: true }) });
    expect(seen.path).toBe("/v1/messages");
    expect(seen.lossy).toEqual(row.lossy ?? []);
  });

  test.concurrent.each(fromOpenAi)("OpenAI to OpenAI, untouched: $name", async (row) => {
    const seen = await viaOpenAi("openai", "gpt-5", row.asked, isStreamed);
    expect(seen.body).toEqual({ stream: false, ...row.asked, model: "gpt-5", ...(isStreamed && usageAsked) });
    expect(seen.path).toBe("/v1/chat/completions");
    expect(seen.lossy).toEqual([]);
  });

  test.concurrent.each(fromAnthropic)("Anthropic to OpenAI: $name", async (row) => {
    const model = row.model ?? "gpt-4.1";
    const seen = await viaAnthropic("openai", model, row.asked, isStreamed);
    expect(seen.body).toEqual({ model, ...row.openai, ...(isStreamed && usageAsked) });
    expect(seen.path).toBe("/v1/chat/completions");
    expect(seen.lossy).toEqual(row.lossy ?? []);
  });

  test.concurrent.each(fromAnthropic)("Anthropic to Anthropic, untouched: $name", async (row) => {
    const seen = await viaAnthropic("claude", "claude-opus-4-8", row.asked, isStreamed);
    expect(seen.body).toEqual({ ...row.asked, model: "claude-opus-4-8", stream: isStreamed });
    expect(seen.path).toBe("/v1/messages");
    expect(seen.lossy).toEqual([]);
  });
});

describe("strict", () => {
  const lossyRows = [
    ...fromOpenAi.flatMap(({ name, asked, lossy, model }) =>
      lossy?.[0] === undefined ? [] : [{ name, asked, path: lossy[0], model: model ?? "claude-sonnet-4-5" }],
    ),
  ];

  test.concurrent.each(lossyRows)("OpenAI to Anthropic is refused: $name", async (row) => {
    const { openai, sentTo } = stage.case({ ...answers.whole, mount: "/strict" });
    const call = openai.chat.completions.create({ ...row.asked, model: row.model });
    await expect(call).rejects.toMatchObject({ status: 422, param: row.path, code: "lossy_translation" });
    expect(sentTo("claude")).toEqual([]);
  });

  const losing = fromAnthropic.flatMap(({ name, asked, lossy, model }) =>
    lossy?.[0] === undefined ? [] : [{ name, asked, path: lossy[0], model: model ?? "gpt-4.1" }],
  );

  test.concurrent.each(losing)("Anthropic to OpenAI is refused: $name", async (row) => {
    const { anthropic, sentTo } = stage.case({ ...answers.whole, mount: "/strict" });
    const call = anthropic.messages.create({ ...row.asked, model: row.model });
    await expect(call).rejects.toMatchObject({ status: 422, message: expect.stringContaining(row.path) });
    expect(sentTo("openai")).toEqual([]);
  });

  test("what is not lost passes", async () => {
    const { openai, anthropic } = stage.case({ ...answers.whole, mount: "/strict" });
    const messages = [{ role: "user" as const, content: "Hello" }];
    await openai.chat.completions.create({ model: "claude-sonnet-4-5", messages, temperature: 0.5 });
    await openai.chat.completions.create({ model: "gpt-5", messages, n: 2, seed: 1 });
    await anthropic.messages.create({ model: "gpt-5", messages, max_tokens: 10 });
  });
});
