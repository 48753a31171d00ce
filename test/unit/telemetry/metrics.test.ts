import { describe, expect, it } from "vitest";
import { noUsage } from "../../../src/conversation/usage.ts";
import { createMetrics, type Metrics } from "../../../src/telemetry/metrics.ts";
import type { AttemptTried, ExchangeRecord } from "../../../src/telemetry/record.ts";
import { exchangeRecord } from "./records.ts";

function quietMetrics(inFlight = () => 0): Metrics {
  return createMetrics({ inFlight, processMetrics: false });
}

/** The samples of a metric: labels in alphabetical order → value. */
async function samples(metrics: Metrics, name: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const line of (await metrics.text()).split("\n")) {
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match?.[1] !== name) continue;
    const labels = (match[2] ?? "").match(/\w+="(?:[^"\\]|\\.)*"/g) ?? [];
    found[labels.sort().join(",")] = Number(match[3]);
  }
  return found;
}

async function afterRecording(
  changes: Partial<ExchangeRecord>,
  name: string,
): Promise<Record<string, number>> {
  const metrics = quietMetrics();
  metrics.record(exchangeRecord(changes));
  return samples(metrics, name);
}

const model =
  'gen_ai_operation_name="chat",gen_ai_provider_name="anthropic",gen_ai_request_model="gpt-4o",gen_ai_response_model="claude-sonnet-4-5"';
const spend = 'model="claude-sonnet-4-5",provider="anthropic",route="chat"';

const failedAttempt: AttemptTried = {
  ...{ number: 1, cluster: "c", provider: "openai", model: "gpt-4o", result: 503, durationMs: 1 },
  ...{ usage: noUsage, costNanoUsd: 0, chargedNanoUsd: 0, costSource: "unknown" },
};
const oneUnpriced: Partial<ExchangeRecord> = {
  attemptsTried: [
    { ...failedAttempt, result: "timeout", usage: { ...noUsage, input: 9, estimated: true } },
    ...exchangeRecord().attemptsTried,
  ],
};

it("files that were fetched are counted by what became of them, and their bytes", async () => {
  const metrics = quietMetrics();
  metrics.mediaFetched("fetched", 1_000);
  metrics.mediaFetched("fetched", 24);
  metrics.mediaFetched("timeout", 7);
  expect(await samples(metrics, "tollgate_media_fetches_total")).toEqual({
    'outcome="fetched"': 2,
    'outcome="timeout"': 1,
  });
  expect(await samples(metrics, "tollgate_media_fetched_bytes_total")).toEqual({
    'outcome="fetched"': 1_024,
    'outcome="timeout"': 7,
  });
});

