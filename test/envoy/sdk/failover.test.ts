/** One provider fails, the other answers: the request is written anew, and no credential crosses over. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RecordedRequest } from "../harness/upstream.ts";
import { hang, json, reset, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { recording } from "./recordings.ts";
import { type Case, type Cluster, clientKey, keys, type Stage, startStage } from "./stage.ts";

const models = { openai: "gpt-4.1", claude: "claude-opus-4-8" } as const;
const other = { openai: "claude", claude: "openai" } as const;
const fine = {
  whole: {
    openai: recording("openai-chat/tool-call.json"),
    claude: recording("anthropic/parallel-tools.json"),
  },
  streamed: {
    openai: recording("openai-chat/tool-call.sse"),
    claude: recording("anthropic/parallel-tools.sse"),
  },
} as const;
const tool = { name: "get_capital", schema: { type: "object" as const, properties: {} } };
const messages = [{ role: "user" as const, content: "Hello" }];

let stage: Stage;

beforeAll(async () => {
  const target = (cluster: Cluster) => ({ cluster, model: models[cluster] });
  stage = await startStage({
    dead: { nobody: { provider: "openai" }, "nobody-claude": { provider: "anthropic" } },
    models: {
      "openai-first": { targets: [target("openai"), target("claude")] },
      "claude-first": { targets: [target("claude"), target("openai")] },
      "openai-timed": { targets: [target("openai"), target("claude")], per_try_timeout: "1s" },
      "claude-timed": { targets: [target("claude"), target("openai")], per_try_timeout: "1s" },
      "openai-dead": { targets: [{ cluster: "nobody", model: models.openai }, target("claude")] },
      "claude-dead": { targets: [{ cluster: "nobody-claude", model: models.claude }, target("openai")] },
    },
  });
});

afterAll(async () => {
  await stage?.stop();
});

/** What each provider is to be sent, by the client's dialect: the same question in its own words. */
const expectedBody = {
  openai: {
    model: models.openai,
    messages,
    max_completion_tokens: 100,
    tools: [{ type: "function", function: { name: tool.name, parameters: tool.schema } }],
    tool_choice: "required",
  },
  claude: {
    model: models.claude,
    messages,
    max_tokens: 100,
    tools: [{ name: tool.name, input_schema: tool.schema }],
    tool_choice: { type: "any" },
  },
} as const;

interface Outcome {
  readonly calls: number;
  readonly target: string | null;
  readonly attempts: string | null;
}

const clients = {
  async openai({ openai }: Case, model: string, isStreamed: boolean): Promise<Outcome> {
    const request = {
      model,
      messages,
      max_completion_tokens: 100,
      tools: [{ type: "function" as const, function: { name: tool.name, parameters: tool.schema } }],
      tool_choice: "required" as const,
    };
    if (!isStreamed) {
      const { data, response } = await openai.chat.completions.create(request).withResponse();
      return { calls: data.choices[0]?.message.tool_calls?.length ?? 0, ...tried(response) };
    }
    const { data, response } = await openai.chat.completions
      .create({ ...request, stream: true })
      .withResponse();
    const indices = new Set<number>();
    for await (const { choices } of data) {
      for (const call of choices[0]?.delta.tool_calls ?? []) indices.add(call.index);
    }
    return { calls: indices.size, ...tried(response) };
  },

  async anthropic({ anthropic }: Case, model: string, isStreamed: boolean): Promise<Outcome> {
    const request = {
      model,
      messages,
      max_tokens: 100,
      tools: [{ name: tool.name, input_schema: tool.schema }],
      tool_choice: { type: "any" as const },
    };
    if (!isStreamed) {
      const { data, response } = await anthropic.messages.create(request).withResponse();
      return { calls: data.content.filter(({ type }) => type === "tool_use").length, ...tried(response) };
    }
    const { data, response } = await anthropic.messages.stream(request).withResponse();
    const { content } = await data.finalMessage();
    return { calls: content.filter(({ type }) => type === "tool_use").length, ...tried(response) };
  },
} as const;

function tried(response: Response): Pick<Outcome, "target" | "attempts"> {
  const { headers } = response;
  return { target: headers.get("x-tollgate-target"), attempts: headers.get("x-tollgate-attempts") };
}

const streaming = {
  openai: { stream: true, stream_options: { include_usage: true } },
  claude: { stream: true },
} as const;

