/** Files by URL through a real Envoy: the official SDKs in front, a server of files beside, targets that take bytes. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { type FileServer, file, pdf, png, startFileServer } from "../../unit/media/file-server.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json } from "../harness/upstream-answers.ts";
import { recordedJson } from "./recordings.ts";

const large = Buffer.concat([png, Buffer.alloc(3_000_000, "tollgate")]);
const claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
let folder: string;
let files: FileServer;
let running: RunningGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  files = await startFileServer({
    "/cat.png": file("image/png", png),
    "/large.png": file("image/png", large),
    "/paper.pdf": file("application/pdf", pdf),
    // Slower than Envoy waits for any verdict, faster than the policy allows.
    "/slow.png": (request, response) => {
      setTimeout(() => file("image/png", png)(request, response), 1_500);
    },
  });
  folder = await mkdtemp(join(tmpdir(), "tollgate-media-"));
  const ca = join(folder, "ca.pem");
  await writeFile(ca, files.ca);
  const hosts = [`localhost:${files.port}`];
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "bedrock" }],
    policy: { targets: { openai: { provider: "openai" }, bedrock: { provider: "bedrock" } } },
    routePolicy: {
      models: {
        claude: { targets: [{ cluster: "bedrock", model: claude }], attempts: 1 },
        "openai-first": {
          targets: [
            { cluster: "openai", model: "gpt-4.1" },
            { cluster: "bedrock", model: claude },
          ],
        },
      },
      media: { fetch: { hosts, timeout: "4s", allow_private: true } },
    },
    setup: { messageTimeout: "1s" },
    tollgate: { NODE_EXTRA_CA_CERTS: ca },
  });
  const shared = { apiKey: "key-of-the-client", maxRetries: 0, timeout: 20_000 };
  openai = new OpenAI({ ...shared, baseURL: `${running.url}/v1` });
  anthropic = new Anthropic({ ...shared, baseURL: running.url });
});

afterAll(async () => {
  await running?.stop();
  await files?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

const answer = () => json(recordedJson("bedrock-converse/thinking-tool-results.json"));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

function askedOfBedrock(): JsonObject[] {
  const body = running.upstream("bedrock").requests.at(-1)?.json() as {
    messages: { content: JsonObject[] }[];
  };
  return body.messages[0]?.content ?? [];
}

function ask(model: string, url: string) {
  const content = [
    { type: "text" as const, text: "What is it?" },
    { type: "image_url" as const, image_url: { url } },
  ];
  return openai.chat.completions.create({ model, messages: [{ role: "user", content }] });
}

describe("an image by URL", () => {
  test.each([
    ["as its bytes", "/cat.png", png],
    ["as its bytes, when there are millions", "/large.png", large],
    ["as its bytes, when Envoy has to be asked to wait", "/slow.png", png],
  ])("of the OpenAI SDK reaches Bedrock %s", async (_, path, bytes) => {
    running.upstream("bedrock").respondWith([answer()]);
    const completion = await ask("claude", files.url(`${path}?sig=secret`));
    expect(completion.model).toBe("claude");
    expect(completion.choices[0]?.message.content).toBeTruthy();
    const [question, image] = askedOfBedrock();
    expect(question).toEqual({ text: "What is it?" });
    expect(image).toEqual({ image: { format: "png", source: { bytes: base64(bytes) } } });
  });

  test("is fetched for the target that the call fails over to", async () => {
    running.upstream("openai").respondWith([json({ error: { message: "busy" } }, 503)]);
    running.upstream("bedrock").respondWith([answer()]);
    const url = files.url("/slow.png?failover");
    const completion = await ask("openai-first", url);
    expect(completion.choices[0]?.message.content).toBeTruthy();
    const [first] = running.upstream("openai").requests.slice(-1);
    expect(JSON.stringify(first?.json())).toContain(url);
    expect(askedOfBedrock()[1]).toMatchObject({ image: { source: { bytes: base64(png) } } });
  });

  test.each([
    ["of a file that is not there", () => files.url("/nothing?token=secret"), /its server answers 404/],
    ["of another port", () => "https://localhost/cat.png", /policy does not allow its host/],
    ["of the cloud's metadata", () => "https://169.254.169.254/latest/", /policy does not allow its host/],
  ])("%s raises the SDK's typed error", async (_, url, message) => {
    const before = running.upstream("bedrock").requests.length;
    const call = ask("claude", url());
    await expect(call).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(call).rejects.toMatchObject({
      status: 400,
      code: "media_fetch_failed",
      param: "messages[0].content[1]",
      message: expect.stringMatching(message),
    });
    expect(running.upstream("bedrock").requests.length).toBe(before);
  });
});

test("a PDF by URL of the Anthropic SDK reaches Bedrock as its bytes", async () => {
  running.upstream("bedrock").respondWith([answer()]);
  const message = await anthropic.messages.create({
    model: "claude",
    max_tokens: 100,
    messages: [
      {
        role: "user",
        content: [
          { type: "document", title: "Paper", source: { type: "url", url: files.url("/paper.pdf") } },
          { type: "text", text: "Sum it up" },
        ],
      },
    ],
  });
  expect(message.stop_reason).toBe("end_turn");
  expect(askedOfBedrock()[0]).toEqual({
    document: { name: "Paper", format: "pdf", source: { bytes: base64(pdf) } },
  });
});

test("what was fetched is counted, and no URL is in the log", async () => {
  const metrics = await (await fetch(`http://${running.tollgate.admin}/metrics`)).text();
  expect(metrics).toMatch(/^tollgate_media_fetches_total\{outcome="fetched"\} [1-9]/m);
  expect(metrics).toMatch(/^tollgate_media_fetches_total\{outcome="status"\} 1$/m);
  expect(metrics).toMatch(/^tollgate_media_fetched_bytes_total\{outcome="fetched"\} \d{7,}$/m);
  // Lines are written a quarter of a second late.
  const exchanges = () => running.tollgate.logs().filter(({ msg }) => msg === "exchange");
  await expect.poll(() => exchanges().length).toBe(8);
  expect(exchanges().filter(({ reason }) => reason === "media_fetch_failed")).toHaveLength(3);
  const log = JSON.stringify(running.tollgate.logs());
  expect(log).not.toMatch(/secret|\.png|\.pdf/);
});
