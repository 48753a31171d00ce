import { describe, expect, it } from "vitest";
import { safeFields, safeText } from "../../../src/telemetry/redaction.ts";

describe("safeText", () => {
  it.each([
    ["OpenAI key", "sk-proj-abcdefghijklmnop1234"],
    ["Anthropic key", "sk-ant-api03-AbCdEf-123456_789"],
    ["Google key", "AIzaSyA-1234567890abcdefghijklmnopqrstu"],
    ["AWS key id", "AKIAIOSFODNN7EXAMPLE"],
    ["GitHub token", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
    ["bearer token", "Bearer abcdef0123456789"],
    ["JWT", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
  ])("hides a %s inside prose", (_kind, key) => {
    expect(safeText(`refused ${key} at once`)).toBe("refused [redacted] at once");
    expect(safeText(`${"x ".repeat(250)}${key}${"y".repeat(900)}`)).not.toContain(key.slice(0, 16));
  });

  it("hides the password of a URL", () => {
    expect(safeText("redis://:hunter22@cache:6379/0")).toBe("redis://[redacted]cache:6379/0");
  });

  it.each(["via_upstream", "claude-sonnet-4-5-20250929", "task-force", "gpt-4o", "no cluster “openai”"])(
    "leaves %s alone",
    (text) => {
      expect(safeText(text)).toBe(text);
    },
  );

  it("cuts long text", () => {
    expect(safeText("a".repeat(10_000))).toHaveLength(513);
  });
});

describe("safeFields", () => {
  it.each([
    "authorization",
    "Authorization",
    "proxy-authorization",
    "x-api-key",
    "api_key",
    "apiKey",
    "cookie",
    "set-cookie",
    "x-amz-security-token",
    "clientSecret",
    "password",
    "headers",
    "prompt",
    "messages",
    "body",
  ])("never shows the value of %s, at any depth", (key) => {
    expect(safeFields({ [key]: "value", inner: { [key]: ["value"] } })).toEqual({
      [key]: "[redacted]",
      inner: { [key]: "[redacted]" },
    });
  });

  it("keeps what the exchange line needs", () => {
    const fields = { input_tokens: 3, tokens_estimated: false, route: "chat", losses: ["dropped seed"] };
    expect(safeFields(fields)).toEqual(fields);
  });

  it("shows errors with their frames, and not what JSON.parse quotes", () => {
    let thrown: unknown;
    try {
      JSON.parse("my name is Alice and my secret is 42");
    } catch (error) {
      thrown = error;
    }
    const shown = JSON.stringify(safeFields({ err: new Error("could not read", { cause: thrown }) }));
    expect(shown).toContain("could not read");
    expect(shown).toContain("SyntaxError");
    expect(shown).toContain("redaction.test.ts");
    expect(shown).not.toMatch(/Alice|my name|secret/);
  });

  it("is bounded in depth, width and items, and survives cycles and getters that throw", () => {
    const cycle: Record<string, unknown> = { wide: Array.from({ length: 1_000 }, () => "x") };
    cycle["self"] = cycle;
    for (let index = 0; index < 500; index++) cycle[`key${index}`] = index;
    expect(JSON.stringify(safeFields(cycle)).length).toBeLessThan(10_000);
    const hostile = {
      get boom(): never {
        throw new Error("no");
      },
    };
    expect(safeFields(hostile)).toEqual({ unloggable: true });
  });
});