/** The question, in this provider's words, with its key and nobody else's. */
function expectOwn(cluster: Cluster, request: RecordedRequest | undefined, isStreamed: boolean): void {
  expect(request?.json()).toEqual({ ...expectedBody[cluster], ...(isStreamed && streaming[cluster]) });
  expect(request?.path).toBe(cluster === "openai" ? "/v1/chat/completions" : "/v1/messages");
  const headers = request?.headers ?? {};
  expect(headers.host).toBe(`${cluster}.test`);
  expect(headers["content-length"]).toBe(String(request?.body.length));
  const own =
    cluster === "openai" ? { authorization: `Bearer ${keys.openai}` } : { "x-api-key": keys.claude };
  expect(headers).toMatchObject(own);
  const said = JSON.stringify({
    ...headers,
    ...Object.fromEntries(Object.keys(own).map((name) => [name, ""])),
  });
  for (const key of [keys.openai, keys.claude, clientKey]) expect(said).not.toContain(key);
  expect(Object.keys(headers).filter((name) => /^x-(tollgate|envoy)-/.test(name))).toEqual([]);
  expect("anthropic-version" in headers).toBe(cluster === "claude");
}

interface Failure {
  readonly how: string;
  readonly model: (first: Cluster) => string;
  /** What the first target answers; none: nobody listens there. */
  readonly answer?: UpstreamAnswer;
  readonly told: string;
}

const failures: readonly Failure[] = [
  {
    how: "503",
    model: (first) => `${first}-first`,
    answer: json({ error: { message: "busy" } }, 503),
    told: "503",
  },
  {
    how: "500",
    model: (first) => `${first}-first`,
    answer: json({ error: { message: "oops" } }, 500),
    told: "500",
  },
  {
    how: "429, and not to come back for a minute",
    model: (first) => `${first}-first`,
    answer: json({ error: { message: "slow down" } }, 429, { "retry-after": "60" }),
    told: "429",
  },
  { how: "a reset before the answer", model: (first) => `${first}-first`, answer: reset, told: "failed" },
  { how: "silence", model: (first) => `${first}-timed`, answer: hang, told: "timeout" },
  { how: "nobody listening", model: (first) => `${first}-dead`, told: "failed" },
];

const rows = (["openai", "claude"] as const).flatMap((first) =>
  (["openai", "anthropic"] as const).flatMap((client) =>
    ([false, true] as const).flatMap((isStreamed) =>
      failures.map((failure) => ({
        ...failure,
        first,
        client,
        isStreamed,
        form: isStreamed ? "streamed" : "whole",
      })),
    ),
  ),
);

test.concurrent.each(rows)("$first fails with $how: $client client, $form", async (row) => {
  const { first, client, isStreamed, answer } = row;
  const second = other[first];
  const good = fine[isStreamed ? "streamed" : "whole"][second];
  const it = stage.case({ [second]: [good], ...(answer === undefined ? {} : { [first]: [answer] }) });
  const outcome = await clients[client](it, row.model(first), isStreamed);
  const calls = second === "openai" ? 1 : isStreamed ? 3 : 4;
  const name = answer === undefined ? (first === "openai" ? "nobody" : "nobody-claude") : first;
  expect(outcome).toEqual({
    calls,
    target: `${second}/${models[second]}`,
    attempts: `${name};${row.told}, ${second};200`,
  });
  expect(it.sentTo(second)).toHaveLength(1);
  expectOwn(second, it.sentTo(second)[0], isStreamed);
  expect(it.sentTo(first)).toHaveLength(answer === undefined ? 0 : 1);
  if (answer !== undefined) expectOwn(first, it.sentTo(first)[0], isStreamed);
});

describe("when all fail", () => {
  test.concurrent.each(["openai", "anthropic"] as const)(
    "the %s client gets the last answer",
    async (client) => {
      const it = stage.case({
        openai: [json({ error: { message: "busy" } }, 503)],
        claude: [recording("anthropic/error-overloaded.json", 529)],
      });
      await expect(clients[client](it, "openai-first", false)).rejects.toMatchObject({
        status: 529,
        message: expect.stringContaining("Overloaded"),
      });
      expect([it.sentTo("openai").length, it.sentTo("claude").length]).toEqual([2, 2]);
      for (const cluster of ["openai", "claude"] as const) {
        for (const request of it.sentTo(cluster)) expectOwn(cluster, request, false);
      }
    },
  );

  test("an error that another target would give as well is not tried again", async () => {
    const it = stage.case({ openai: [json({ error: { message: "bad" } }, 400)] });
    await expect(clients.openai(it, "openai-first", false)).rejects.toMatchObject({ status: 400 });
    expect([it.sentTo("openai").length, it.sentTo("claude").length]).toEqual([1, 0]);
  });
});
