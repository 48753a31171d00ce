import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Row } from "../../../src/database/database.ts";
import { completion, completionPieces, message, paced, reported } from "../facts/answers.ts";
import { accessOf, at, type CallOptions, chat, chatBody, exchangeOf } from "../facts/calls.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { hang, stream } from "../harness/upstream-answers.ts";
import { rowsOf } from "./rows.ts";

// Answers that nobody waited for, through a real Envoy: each attempt by its provider's rule, in the ledger.

const env = { TOLLGATE_DATA_DIR: mkdtempSync(join(tmpdir(), "tollgate-abandoned-")) };
let running: RunningGateway;

/** In dollars a million tokens; what they come to is worked out below from the same numbers. */
const prices = {
  "gpt-*": { input: 2.5, output: 10.25, discount: 0.15, margin: 0.0333 },
  "llama-*": { input: 0.59, output: 0.79 },
  "claude-*": { input: 3, output: 15.5, margin: 0.1 },
} as const;

const openai = { cluster: "openai", model: "gpt-4o" };
const groq = { cluster: "groq", model: "llama-3.3-70b-versatile" };

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "groq" }, { name: "claude" }],
    policy: {
      targets: {
        openai: { provider: "openai" },
        groq: { provider: "groq" },
        claude: { provider: "anthropic" },
      },
      prices,
    },
    routePolicy: {
      models: {
        "openai*": { targets: [openai] },
        "groq*": { targets: [groq] },
        "hasty*": {
          targets: [openai, { cluster: "claude", model: "claude-sonnet-4-5" }],
          per_try_timeout: "300ms",
          attempts: 2,
        },
      },
    },
    tollgate: env,
  });
  // What the models usually write is learned first: as many tokens as the answers here report.
  for (const name of ["openai", "groq"] as const) {
    running.upstream(name).respondWith(() => completion("hi"));
    for (let n = 0; n < 24; n++) await chat(running, `${name}-usual-${n}`).then((usual) => usual.text());
  }
});

afterAll(async () => {
  await running?.stop();
  rmSync(env.TOLLGATE_DATA_DIR, { recursive: true, force: true });
});

/** Nano-dollars by the prices above, in whole numbers: owed and charged. */
function money(family: keyof typeof prices, input: number, output: number) {
  const { discount = 0, margin = 0, ...rates }: { [name: string]: number } = prices[family];
  const parts = (share: number) => BigInt(Math.round(share * 1_000_000));
  const rate = (name: string) => BigInt(Math.round((rates[name] ?? 0) * 1_000));
  const owed =
    (BigInt(input) * rate("input") + BigInt(output) * rate("output")) * (1_000_000n - parts(discount));
  const half = (value: bigint, by: bigint) => (2n * value + by) / (2n * by);
  return {
    provider_cost_nano_usd: half(owed, 1_000_000n),
    charged_nano_usd: half(owed * (1_000_000n + parts(margin)), 1_000_000_000_000n),
  };
}

/** As Tollgate estimates it: a token for four characters. */
const inputOf = (model: string, options: CallOptions) =>
  Math.ceil(Buffer.byteLength(JSON.stringify(chatBody(model, options))) / 4);

/** The exchange and its attempts, when they are in the database. */
async function kept(model: string): Promise<{ exchange: Row; attempts: Row[] }> {
  const { exchange_id: id } = await exchangeOf(running, model);
  const found = () => rowsOf(env, `SELECT * FROM ledger_exchanges WHERE id = '${id}'`);
  await expect.poll(found, { timeout: 10_000 }).toHaveLength(1);
  const [exchange = {}] = await found();
  const attempts = await rowsOf(
    env,
    `SELECT * FROM ledger_attempts WHERE exchange_id = '${id}' ORDER BY number`,
  );
  for (const column of ["input_tokens", "output_tokens", "provider_cost_nano_usd", "charged_nano_usd"]) {
    const sum = attempts.reduce((all, row) => all + BigInt(row[column] ?? 0), 0n);
    expect(`${column} ${exchange[column]}`).toBe(`${column} ${sum}`);
  }
  return { exchange, attempts };
}

