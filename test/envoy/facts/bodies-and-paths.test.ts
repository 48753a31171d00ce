import { afterAll, beforeAll, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { bytes } from "../harness/upstream-answers.ts";
import { completion, failing, message } from "./answers.ts";
import { chat, chatBody, exchangeOf, hostPolicy, messages, routePolicy } from "./calls.ts";

// Every attempt starts from the client's request; the path is the target's, the route stays the client's (facts 3, 4, 8).

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }, { name: "vendor" }, { name: "elsewhere" }],
    policy: {
      targets: {
        ...(hostPolicy["targets"] as JsonObject),
        vendor: { provider: "openai-compatible", base_path: "/openai/v1" },
      },
    },
    routes: [
      {
        kind: "gated",
        name: "mounted",
        prefix: "/llm/v1/",
        retry: { backOff: { baseInterval: "0.001s", maxInterval: "0.002s" } },
        policy: {
          models: {
            ...(routePolicy["models"] as JsonObject),
            "three*": {
              targets: [
                { cluster: "openai", model: "gpt-4o" },
                { cluster: "claude", model: "claude-sonnet-4-5" },
                { cluster: "vendor", model: "llama" },
              ],
            },
          },
        },
      },
      // What the rewritten paths would match, were the route chosen by them.
      { kind: "plain", name: "trap", prefix: "/v1/", cluster: "elsewhere" },
      { kind: "plain", name: "trap2", prefix: "/openai/", cluster: "elsewhere" },
    ],
  });
});

afterAll(() => running?.stop());

const prefix = "/llm/v1/";
const last = (name: string) => running.upstream(name).requests.at(-1);

test("each attempt has its target's path, host, model and format, all from the client's own words", async () => {
  const image = { type: "image_url", image_url: { url: "https://example.com/ä.png" } };
  const prompt = { role: "user", content: [{ type: "text", text: "ünïcode ✓" }, image] };
  const fields = { messages: [{ role: "system", content: "be brief" }, prompt], max_tokens: 9 };
  running.upstream("openai").respondWith([failing(503)]);
  running.upstream("claude").respondWith([failing(529)]);
  running.upstream("vendor").respondWith([completion("hi")]);
  const response = await chat(running, "three-formats", { prefix, fields });
  expect(response.headers.get("x-tollgate-attempts")).toBe("openai;503, claude;529, vendor;200");

  const [openai, claude, vendor] = ["openai", "claude", "vendor"].map(last);
  expect([openai?.path, openai?.headers.host]).toEqual(["/v1/chat/completions", "openai.test"]);
  expect([claude?.path, claude?.headers.host]).toEqual(["/v1/messages", "claude.test"]);
  expect([vendor?.path, vendor?.headers.host]).toEqual(["/openai/v1/chat/completions", "vendor.test"]);

  const asked = chatBody("three-formats", { fields });
  expect(openai?.json()).toEqual({ ...asked, model: "gpt-4o" });
  expect(vendor?.json()).toEqual({ ...asked, model: "llama" });
  expect(claude?.json()).toMatchObject({
    model: "claude-sonnet-4-5",
    max_tokens: 9,
    system: "be brief",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "ünïcode ✓" },
          { type: "image", source: { type: "url", url: "https://example.com/ä.png" } },
        ],
      },
    ],
  });
  for (const request of [openai, claude, vendor]) {
    expect(request?.headers["content-length"]).toBe(String(request?.body.length));
    expect(request?.headers["content-type"]).toBe("application/json");
  }
  expect(running.upstream("elsewhere").requests).toEqual([]);
  expect(await exchangeOf(running, "three-formats")).toMatchObject({ route: "mounted" });
});

test("an Anthropic client's call fails over to OpenAI and back", async () => {
  running.upstream("claude").respondWith([failing(500), message("back")]);
  running.upstream("openai").respondWith([failing(500)]);
  const response = await messages(running, "reverse-back", { prefix });
  expect(await response.json()).toMatchObject({ content: [{ type: "text", text: "back" }] });
  const [first, third] = running.upstream("claude").requests.slice(-2);
  expect(third?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
  expect(third?.path).toBe("/v1/messages");
  expect(last("openai")).toMatchObject({ path: "/v1/chat/completions" });
  expect(last("openai")?.json()).toMatchObject({ model: "gpt-4o" });
});

test("in the client's own dialect only the model is written anew, byte for byte", async () => {
  running.upstream("openai").respondWith([completion("hi")]);
  const odd =
    '{ "model" : "openai-odd","messages":[{"role":"user","content":"\\u00e9 1e2"}],"x":1.50, "n":1 }\n';
  await fetch(`${running.url}${prefix}chat/completions?api-version=7`, { method: "POST", body: odd });
  expect(last("openai")?.body.toString()).toBe(odd.replace('"openai-odd"', '"gpt-4o"'));
});

test("answers in the client's dialect come back byte for byte", async () => {
  const answer =
    '{ "id":"x", "odd" : 1.50,\n"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2} }';
  running.upstream("openai").respondWith([bytes(answer, 200, { "content-type": "application/json" })]);
  const response = await chat(running, "openai-bytes", { prefix });
  expect(await response.text()).toBe(answer);
});