describe("an exchange in the metrics", () => {
  const cases: readonly (readonly [string, Partial<ExchangeRecord>, string, Record<string, number>])[] = [
    [
      "is counted with how it ended",
      {},
      "tollgate_exchanges_total",
      {
        'client_dialect="openai-chat",model="claude-sonnet-4-5",outcome="finished",provider="anthropic",route="chat",status="200",target_dialect="anthropic"': 1,
      },
    ],
    [
      "that was refused before routing has no provider",
      {
        outcome: "refused",
        status: 404,
        provider: undefined,
        targetDialect: undefined,
        modelAsked: undefined,
        modelServed: undefined,
      },
      "tollgate_exchanges_total",
      {
        'client_dialect="openai-chat",model="none",outcome="refused",provider="none",route="chat",status="404",target_dialect="none"': 1,
      },
    ],
    [
      "shows its tokens by type, in OpenTelemetry's words",
      {},
      "gen_ai_client_token_usage_sum",
      { [`${model},gen_ai_token_type="input"`]: 100, [`${model},gen_ai_token_type="output"`]: 20 },
    ],
    [
      "survives counts that are none",
      {
        usage: {
          ...noUsage,
          input: Number.POSITIVE_INFINITY,
          output: 7,
          cacheRead: Number.NaN,
          reasoning: -1,
        },
      },
      "tollgate_tokens_total",
      { [`kind="output",${spend}`]: 7 },
    ],
    ["shows no tokens when none were reported", { usage: noUsage }, "gen_ai_client_token_usage_sum", {}],
    [
      "shows the kinds of tokens, overlapping",
      {},
      "tollgate_tokens_total",
      {
        [`kind="input",${spend}`]: 100,
        [`kind="output",${spend}`]: 20,
        [`kind="cache_read",${spend}`]: 60,
        [`kind="reasoning",${spend}`]: 5,
      },
    ],
    ["shows its cost", {}, "tollgate_cost_nano_usd_total", { [spend]: 600_000 }],
    [
      "with usage and no price is told apart",
      { costSource: "unknown", costNanoUsd: 0 },
      "tollgate_unpriced_exchanges_total",
      { [spend]: 1 },
    ],
    [
      "answered without a count, at a cost that nobody knows",
      { usage: noUsage, costSource: "unknown", costNanoUsd: 0 },
      "tollgate_unpriced_exchanges_total",
      { [spend]: 1 },
    ],
    [
      "of which one attempt has no known price is unpriced, and counts what is known",
      oneUnpriced,
      "tollgate_unpriced_exchanges_total",
      { [spend]: 1 },
    ],
    [
      "of which one attempt has no known price costs what is known",
      oneUnpriced,
      "tollgate_cost_nano_usd_total",
      { [spend]: 600_000 },
    ],
    [
      "whose earlier attempt took nothing is priced",
      { attemptsTried: [failedAttempt, ...exchangeRecord().attemptsTried] },
      "tollgate_unpriced_exchanges_total",
      {},
    ],
    [
      "not answered, and nothing of it to pay for",
      { usage: noUsage, costSource: "unknown", costNanoUsd: 0, status: 503 },
      "tollgate_unpriced_exchanges_total",
      {},
    ],
    [
      "paid for by other units than tokens",
      { usage: { ...noUsage, units: { images: 2, audioMs: 1500, searches: 1 } }, costNanoUsd: 7 },
      "tollgate_units_total",
      { [`${spend},unit="image"`]: 2, [`${spend},unit="audio_ms"`]: 1500, [`${spend},unit="search"`]: 1 },
    ],
    [
      "shows a cost without tokens",
      { usage: { ...noUsage, units: { images: 2 } }, costNanoUsd: 7 },
      "tollgate_cost_nano_usd_total",
      { [spend]: 7 },
    ],
    [
      "with estimated usage is told apart",
      { usage: { ...noUsage, output: 3, estimated: true } },
      "tollgate_estimated_exchanges_total",
      { [spend]: 1 },
    ],
    ["lasts seconds", {}, "gen_ai_server_request_duration_seconds_sum", { [model]: 1.50004 }],
    [
      "that failed says so",
      { outcome: "local-reply", status: 503 },
      "gen_ai_server_request_duration_seconds_count",
      { [`error_type="local-reply",${model}`]: 1 },
    ],
    [
      "that met an error of the provider says which",
      { status: 429 },
      "gen_ai_server_request_duration_seconds_count",
      { [`error_type="429",${model}`]: 1 },
    ],
    ["shows its time to first token", {}, "gen_ai_server_time_to_first_token_seconds_sum", { [model]: 0.3 }],
    [
      "shows none when no content came",
      { timeToFirstTokenMs: undefined },
      "gen_ai_server_time_to_first_token_seconds_sum",
      {},
    ],
    [
      "counts attempts beyond the first",
      { attempts: 3 },
      "tollgate_retries_total",
      { 'provider="anthropic",route="chat"': 2 },
    ],
    [
      "counts losses without their indices",
      {
        losses: [
          { path: "messages[0].name", how: "dropped", why: "" },
          { path: "messages[12].name", how: "dropped", why: "" },
          { path: "temperature", how: "approximated", why: "" },
        ],
      },
      "tollgate_losses_total",
      {
        'client_dialect="openai-chat",how="dropped",path="messages[].name",target_dialect="anthropic"': 2,
        'client_dialect="openai-chat",how="approximated",path="temperature",target_dialect="anthropic"': 1,
      },
    ],
  ];

  it.each(cases)("%s", async (_title, changes, name, expected) => {
    const found = await afterRecording(changes, name);
    const sorted = Object.fromEntries(
      Object.entries(expected).map(([labels, value]) => [
        (labels.match(/\w+="[^"]*"/g) ?? []).sort().join(","),
        value,
      ]),
    );
    expect(found).toEqual(sorted);
  });
});

describe("createMetrics", () => {
  it("asks for the exchanges in flight at each scrape", async () => {
    let open = 3;
    const metrics = quietMetrics(() => open);
    expect(await samples(metrics, "tollgate_inflight_exchanges")).toEqual({ "": 3 });
    open = 1;
    expect(await samples(metrics, "tollgate_inflight_exchanges")).toEqual({ "": 1 });
  });

  it("has event loop lag and memory of the process", async () => {
    const text = await createMetrics({ inFlight: () => 0 }).text();
    expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
    expect(text).toContain("process_resident_memory_bytes");
    expect(text).toContain("process_cpu_seconds_total");
  });

  it("stays bounded when clients invent names, and keeps real models visible", async () => {
    const metrics = quietMetrics();
    for (let index = 0; index < 5_000; index++) {
      metrics.record(
        exchangeRecord({
          outcome: "refused",
          status: 404,
          provider: undefined,
          modelAsked: `invented-${index}`,
          modelServed: undefined,
          losses: [{ path: `field_${index}`, how: "dropped", why: "" }],
        }),
      );
    }
    metrics.record(exchangeRecord());
    expect(await samples(metrics, "tollgate_cost_nano_usd_total")).toEqual({
      'model="claude-sonnet-4-5",provider="anthropic",route="chat"': 600_000,
    });
    const exchanges = await samples(metrics, "tollgate_exchanges_total");
    expect(Object.keys(exchanges).length).toBeLessThan(60);
    expect(Object.values(exchanges).reduce((sum, count) => sum + count, 0)).toBe(5_001);
    expect(Object.keys(await samples(metrics, "tollgate_losses_total")).length).toBeLessThanOrEqual(201);
  });

  it("stays bounded under every combination of routes, models and statuses", async () => {
    const metrics = quietMetrics();
    for (let index = 0; index < 20_000; index++) {
      metrics.record(
        exchangeRecord({
          route: `route-${index % 197}`,
          status: 200 + (index % 190),
          modelAsked: `asked-${index % 89}`,
          modelServed: `served-${index % 83}`,
        }),
      );
    }
    const usage = await samples(metrics, "gen_ai_client_token_usage_count");
    expect(Object.keys(usage).length).toBeLessThanOrEqual(2 * 151);
    expect(Object.keys(await samples(metrics, "tollgate_exchanges_total")).length).toBeLessThanOrEqual(1_200);
    expect(Object.values(usage).reduce((sum, count) => sum + count, 0)).toBe(40_000);
  });

  it("does not hold the event loop for long in a scrape of everything it may hold", async () => {
    const metrics = quietMetrics();
    for (let index = 0; index < 20_000; index++) {
      const names = { modelAsked: `asked-${index % 89}`, modelServed: `served-${index % 83}` };
      metrics.record(exchangeRecord({ ...names, route: `route-${index % 197}`, status: index % 600 }));
    }
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    await metrics.text();
    clearInterval(beat);
    expect(longest).toBeLessThan(200); // 20 to 40 ms on an idle machine
  });

  it("never shows a key that was put into the model's place", async () => {
    const metrics = quietMetrics();
    metrics.record(exchangeRecord({ modelAsked: "sk-ant-api03-0123456789abcdef", modelServed: "a\nb" }));
    const text = await metrics.text();
    expect(text).not.toContain("sk-ant");
    expect(text).toContain('gen_ai_request_model="other"');
  });

  it("counts notices", async () => {
    const metrics = quietMetrics();
    metrics.misconfigured();
    metrics.defect("exchange");
    metrics.defect("exchange");
    expect(await samples(metrics, "tollgate_misconfigurations_total")).toEqual({ "": 1 });
    expect(await samples(metrics, "tollgate_defects_total")).toEqual({ 'where="exchange"': 2 });
  });
});