test("an attempt that ran out of its time is charged beside the one that answered", async () => {
  running.upstream("openai").respondWith([hang]);
  running.upstream("claude").respondWith([message("hi")]);
  const options = { fields: { max_tokens: 64 } };
  const response = await chat(running, "hasty-whole", options);
  expect(response.status).toBe(200);
  expect(response.headers.get("x-tollgate-attempts")).toBe("openai;timeout, claude;200");
  const { exchange, attempts } = await kept("hasty-whole");
  const input = inputOf("hasty-whole", options);
  expect(attempts).toMatchObject([
    {
      ...{ result: "timeout", input_tokens: BigInt(input), output_tokens: 64n },
      ...money("gpt-*", input, 64),
    },
    {
      ...{ result: "200", input_tokens: BigInt(reported.input), output_tokens: BigInt(reported.output) },
      ...money("claude-*", reported.input, reported.output),
    },
  ]);
  // Who answered, by whose terms; and the sum in every place.
  expect(exchange).toMatchObject({
    ...{ outcome: "finished", status: 200n, attempts: 2n, estimated: 1n, unpriced: 0n },
    ...{ cluster: "claude", discount_ppm: 0n, margin_ppm: 100_000n, cost_source: "policy" },
  });
  const charged = Number(exchange["charged_nano_usd"]);
  expect(response.headers.get("x-tollgate-cost")).toBe(`0.${String(charged).padStart(9, "0")}`);
  expect(response.headers.get("x-tollgate-estimated")).toBe("true");
  expect(await exchangeOf(running, "hasty-whole")).toMatchObject({ charged_nano_usd: charged });
  expect(at(await accessOf(running, "hasty-whole"), "tollgate", "charged_nano_usd")).toBe(charged);
});

test("when all of them run out of their time, all are charged", async () => {
  running.upstream("openai").respondWith([hang]);
  running.upstream("claude").respondWith([hang]);
  const options = { fields: { max_tokens: 10 } };
  const response = await chat(running, "hasty-nobody", options);
  expect(response.status).toBe(504);
  const { exchange, attempts } = await kept("hasty-nobody");
  const input = inputOf("hasty-nobody", options);
  expect(attempts).toMatchObject([
    { result: "timeout", output_tokens: 10n, ...money("gpt-*", input, 10) },
    { result: "timeout", output_tokens: 10n, ...money("claude-*", input, 10) },
  ]);
  expect(exchange).toMatchObject({ outcome: "local-reply", estimated: 1n });
});

test.each([
  { name: "openai", family: "gpt-*", which: "stops: what was delivered is charged" },
  { name: "groq", family: "llama-*", which: "goes on: what is usual is charged" },
] as const)("a client that leaves a stream of $name, which $which", async ({ name, family }) => {
  const words = Array.from({ length: 100 }, (_, index) => ` word${index}`);
  running.upstream(name).respondWith([stream(paced(completionPieces(words), 20))]);
  const hangUp = new AbortController();
  const [model, options] = [`${name}-left`, { stream: true, signal: hangUp.signal }];
  const response = await chat(running, model, options);
  let seen = "";
  const reading = (async () => {
    for await (const chunk of response.body ?? []) {
      seen += Buffer.from(chunk).toString();
      if (seen.includes("word5")) hangUp.abort();
    }
  })();
  await expect(reading).rejects.toThrow();
  const { exchange, attempts } = await kept(model);
  const input = inputOf(model, options);
  const output = Number(attempts[0]?.["output_tokens"]);
  if (name === "groq") expect(output).toBe(reported.output);
  else {
    expect(output).toBeGreaterThanOrEqual(8);
    expect(output).toBeLessThan(60);
  }
  expect(attempts).toMatchObject([{ result: "200", ...money(family, input, output) }]);
  expect(exchange).toMatchObject({ outcome: "cancelled", estimated: 1n, cluster: name });
});

test("a client that leaves before a whole answer is charged for all of it", async () => {
  const upstream = running.upstream("openai");
  upstream.respondWith([hang]);
  const hangUp = new AbortController();
  const options = { signal: hangUp.signal };
  const call = chat(running, "openai-early", options).catch(() => "aborted");
  await upstream.request(upstream.requests.length);
  hangUp.abort();
  expect(await call).toBe("aborted");
  const { exchange, attempts } = await kept("openai-early");
  const input = inputOf("openai-early", options);
  expect(attempts).toMatchObject([
    {
      result: "cancelled",
      output_tokens: BigInt(reported.output),
      ...money("gpt-*", input, reported.output),
    },
  ]);
  expect(exchange).toMatchObject({ outcome: "cancelled", estimated: 1n });
});
