/** Virtual keys before a real Envoy: each SDK keeps its key where it always does, and two gateways share a database. */
import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI, { AzureOpenAI } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../../src/cli/demo/sidecar.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { findPostgres, startPostgres } from "../../contract/keys/postgres.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json } from "../harness/upstream-answers.ts";

const keyOfProvider = "key-of-the-provider";
const completion = json({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_760_000_000,
  model: "gpt-4o",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

const backOff = { baseInterval: "0.001s", maxInterval: "0.002s" };
const identity: JsonObject = {
  tenant: [{ key: "tenant" }],
  app: [{ key: "app" }],
  user: [{ key: "user" }],
  department: [{ key: "department" }, { value: "nobody's" }],
  plan: [{ key: "plan" }],
  require: "key",
};

function start(env: Readonly<Record<string, string>>): Promise<RunningGateway> {
  const secret = { from: "value", value: keyOfProvider } as const;
  return gateway({
    clusters: [
      {
        name: "openai",
        script: () => completion,
        credential: { header: "authorization", prefix: "Bearer ", secret },
      },
    ],
    policy: { targets: { openai: { provider: "openai" } }, identity },
    routes: ["/v1/", "/v1beta/", "/openai/"].map((prefix) => ({
      kind: "gated",
      name: prefix.replaceAll("/", ""),
      prefix,
      policy: { strict: false },
      retry: { backOff },
    })),
    tollgate: env,
  });
}

interface Created {
  readonly id: string;
  readonly key: string;
}

const everyLine = (running: RunningGateway) => [
  ...running.tollgate.log.entries.map((line) => JSON.stringify(line)),
  ...running.tollgate.log.other,
  ...running.envoy.access.entries.map((line) => JSON.stringify(line)),
  ...running.envoy.access.other,
  ...running.envoy.logs(),
];

interface Place {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

async function sqlite(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-keys-"));
  return { env: { TOLLGATE_DATA_DIR: folder }, stop: () => rm(folder, { recursive: true }) };
}

async function postgres(): Promise<Place> {
  const server = await startPostgres();
  return { env: { DATABASE_URL: server.url }, stop: () => server.stop() };
}

const found = findPostgres();
const why = "missing" in found ? `, skipped: ${found.missing}` : "";

describe.each<[string, () => Promise<Place>, boolean]>([
  ["SQLite", sqlite, true],
  [`Postgres${why}`, postgres, why === ""],
])("keys in %s", (_, begin, isThere) => {
  describe.runIf(isThere)("two gateways", () => {
    let place: Place;
    let one: RunningGateway;
    let other: RunningGateway;

    beforeAll(async () => {
      place = await begin();
      one = await start(place.env);
      other = await start(place.env);
    });

    afterAll(async () => {
      await one?.stop();
      await other?.stop();
      await place?.stop();
    });

    const tollgate = async (...argv: string[]): Promise<string> => {
      const program = join(PACKAGE_ROOT, "dist", "cli", "tollgate.js");
      const env = { ...process.env, ...place.env };
      return (await promisify(execFile)(process.execPath, [program, "keys", ...argv], { env })).stdout;
    };
    const create = async (...argv: string[]) =>
      JSON.parse(await tollgate("create", "--json", ...argv)) as Created;

    const openai = (running: RunningGateway, apiKey: string) =>
      new OpenAI({ apiKey, baseURL: `${running.url}/v1`, maxRetries: 0 });
    const chat = (running: RunningGateway, apiKey: string) =>
      openai(running, apiKey).chat.completions.create({
        model: "gpt-4o",
        messages: [{ role: "user", content: "hi" }],
      });
    const statusOf = async (running: RunningGateway, apiKey: string): Promise<number> => {
      const body = JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }] });
      const response = await fetch(`${running.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
        body,
      });
      await response.arrayBuffer();
      return response.status;
    };

    describe.each<[string, (running: RunningGateway, apiKey: string) => Promise<unknown>]>([
      ["OpenAI", (running, apiKey) => chat(running, apiKey)],
      [
        "Anthropic",
        (running, apiKey) =>
          new Anthropic({ apiKey, baseURL: running.url, maxRetries: 0 }).messages.create({
            model: "gpt-4o",
            max_tokens: 10,
            messages: [{ role: "user", content: "hi" }],
          }),
      ],
      [
        "Google",
        (running, apiKey) =>
          new GoogleGenAI({ apiKey, httpOptions: { baseUrl: running.url } }).models.generateContent({
            model: "gpt-4o",
            contents: "hi",
          }),
      ],
      [
        "Azure",
        (running, apiKey) =>
          new AzureOpenAI({
            apiKey,
            endpoint: running.url,
            apiVersion: "2024-10-21",
            maxRetries: 0,
          }).chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }] }),
      ],
    ])("%s's SDK", (sdk, ask) => {
      test("is who its key says, and the provider never sees it", async () => {
        const app = `app-of-${sdk}`;
        const made = await create(
          "--app",
          app,
          "--tenant",
          "acme",
          "--user",
          "ada@acme.test",
          "--plan",
          "gold",
        );
        await ask(one, made.key);
        const line = await one.tollgate.log.find((entry) => entry["key_id"] === made.id);
        expect(line).toMatchObject({
          msg: "exchange",
          outcome: "finished",
          tenant: "acme",
          app,
          department: "nobody's",
          plan: "gold",
          // printf %s ada@acme.test | sha256sum | cut -c1-12
          user_hash: "3ba15ffe92f6",
        });
        const entry = await one.envoy.access.find(
          ({ tollgate: fields }) => (fields as JsonObject | null)?.["key_id"] === made.id,
        );
        expect(entry["tollgate"]).toMatchObject({ app, tenant: "acme", user_hash: "3ba15ffe92f6" });
        const sent = one.upstream("openai").requests.at(-1);
        expect(sent?.headers["authorization"]).toBe(`Bearer ${keyOfProvider}`);
        expect(JSON.stringify([sent?.path, sent?.headers, sent?.body.toString()])).not.toContain("tg-");
        expect(everyLine(one).filter((text) => text.includes(made.key))).toEqual([]);
        expect(everyLine(one).filter((text) => text.includes("ada@acme.test"))).toEqual([]);
      });

      test("raises its own error for a key that there is not", async () => {
        const error: unknown = await ask(one, `tg-${"x".repeat(43)}`).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({ status: 401 });
        const kinds = [OpenAI.AuthenticationError, Anthropic.AuthenticationError, ApiError];
        expect(kinds.some((kind) => error instanceof kind)).toBe(true);
        expect(String(error)).toContain("this API key is not valid");
      });
    });

    test("a revoked key stops within a second at both, in the middle of its use", async () => {
      const { id, key } = await create("--app", "short-lived");
      expect([await statusOf(one, key), await statusOf(other, key)]).toEqual([200, 200]);
      /** Uses the key until it is refused; when did the last call begin that was served? */
      const use = async (running: RunningGateway): Promise<number> => {
        for (let lastServedMs = 0; ; await sleep(10)) {
          const beganMs = performance.now();
          if ((await statusOf(running, key)) !== 200) return lastServedMs;
          lastServedMs = beganMs;
        }
      };
      const uses = Promise.all([use(one), use(other)]);
      await sleep(300);
      await tollgate("revoke", id);
      const revokedMs = performance.now();
      for (const lastServedMs of await uses) expect(lastServedMs - revokedMs).toBeLessThan(1_000);
      await expect(chat(one, key)).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
      const line = await other.tollgate.log.find(
        (entry) => entry["key_id"] === id && entry["reason"] === "key_revoked",
      );
      expect(line).toMatchObject({ outcome: "refused", status: 401 });
    });

    test("a rotated key has two secrets for a while, then one", async () => {
      const { id, key } = await create("--app", "rotating");
      const renewed = JSON.parse(await tollgate("rotate", id, "--grace", "2s", "--json")) as Created;
      expect(renewed.id).toBe(id);
      expect([await statusOf(one, key), await statusOf(other, renewed.key)]).toEqual([200, 200]);
      await sleep(2_100);
      expect([await statusOf(one, key), await statusOf(other, renewed.key)]).toEqual([401, 200]);
    });

    test("a key that ends is good until then", async () => {
      const { key } = await create("--expires", "2s");
      expect(await statusOf(one, key)).toBe(200);
      await sleep(2_100);
      expect(await statusOf(one, key)).toBe(401);
    });

    test("nobody without a key gets in, and no list of models out", async () => {
      expect(await statusOf(one, "sk-somebody-elses")).toBe(401);
      const models = await fetch(`${one.url}/v1/models`);
      expect([models.status, models.headers.get("x-tollgate-reason")]).toEqual([401, "unknown_caller"]);
      expect((await fetch(`${one.url}/v1/files`)).status).toBe(401);
    });
  });
});

describe.runIf(why === "")("while Postgres is gone", () => {
  test("known keys go on, others are told to come back, and all is well again after", async () => {
    const server = await startPostgres();
    const running = await start({ DATABASE_URL: server.url });
    try {
      const program = join(PACKAGE_ROOT, "dist", "cli", "tollgate.js");
      const env = { ...process.env, DATABASE_URL: server.url };
      const create = async () => {
        const { stdout } = await promisify(execFile)(process.execPath, [program, "keys", "create"], { env });
        return stdout.trim();
      };
      const [known, unknown] = [await create(), await create()];
      const ask = (key: string) =>
        fetch(`${running.url}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
          body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }] }),
        });
      expect((await ask(known)).status).toBe(200);
      await server.halt();
      await sleep(1_100);
      expect((await ask(known)).status).toBe(200);
      const refused = await ask(unknown);
      expect([
        refused.status,
        refused.headers.get("x-tollgate-reason"),
        refused.headers.get("retry-after"),
      ]).toEqual([503, "keys_unavailable", "1"]);
      await running.tollgate.log.find(({ msg, where }) => msg === "defect" && where === "virtual keys");
      await server.resume();
      await sleep(1_100);
      expect([(await ask(known)).status, (await ask(unknown)).status]).toEqual([200, 200]);
    } finally {
      await running.stop();
      await server.stop();
    }
  });
});
