import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { exchangeLog } from "../../../src/telemetry/exchange-log.ts";
import { createLog, type LogLevel } from "../../../src/telemetry/log.ts";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";
import { exchangeRecord } from "./records.ts";

function capture(level: LogLevel = "info") {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    level,
    base: { worker: 1 },
    destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  return { lines, log };
}

function logged(changes: Partial<ExchangeRecord>): Record<string, unknown> {
  const { lines, log } = capture("debug");
  exchangeLog(log).record(exchangeRecord(changes));
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

describe("exchangeLog", () => {
  it("writes one line with stable names", () => {
    const { time, ...line } = logged({});
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(line).toEqual({
      level: "info",
      worker: 1,
      msg: "exchange",
      exchange_id: "7f3c9a52-0000-4000-8000-000000000001",
      route: "chat",
      tenant: "acme",
      app: "helpdesk",
      department: "support",
      plan: "free",
      key_id: "key_0123456789abcdef",
      // Never the user: printf %s ada@acme.test | sha256sum | cut -c1-12
      user_hash: "3ba15ffe92f6",
      outcome: "finished",
      status: 200,
      reason: "via_upstream",
      operation: "generate",
      client_dialect: "openai-chat",
      target_dialect: "anthropic",
      provider: "anthropic",
      cluster: "claude",
      model_asked: "gpt-4o",
      model_served: "claude-sonnet-4-5",
      stream: true,
      attempts: 1,
      input_tokens: 100,
      output_tokens: 20,
      cache_read_tokens: 60,
      cache_write_tokens: 0,
      reasoning_tokens: 5,
      tokens_estimated: false,
      cost_nano_usd: 600_000,
      charged_nano_usd: 660_000,
      cost_source: "catalogue",
      duration_ms: 1_500,
      first_token_ms: 300,
    });
  });

  it.each([
    [{ outcome: "finished", status: 200 }, "info"],
    [{ outcome: "finished", status: 429 }, "info"],
    [{ outcome: "finished", status: 500 }, "warn"],
    [{ outcome: "cancelled", status: 0 }, "info"],
    [{ outcome: "refused", status: 422 }, "info"],
    [{ outcome: "refused", status: 500 }, "warn"],
    [{ outcome: "local-reply", status: 404 }, "warn"],
    [{ outcome: "failed", status: 200 }, "warn"],
    [{ outcome: "passed-through", status: 0 }, "debug"],
  ] as const)("logs %o at %s", (changes, level) => {
    expect(logged(changes)["level"]).toBe(level);
  });

  it("bounds what clients and providers can write", () => {
    const line = logged({
      modelAsked: "m".repeat(100_000),
      reason: "r".repeat(100_000),
      losses: Array.from({ length: 64 }, (_, index) => ({
        path: `tools[${index}].${"f".repeat(index)}`,
        how: "dropped" as const,
        why: "a sentence",
      })),
    });
    expect(JSON.stringify(line).length).toBeLessThan(4_000);
    expect(line["losses"]).toHaveLength(16);
    expect(line["losses"]).toContain("dropped tools[].");
  });
});

describe("createLog", () => {
  it("keeps to its level", () => {
    const { lines, log } = capture("warn");
    log.info({}, "quiet");
    log.warn({}, "heard");
    expect(lines.map((line) => line["msg"])).toEqual(["heard"]);
  });

  it("makes every line safe, whatever field a secret is in", () => {
    const { lines, log } = capture("debug");
    log.debug({ headers: { "x-api-key": "k" }, note: "Bearer 0123456789abcdef" }, "careless");
    log.error(
      { err: Object.assign(new Error("sk-proj-0123456789"), { request: { body: "hello" } }) },
      "worse",
    );
    const text = JSON.stringify(lines);
    expect(text).not.toMatch(/0123456789|hello|"k"/);
    expect(text).toContain("[redacted]");
  });

  it("loses no line when the process exits or dies of an exception", () => {
    const source = (end: string) =>
      `import { createLog } from ${JSON.stringify(new URL("../../../src/telemetry/log.ts", import.meta.url).href)};
       createLog({ level: "info" }).info({ n: 1 }, "last words"); ${end}`;
    for (const end of ["process.exit(3)", 'setTimeout(() => { throw new Error("x"); }, 5)', ""]) {
      const ran = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", source(end)], {
        encoding: "utf8",
        timeout: 20_000,
      });
      expect(ran.stdout).toContain("last words");
    }
  }, 60_000);
});
