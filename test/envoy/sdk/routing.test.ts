/** Which target a model's name leads to, and the list of names, as the SDKs see them. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recording } from "./recordings.ts";
import { type Stage, startStage } from "./stage.ts";
import { completion, message, whole } from "./whole-and-streamed.ts";

const messages = [{ role: "user" as const, content: "Hello" }];
const answers = { openai: [whole(completion({}))], claude: [whole(message({}))] };
/** Metadata has no order, so the names are sorted. */
const listed = ["by-app", "fast", "half", "mostly-claude", "smart"];

let stage: Stage;

beforeAll(async () => {
  const both = [
    { cluster: "openai", model: "gpt-4.1" },
    { cluster: "claude", model: "claude-opus-4-8" },
  ];
  stage = await startStage({
    models: {
      fast: { targets: [{ cluster: "openai", model: "gpt-4.1-mini" }] },
      smart: { targets: [{ cluster: "claude", model: "claude-opus-4-8", max_tokens: 1234 }] },
      "claude-haiku-*": { targets: [{ cluster: "openai", model: "gpt-4.1-nano" }] },
      half: { strategy: "split", targets: both, sticky: ["user"] },
      "by-app": { strategy: "split", targets: both, sticky: ["app", "user"] },
      "mostly-claude": {
        strategy: "split",
        targets: [
          { ...both[0], weight: 0 },
          { ...both[1], weight: 5 },
        ],
      },
    },
  });
});

afterAll(async () => {
  await stage?.stop();
});

async function targetOf(model: string, headers: Record<string, string> = {}): Promise<string | null> {
  const { openai } = stage.case({ ...answers, headers });
  const { response } = await openai.chat.completions.create({ model, messages }).withResponse();
  return response.headers.get("x-tollgate-target");
}

describe("names", () => {
  test.concurrent.each([
    ["fast", "openai/gpt-4.1-mini"],
    ["smart", "claude/claude-opus-4-8"],
    ["gpt-4.1", "openai/gpt-4.1"],
    ["claude-sonnet-5", "claude/claude-sonnet-5"],
    ["claude-haiku-4-5", "openai/gpt-4.1-nano"],
  ])("%s is served by %s", async (model, target) => {
    expect(await targetOf(model)).toBe(target);
  });

  test("an alias is renamed for the provider, and the target's own limit is sent where the client gave none", async () => {
    const it = stage.case(answers);
    const { model } = await it.openai.chat.completions.create({ model: "smart", messages });
    expect(model).toBe("smart");
    await it.openai.chat.completions.create({ model: "smart", messages, max_completion_tokens: 50 });
    await it.anthropic.messages.create({ model: "smart", messages, max_tokens: 70 });
    expect(it.sentTo("claude").map((request) => request.json())).toEqual([
      { model: "claude-opus-4-8", max_tokens: 1234, messages },
      { model: "claude-opus-4-8", max_tokens: 50, messages },
      { model: "claude-opus-4-8", max_tokens: 70, messages },
    ]);
    await it.anthropic.messages.create({ model: "fast", messages, max_tokens: 70 });
    expect(it.sentTo("openai")[0]?.json()).toMatchObject({ model: "gpt-4.1-mini" });
  });
});

describe("split", () => {
  const users = Array.from({ length: 24 }, (_, n) => `user-${n}`);

  test("the same user stays where they are, and users are spread", async () => {
    const targets = () => Promise.all(users.map((user) => targetOf("half", { "x-user-id": user })));
    const first = await targets();
    expect(new Set(first)).toEqual(new Set(["openai/gpt-4.1", "claude/claude-opus-4-8"]));
    expect(await targets()).toEqual(first);
  });

  test("one of several fields is enough to stay", async () => {
    const calls = Array.from({ length: 8 }, () => targetOf("by-app", { "x-app-id": "shop" }));
    expect(new Set(await Promise.all(calls)).size).toBe(1);
  });

  test("a weight of 0 is only for failover", async () => {
    const calls = await Promise.all(users.map(() => targetOf("mostly-claude")));
    expect(new Set(calls)).toEqual(new Set(["claude/claude-opus-4-8"]));
  });

  test("a split fails over too", async () => {
    const { openai, sentTo } = stage.case({
      openai: [whole(completion({}))],
      claude: [recording("anthropic/error-overloaded.json", 529)],
    });
    const { choices } = await openai.chat.completions.create({ model: "mostly-claude", messages });
    expect(choices[0]?.message.content).toBe("Hello!");
    expect([sentTo("claude").length, sentTo("openai").length]).toEqual([1, 1]);
  });
});

describe("/v1/models", () => {
  test("the OpenAI SDK lists the names that can be asked for", async () => {
    const { openai } = stage.case({});
    const models: OpenAI.Model[] = [];
    for await (const model of openai.models.list()) models.push(model);
    expect(models.map(({ id }) => id)).toEqual(listed);
    expect(models[1]).toEqual({ id: "fast", object: "model", created: 0, owned_by: "tollgate" });
  });

  test("so does the Anthropic SDK", async () => {
    const { anthropic } = stage.case({});
    const models: Anthropic.ModelInfo[] = [];
    for await (const model of anthropic.models.list()) models.push(model);
    expect(models.map(({ id }) => id)).toEqual(listed);
    expect(models[1]).toMatchObject({ id: "fast", type: "model", display_name: "fast" });
    expect(Date.parse(models[1]?.created_at ?? "")).not.toBeNaN();
  });

  test("one model, by its name or by a pattern that holds it", async () => {
    const { openai, anthropic } = stage.case({});
    for (const name of ["smart", "gpt-4.1"]) {
      expect(await openai.models.retrieve(name)).toMatchObject({ id: name, object: "model" });
      expect(await anthropic.models.retrieve(name)).toMatchObject({ id: name, type: "model" });
    }
  });

  test("none of that name", async () => {
    const { openai, anthropic } = stage.case({});
    await expect(openai.models.retrieve("mistral/large")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(anthropic.models.retrieve("mistral/large")).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});
