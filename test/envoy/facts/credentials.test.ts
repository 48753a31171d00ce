import { afterAll, beforeAll, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import type { RecordedRequest } from "../harness/upstream.ts";
import { completion, failing } from "./answers.ts";
import { chat, messages } from "./calls.ts";

// No key but its own reaches a target, on whichever attempt (fact 7). Envoy does not undo what it injected.

let running: RunningGateway;

const keys = { openai: "key-of-openai", claude: "key-of-claude", vendor: "key-of-vendor" } as const;
const secret = (value: string) => ({ from: "value", value }) as const;

beforeAll(async () => {
  running = await gateway({
    clusters: [
      {
        name: "openai",
        credential: { header: "authorization", prefix: "Bearer ", secret: secret(keys.openai) },
      },
      { name: "claude", credential: { header: "x-api-key", secret: secret(keys.claude) } },
      { name: "vendor", credential: { header: "api-key", secret: secret(keys.vendor) } },
      { name: "local" },
    ],
    policy: {
      targets: {
        openai: { provider: "openai" },
        claude: { provider: "anthropic" },
        vendor: { provider: "openai-compatible" },
        local: { provider: "openai-compatible" },
      },
    },
    routePolicy: {
      models: {
        "tour*": {
          attempts: 6,
          targets: [
            { cluster: "openai" },
            { cluster: "claude", model: "claude-sonnet-4-5" },
            { cluster: "local" },
            { cluster: "vendor" },
            { cluster: "openai" },
            { cluster: "local" },
          ],
        },
        "local*": { targets: [{ cluster: "local" }] },
      },
    },
  });
});

afterAll(() => running?.stop());

/** What an application, or somebody at its side, may send along. */
const clients = {
  authorization: "Bearer secret-of-client",
  "proxy-authorization": "Basic secret-of-client",
  cookie: "session=secret-of-client",
  "x-api-key": "secret-of-client",
  "api-key": "secret-of-client",
  "x-goog-api-key": "secret-of-client",
  "x-amz-security-token": "secret-of-client",
  "x-amz-date": "secret-of-client",
  "openai-organization": "secret-of-client",
  "openai-project": "secret-of-client",
  "X-Auth-Token": "secret-of-client",
};

/** Everything in a request that looks like one of the secrets of this file. */
function secretsIn(request: RecordedRequest | undefined): string[] {
  const values = [...Object.values(request?.headers ?? {}), request?.path, request?.body.toString()];
  return values.flatMap((value) => `${value}`.match(/(key|secret)-of-\w+/g) ?? []).sort();
}

test.each([
  { dialect: "openai-chat", call: chat },
  { dialect: "anthropic", call: messages },
])(
  "through six attempts of an $dialect client each target sees its own key only",
  async ({ dialect, call }) => {
    const before = Object.fromEntries(
      ["openai", "claude", "vendor", "local"].map((name) => [name, running.upstream(name).requests.length]),
    );
    for (const name of ["openai", "claude", "vendor"]) running.upstream(name).respondWith(() => failing(503));
    running.upstream("local").respondWith([failing(503), completion("hi")]);
    const response = await call(running, `tour-${dialect}`, { headers: clients });
    expect(response.headers.get("x-tollgate-attempts")).toBe(
      "openai;503, claude;503, local;503, vendor;503, openai;503, local;200",
    );
    const since = (name: string) => running.upstream(name).requests.slice(before[name]).map(secretsIn);
    expect(since("openai")).toEqual([[keys.openai], [keys.openai]]);
    expect(since("claude")).toEqual([[keys.claude]]);
    expect(since("vendor")).toEqual([[keys.vendor]]);
    expect(since("local")).toEqual([[], []]);
  },
);

test("a first attempt at a target without a key carries none of the client's", async () => {
  running.upstream("local").respondWith([completion("hi")]);
  expect((await chat(running, "local-first", { headers: clients })).status).toBe(200);
  expect(secretsIn(running.upstream("local").requests.at(-1))).toEqual([]);
});

test("nothing of it is in the logs", async () => {
  await chat(running, "nothing-served", { headers: clients, prompt: "secret-of-prompt" });
  const written = JSON.stringify([running.tollgate.logs(), running.tollgate.log.other]);
  expect(written).not.toMatch(/(key|secret)-of-/);
  expect(JSON.stringify(running.envoy.accessLog())).not.toMatch(/(key|secret)-of-/);
});
