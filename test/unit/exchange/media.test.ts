/** Files by URL on their way to targets that take only bytes, from a real server of files. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Services } from "../../../src/exchange/services.ts";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { FetcherOptions } from "../../../src/media/fetcher.ts";
import { translate } from "../../../src/translation/translate.ts";
import { seal } from "../../sealing.ts";
import { fetcher } from "../media/fetching.ts";
import { type FileServer, file, pdf, png, startFileServer } from "../media/file-server.ts";
import { bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

let server: FileServer;
const large = Buffer.concat([png, Buffer.alloc(400_000)]);

beforeAll(async () => {
  server = await startFileServer({
    "/cat.png": file("image/png", png),
    "/paper.pdf": file("application/pdf", pdf),
    "/large.png": file("image/png", large),
    "/silent": () => undefined,
  });
});

afterAll(() => server.stop());

let asked = 0;
afterEach(() => {
  asked = server.requests.length;
});
const fetchedNow = () => server.requests.slice(asked).map(({ url }) => url);

const openai = { cluster: "openai" };
const claude = { cluster: "claude", model: "claude-sonnet-4-5" };
const bedrock = { cluster: "bedrock", model: "anthropic.claude-sonnet-4-5-20250929-v1:0" };
const nova = { cluster: "bedrock", model: "us.amazon.nova-pro-v1:0" };
const ollama = { cluster: "ollama", model: "llava" };

const policy = (targets: readonly JsonObject[], fetch: JsonObject | undefined = {}): JsonObject => ({
  targets: {
    openai: { provider: "openai" },
    claude: { provider: "anthropic" },
    bedrock: { provider: "bedrock" },
    ollama: { provider: "ollama" },
  },
  models: { "gpt-4o": { targets: [...targets] } },
  media: { fetch: { hosts: [`localhost:${server.port}`], ...fetch } },
});
const closed = (targets: readonly JsonObject[]): JsonObject =>
  Object.fromEntries(Object.entries(policy(targets)).filter(([key]) => key !== "media"));

const image = (path: string) => ({ type: "image_url", image_url: { url: server.url(path) } });
const ask = (...parts: readonly JsonObject[]): JsonObject => ({
  model: "gpt-4o",
  messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }, ...parts] }],
});

function stage(options: FetcherOptions = {}, overrides: Partial<Services> = {}) {
  const { media, outcomes } = fetcher({ ca: server.ca }, options);
  return { ...workplace({ media, ...overrides }), media, outcomes };
}

async function sent(services: Services, of: JsonObject, body: JsonObject) {
  const stream = new Stream(services, exchangeMetadata(of));
  const path = { ":method": "POST", ":path": "/v1/chat/completions" };
  await stream.say("request_headers", { headers: headers(path) });
  await stream.say("request_body", { body: bytes(body), endOfStream: true });
  return { stream, verdict: stream.answers.at(-1) as ContinueResponse };
}

function refusalOf(answer: unknown): { status: number; error: JsonObject; reason: string | undefined } {
  const refused = answer as ImmediateResponse;
  expect(refused.kind).toBe("immediate");
  const { error } = JSON.parse(text(refused.body)) as { error: JsonObject };
  const reason = refused.headers?.set?.find(([name]) => name === "x-tollgate-reason")?.[1];
  return { status: refused.status, error, reason };
}

function clusters(verdict: ContinueResponse): unknown[] {
  const groups = verdict.dynamicMetadata?.["tollgate.targets"]?.["priority_groups"] as JsonObject[];
  return [...new Set(groups.map(({ clusters: list }) => (list as JsonObject[])[0]?.["cluster_name"]))];
}

const base64 = (data: Uint8Array) => Buffer.from(data).toString("base64");

describe("a file that the target takes as bytes only", () => {
  it("is fetched, and Envoy asked to wait", async () => {
    const { services, outcomes, media } = stage();
    const { stream, verdict } = await sent(services, policy([bedrock]), ask(image("/cat.png?sig=secret")));
    expect(JSON.parse(text(verdict.body))).toMatchObject({
      messages: [
        {
          content: [{ text: "What is it?" }, { image: { format: "png", source: { bytes: base64(png) } } }],
        },
      ],
    });
    expect(verdict.headers?.set).toContainEqual(["content-length", String(verdict.body?.length)]);
    expect(stream.patience).toEqual([15_000]);
    expect(outcomes).toEqual([{ outcome: "fetched", bytes: png.length }]);
    expect(media.heldBytes).toBe(png.length);
  });

  it("is fetched for a server of the client's own dialect", async () => {
    const { services } = stage();
    const { verdict } = await sent(services, policy([ollama]), ask(image("/cat.png")));
    expect(JSON.parse(text(verdict.body))).toMatchObject({
      model: "llava",
      messages: [{ content: [{}, { image_url: { url: `data:image/png;base64,${base64(png)}` } }] }],
    });
  });

  it("is written on another thread when it is large", async () => {
    let jobs = 0;
    const { services } = stage(
      {},
      {
        translator: {
          survey: () => Promise.reject(new Error("not needed")),
          translate: async (job) => {
            jobs++;
            return translate(job, () => "0".repeat(24), seal);
          },
        },
      },
    );
    const { verdict } = await sent(services, policy([bedrock]), ask(image("/large.png")));
    expect(text(verdict.body)).toContain(base64(large));
    expect(jobs).toBe(1);
  });

  it("is refused without the policy's leave, and the message says what would help", async () => {
    const { services } = stage();
    const { verdict } = await sent(services, closed([bedrock]), ask(image("/cat.png")));
    const { status, error, reason } = refusalOf(verdict);
    expect([status, reason, error["param"]]).toEqual([
      400,
      "file_url_not_supported",
      "messages[0].content[1]",
    ]);
    expect(error["message"]).toMatch(/media\.fetch/);
    expect(fetchedNow()).toEqual([]);
  });

  it.each<[string, () => JsonObject, JsonObject, RegExp]>([
    ["is not there", () => image("/nothing?token=secret"), {}, /its server answers 404$/],
    [
      "is not of an allowed host",
      () => image("/cat.png"),
      { hosts: ["*.example.com"] },
      /does not allow its host$/,
    ],
    ["is too large", () => image("/cat.png"), { max_bytes: 10 }, /more bytes than/],
    ["takes too long", () => image("/silent"), { timeout: "100ms" }, /it takes too long$/],
    ["is no image", () => image("/paper.pdf"), {}, /there is no image at this URL, but application\/pdf$/],
    [
      "is not fetched by https",
      () => ({ type: "image_url", image_url: { url: "http://e.x/a.png" } }),
      {},
      /https/,
    ],
  ])("that %s is the client's error", async (_, part, fetch, message) => {
    const { services, notices, media } = stage();
    const { verdict } = await sent(services, policy([bedrock], fetch), ask(part()));
    const { status, error, reason } = refusalOf(verdict);
    expect([status, reason, error["code"], error["param"]]).toEqual([
      400,
      "media_fetch_failed",
      "media_fetch_failed",
      "messages[0].content[1]",
    ]);
    expect(error["message"]).toMatch(message);
    expect(JSON.stringify(error)).not.toMatch(/secret|localhost|e\.x/);
    expect(notices).toEqual([]);
    expect(media.heldBytes).toBe(0);
  });

  it("must fit into the largest body together with the rest", async () => {
    const { services } = stage({}, { maxBodyBytes: 64 * 1024 + 1_000 });
    const body = ask(image("/cat.png"), { type: "text", text: "x".repeat(900) });
    const { verdict } = await sent(services, policy([bedrock]), body);
    expect(refusalOf(verdict).error["message"]).toMatch(/more bytes than/);
  });

  it("is refused for now when the gateway holds too many", async () => {
    const { services, notices } = stage({ maxHeldBytes: 10 });
    const { verdict } = await sent(services, policy([bedrock]), ask(image("/cat.png")));
    expect(refusalOf(verdict)).toMatchObject({ status: 503, reason: "media_unavailable" });
    expect(notices).toEqual([]);
  });
});

describe("the order of targets", () => {
  it("does not depend on who needs the bytes", async () => {
    const { services } = stage();
    const first = await sent(services, policy([bedrock, openai]), ask(image("/cat.png")));
    expect(clusters(first.verdict)).toEqual(["bedrock", "openai"]);
    expect(fetchedNow()).toEqual(["/cat.png"]);
  });

  it("fetches nothing for a target that takes URLs", async () => {
    const { services } = stage();
    const { verdict, stream } = await sent(services, policy([openai, bedrock]), ask(image("/cat.png")));
    expect(clusters(verdict)).toEqual(["openai", "bedrock"]);
    expect(verdict.body).toBeUndefined();
    expect(fetchedNow()).toEqual([]);
    expect(stream.patience).toEqual([]);
  });

  it("leaves out who cannot have them", async () => {
    const { services } = stage();
    const { verdict } = await sent(services, policy([bedrock, ollama, claude]), ask(image("/nothing")));
    expect(clusters(verdict)).toEqual(["claude"]);
    expect(text(verdict.body)).toContain(server.url("/nothing"));
    // Two targets wanted it.
    expect(fetchedNow()).toEqual(["/nothing"]);
  });
});

describe("a retry", () => {
  const attempt = async (services: Services, id: string, number: number) => {
    const stream = new Stream(services, { "x-tollgate-role": "attempt", "x-tollgate-exchange": id });
    await stream.say("request_headers", { headers: headers({ "x-envoy-attempt-count": String(number) }) });
    await stream.say("request_body", { endOfStream: true });
    return stream;
  };

  it("fetches what the first target could do without, once for all that follow", async () => {
    const { services, media } = stage();
    const of = policy([openai, bedrock, nova]);
    const { stream, verdict } = await sent(services, of, ask(image("/cat.png"), image("/cat.png")));
    expect(fetchedNow()).toEqual([]);
    const id = String(verdict.dynamicMetadata?.["tollgate"]?.["exchange"]);
    for (const number of [2, 3]) {
      const retry = await attempt(services, id, number);
      const { body } = retry.answers.at(-1) as ContinueResponse;
      expect(text(body).split(base64(png))).toHaveLength(3);
      expect(retry.patience).toEqual(number === 2 ? [15_000] : []);
    }
    expect(fetchedNow()).toEqual(["/cat.png"]);
    expect(media.heldBytes).toBe(png.length);
    expect(stream.patience).toEqual([]);
    await stream.say("response_headers", { headers: headers({ ":status": "200" }) });
    expect(media.heldBytes).toBe(0);
  });

  it("that cannot have a file goes out to nobody", async () => {
    const { services } = stage();
    const { stream, verdict } = await sent(services, policy([openai, bedrock]), ask(image("/nothing")));
    const id = String(verdict.dynamicMetadata?.["tollgate"]?.["exchange"]);
    const retry = await attempt(services, id, 2);
    expect(retry.answers.at(-1)).toMatchObject({ kind: "immediate", status: 503 });
    expect(stream.failure).toBeUndefined();
  });
});

describe("when the client hangs up", () => {
  it("before its request has been admitted, nothing is fetched any more", async () => {
    let admit = () => {};
    const request = () =>
      new Promise<undefined>((resolve) => {
        admit = () => resolve(undefined);
      });
    const { services, media, notices } = stage({}, { rules: [{ name: "slow", open: () => ({ request }) }] });
    const stream = new Stream(services, exchangeMetadata(policy([bedrock])));
    const path = { ":method": "POST", ":path": "/v1/chat/completions" };
    await stream.say("request_headers", { headers: headers(path) });
    const body = bytes(ask(image("/cat.png")));
    const pending = stream.say("request_body", { body, endOfStream: true });
    stream.close();
    admit();
    await pending;
    expect(fetchedNow()).toEqual([]);
    expect(media.heldBytes).toBe(0);
    expect(notices).toEqual([]);
  });

  it("fetching ends, and nobody takes it for a defect", async () => {
    const { services, media, outcomes, notices, records } = stage();
    const stream = new Stream(services, exchangeMetadata(policy([bedrock])));
    const path = { ":method": "POST", ":path": "/v1/chat/completions" };
    await stream.say("request_headers", { headers: headers(path) });
    const body = bytes(ask(image("/cat.png"), image("/silent")));
    const pending = stream.say("request_body", { body, endOfStream: true });
    await expect.poll(() => outcomes.length).toBe(1);
    expect(media.heldBytes).toBe(png.length);
    stream.close();
    await pending;
    expect(media.heldBytes).toBe(0);
    expect(outcomes.at(-1)?.outcome).toBe("cancelled");
    expect(records.map(({ outcome }) => outcome)).toEqual(["cancelled"]);
    expect(notices).toEqual([]);
    await expect.poll(() => server.connections.open).toBe(0);
  });
});
