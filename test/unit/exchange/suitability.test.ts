import { describe, expect, it } from "vitest";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

const settings: JsonObject = {
  openai: { provider: "openai" },
  claude: { provider: "anthropic" },
  llama: { provider: "openai-compatible" },
  bedrock: { provider: "bedrock" },
};
const openai = { cluster: "openai" };
const claude = { cluster: "claude", model: "claude-sonnet-4-5" };
const blind = { cluster: "llama", model: "llama", accepts: ["text", "tools"] };
const bedrock = { cluster: "bedrock", model: "anthropic.claude-sonnet-4-5-20250929-v1:0" };

const policy = (targets: readonly JsonObject[], more: JsonObject = {}, top: JsonObject = {}): JsonObject => ({
  targets: settings,
  models: { "gpt-4o": { targets: [...targets], ...more } },
  ...top,
});

const ask = (...parts: readonly JsonObject[]): JsonObject => ({
  model: "gpt-4o",
  messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }, ...parts] }],
});
const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
const imageByUrl = { type: "image_url", image_url: { url: "https://example.com/cat.png" } };
const audio = { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } };

async function decided(asked: JsonObject, of: JsonObject) {
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(of));
  await stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": "/v1/chat/completions" }),
  });
  await stream.say("request_body", { body: bytes(asked), endOfStream: true });
  return { stream, verdict: stream.answers.at(-1) };
}

/** The clusters in the order in which Envoy is to try them. */
function order(verdict: unknown): string[] {
  const metadata = (verdict as ContinueResponse).dynamicMetadata?.["tollgate.targets"];
  const groups = metadata?.["priority_groups"] as unknown as ReadonlyArray<{
    readonly clusters: ReadonlyArray<{ readonly cluster_name: string }>;
  }>;
  return groups.flatMap(({ clusters }) => clusters.map((each) => each.cluster_name));
}

describe("the order of targets", () => {
  it.each<[string, JsonObject, readonly JsonObject[], readonly string[]]>([
    ["is the policy's when nothing is lost", ask(), [claude, openai], ["claude", "openai"]],
    ["puts a target that takes no audio behind", ask(audio), [claude, openai], ["openai", "claude"]],
    ["heeds what the policy says of a model", ask(image), [blind, openai], ["openai", "llama"]],
    [
      "keeps several that lose in their order",
      ask(audio),
      [bedrock, claude, openai],
      ["openai", "bedrock", "claude"],
    ],
    [
      "keeps several that lose nothing in theirs",
      ask(image),
      [blind, claude, openai],
      ["claude", "openai", "llama"],
    ],
    ["leaves out who refuses meanwhile", ask(imageByUrl), [blind, bedrock, openai], ["openai", "llama"]],
    ["stays when everybody loses", ask(audio), [claude, bedrock], ["claude", "bedrock"]],
    [
      "stays when a parameter is lost",
      { ...ask(), seed: 1, logit_bias: { "1": 1 } },
      [claude, openai],
      ["claude", "openai"],
    ],
  ])("%s", async (_, asked, targets, expected) => {
    const { verdict } = await decided(asked, policy(targets));
    // Twice around.
    expect(order(verdict)).toEqual([...expected, ...expected]);
  });

  it("reaches targets beyond the number of attempts", async () => {
    const { verdict } = await decided(ask(image), policy([blind, openai], { attempts: 1 }));
    expect(order(verdict)).toEqual(["openai"]);
  });

  it("overrules the draw of a split", async () => {
    const split = { strategy: "split" };
    const { verdict } = await decided(
      ask(audio),
      policy(
        [
          { ...claude, weight: 99 },
          { ...openai, weight: 1 },
        ],
        split,
      ),
    );
    expect(order(verdict)[0]).toBe("openai");
  });

  it("asks for tools at a target that takes some", async () => {
    const tools = [{ type: "function", function: { name: "look" } }];
    const deaf = { ...blind, accepts: ["text", "image"] };
    const { verdict } = await decided({ ...ask(image), tools }, policy([deaf, claude]));
    expect(order(verdict)[0]).toBe("claude");
  });

  it("is found for bodies that are written on other threads", async () => {
    const large = { ...image, image_url: { url: `data:image/png;base64,${"iVBO".repeat(150_000)}` } };
    const { stream } = await decided(ask(large, audio), policy([claude, blind, openai]));
    await expect.poll(() => stream.answers.length).toBe(2);
    expect(order(stream.answers.at(-1))).toEqual(["openai", "claude", "llama", "openai", "claude", "llama"]);
  });
});

describe("a single target", () => {
  it("is sent what its model takes, in the client's own dialect too", async () => {
    const { verdict } = await decided(ask(image), policy([blind]));
    const body = JSON.parse(text((verdict as ContinueResponse).body)) as JsonObject;
    expect(body).toEqual({ model: "llama", messages: [{ role: "user", content: "What is it?" }] });
  });

  it("is sent the client's own bytes when its model takes all of it", async () => {
    const asked = ask();
    const { verdict } = await decided(asked, policy([blind]));
    expect(text((verdict as ContinueResponse).body)).toBe(JSON.stringify({ ...asked, model: "llama" }));
  });

  it.each([
    ["under strict", ask(image), { strict: true }],
    ["when nothing else is in it", { ...ask(), messages: [{ role: "user", content: [image] }] }, {}],
  ])("refuses %s", async (_, asked, top) => {
    const { verdict } = await decided(asked, policy([blind], {}, top));
    const refused = verdict as ImmediateResponse;
    expect([refused.kind, refused.status]).toEqual(["immediate", 422]);
    expect(text(refused.body)).toContain("takes no image");
    expect(text(refused.body)).toContain("lossy_translation");
  });
});
