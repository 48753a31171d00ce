import { afterAll, describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../../src/conversation/error.ts";
import { CountingThread } from "../../../../src/tokens/counting/counter.ts";
import { mostCounted } from "../../../../src/tokens/counting/tally.ts";
import { CountUnavailableError } from "../../../../src/tokens/counting/token-count.ts";

const program = new URL("./thread-from-source.mjs", import.meta.url);
const wanted = () => true;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

const open: CountingThread[] = [];
function thread(options: ConstructorParameters<typeof CountingThread>[0] = {}): CountingThread {
  const counter = new CountingThread({ program, ...options });
  open.push(counter);
  return counter;
}

afterAll(() => Promise.all(open.map((counter) => counter.stop())));

// A thread from source takes seconds to start on a busy machine: one for all that do not end theirs.
describe("the counting thread", { timeout: 60_000 }, () => {
  const counter = thread();

  it("counts text by the model's encoding", async () => {
    await expect(counter.countText("お誕生日おめでとう", "gpt-4o", wanted)).resolves.toEqual({
      tokens: 8,
      exact: true,
    });
    await expect(counter.countText("お誕生日おめでとう", "gpt-4", wanted)).resolves.toEqual({
      tokens: 9,
      exact: true,
    });
    await expect(counter.countText("", "gpt-4o", wanted)).resolves.toEqual({ tokens: 0, exact: true });
  });

  it("extrapolates texts that are longer than it counts", async () => {
    const counted = await counter.countText("word ".repeat(mostCounted / 2), "gpt-4o", wanted);
    expect(counted.exact).toBe(false);
    expect(counted.tokens / (mostCounted / 2)).toBeCloseTo(1, 3);
  });

  it("counts a request decoded and as it came alike, and keeps its bytes", async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "hello" },
    ];
    const body = json({ model: "gpt-4o", messages });
    const came = { dialect: "openai-chat", path: "/v1/chat/completions", body } as const;
    const turn = (role: "system" | "user", text: string) =>
      ({ role, parts: [{ kind: "text", text }], at: "" }) as const;
    const decoded = {
      turns: [turn("system", "Be brief."), turn("user", "hello")],
      tools: [],
      foreignTools: [],
    };
    const count = await counter.countBody(came, "gpt-4o", wanted);
    expect(count).toEqual({ tokens: 3 + 1 + 3 + 3 + 1 + 1 + 3, exact: true });
    await expect(counter.count(decoded, "gpt-4o", wanted)).resolves.toEqual(count);
    expect(body.length).toBeGreaterThan(0);
  });

  it("reads the requests of counting endpoints", async () => {
    const messages = [{ role: "user", content: "hello" }];
    const anthropic = { dialect: "anthropic-count-tokens", path: "/v1/messages/count_tokens" } as const;
    const body = json({ model: "claude-sonnet-5", messages });
    const claude = counter.countBody({ ...anthropic, body }, "gpt-4o", wanted);
    const contents = [{ role: "user", parts: [{ text: "hello" }] }];
    const gemini = { dialect: "gemini-count-tokens", path: "/v1beta/models/x:countTokens" } as const;
    const bare = counter.countBody({ ...gemini, body: json({ contents }) }, "gpt-4o", wanted);
    const held = json({ generateContentRequest: { model: "models/x", contents } });
    const wrapped = counter.countBody({ ...gemini, body: held }, "gpt-4o", wanted);
    const responses = { dialect: "openai-input-tokens", path: "/v1/responses/input_tokens" } as const;
    const input = json({ model: "gpt-4o", input: "hello" });
    const openai = counter.countBody({ ...responses, body: input }, "gpt-4o", wanted);
    expect(await Promise.all([claude, bare, wrapped, openai])).toEqual(
      Array.from({ length: 4 }, () => ({ tokens: 8, exact: true })),
    );
  });

  it("refuses what is not a request, as its dialect does", async () => {
    const broken = {
      dialect: "anthropic",
      path: "/v1/messages",
      body: Buffer.from('{"messages":5'),
    } as const;
    await expect(counter.countBody(broken, "claude", wanted)).rejects.toThrow(InvalidRequestError);
    const wrong = { ...broken, body: json({ model: "m", max_tokens: 1, messages: 5 }) };
    await expect(counter.countBody(wrong, "claude", wanted)).rejects.toMatchObject({
      name: "InvalidRequestError",
      path: "messages",
    });
  });

  it("drops what nobody waits for any more", async () => {
    await expect(counter.countText("x", "gpt-4o", () => false)).rejects.toThrow(CountUnavailableError);
  });

  it("gives up after a while", async () => {
    const slow = thread({ timeoutMs: 1 }).countText("x", "gpt-4o", wanted);
    await expect(slow).rejects.toThrow(CountUnavailableError);
  });

  it("takes no more jobs than may wait", async () => {
    const full = thread({ maxWaiting: 0 }).countText("x", "gpt-4o", wanted);
    await expect(full).rejects.toThrow(CountUnavailableError);
  });
});
