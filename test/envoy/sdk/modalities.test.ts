/** Who is asked when a request has more in it than text: the policy says what each model takes. */
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stage, startStage } from "./stage.ts";
import { completion, message, whole } from "./whole-and-streamed.ts";

const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const question = { type: "text" as const, text: "What is it?" };
const seen = (data: string) => [
  {
    role: "user" as const,
    content: [question, { type: "image_url" as const, image_url: { url: `data:image/png;base64,${data}` } }],
  },
];
const answers = { openai: [whole(completion({}))], claude: [whole(message({}))] };

let stage: Stage;

beforeAll(async () => {
  const blind = { cluster: "openai", model: "gpt-blind", accepts: ["text", "tools"] };
  const claude = { cluster: "claude", model: "claude-opus-4-8" };
  stage = await startStage({
    models: {
      "blind-first": { targets: [blind, claude] },
      "claude-first": { targets: [claude, { cluster: "openai", model: "gpt-4.1" }] },
      blind: { targets: [blind] },
    },
  });
});

afterAll(async () => {
  await stage?.stop();
});

describe("a request with an image", () => {
  test.each([
    ["small", png],
    // Read and written on threads of their own.
    ["large", png.replace("AAAAA", "A".repeat(2_000_000))],
  ])("goes to the target that sees it: %s", async (_, data) => {
    const it = stage.case(answers);
    const { response } = await it.openai.chat.completions
      .create({ model: "blind-first", messages: seen(data) })
      .withResponse();
    expect(response.headers.get("x-tollgate-target")).toBe("claude/claude-opus-4-8");
    expect(response.headers.get("x-tollgate-lossy")).toBeNull();
    expect([it.sentTo("openai").length, it.sentTo("claude").length]).toEqual([0, 1]);
    expect(JSON.stringify(it.sentTo("claude")[0]?.json())).toContain(data);
  });

  test("goes to the only target without it, which is told", async () => {
    const it = stage.case(answers);
    const { response } = await it.openai.chat.completions
      .create({ model: "blind", messages: seen(png) })
      .withResponse();
    expect(response.headers.get("x-tollgate-target")).toBe("openai/gpt-blind");
    expect(response.headers.get("x-tollgate-lossy")).toBe("messages[0].content[1]");
    expect(it.sentTo("openai")[0]?.json()).toEqual({
      model: "gpt-blind",
      messages: [{ role: "user", content: "What is it?" }],
    });
  });

  test("is refused under strict when the only target does not see it", async () => {
    const { openai, sentTo } = stage.case({ ...answers, mount: "/strict" });
    const refused = openai.chat.completions.create({ model: "blind", messages: seen(png) });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.UnprocessableEntityError);
    await expect(refused).rejects.toMatchObject({ status: 422, code: "lossy_translation" });
    expect(sentTo("openai")).toEqual([]);
  });
});

test("a request of text goes to the first target", async () => {
  const it = stage.case(answers);
  const { response } = await it.openai.chat.completions
    .create({ model: "blind-first", messages: [{ role: "user", content: "Hello" }] })
    .withResponse();
  expect(response.headers.get("x-tollgate-target")).toBe("openai/gpt-blind");
});

test("a lost parameter does not move it", async () => {
  const { openai } = stage.case(answers);
  const { response } = await openai.chat.completions
    .create({ model: "claude-first", messages: [{ role: "user", content: "Hello" }], seed: 1 })
    .withResponse();
  expect(response.headers.get("x-tollgate-target")).toBe("claude/claude-opus-4-8");
  expect(response.headers.get("x-tollgate-lossy")).toBe("seed");
});
