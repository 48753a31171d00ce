/** Calls that Replicate answers, as Envoy sees them. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ContinueResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { answerWhole, bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

const policy: JsonObject = {
  targets: { replicate: { provider: "replicate" } },
  models: {
    llama: { targets: [{ cluster: "replicate", model: "meta/meta-llama-3-8b-instruct" }] },
    hasty: {
      targets: [{ cluster: "replicate", model: "meta/meta-llama-3-8b-instruct" }],
      per_try_timeout: "8s",
    },
    "*": { targets: [{ cluster: "replicate" }] },
  },
};
const haiku = JSON.parse(
  readFileSync(new URL("../../fixtures/replicate/haiku.json", import.meta.url), "utf8"),
) as JsonObject;
const said = "\n\nFuzzy, gentle beasts\nSoftly grazing, quiet eyes\nLlama's gentle charm";

/** A call, with what Replicate would be sent. */
async function called(body: JsonObject, path = "/v1/chat/completions") {
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(policy));
  await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
  const asked = { model: "llama", messages: [{ role: "user", content: "A haiku, please" }], ...body };
  const [verdict] = await stream.say("request_body", { body: bytes(asked), endOfStream: true });
  return { place, stream, sent: verdict as ContinueResponse };
}

describe("what Replicate is sent", () => {
  it("is a prediction to wait for, whether a stream was asked for or not", async () => {
    for (const stream of [true, false]) {
      const { sent } = await called({ stream });
      const set = new Map(sent.headers?.set);
      expect(set.get("x-tollgate-path")).toBe("/v1/models/meta/meta-llama-3-8b-instruct/predictions");
      expect(set.get("prefer")).toBe("wait=60");
      expect(set.get("cancel-after")).toBe("60s");
      expect(JSON.parse(text(sent.body))).toEqual({ input: { prompt: "A haiku, please" } });
    }
  });

  it("is waited for as long as a try may take", async () => {
    const { sent } = await called({ model: "hasty" });
    expect(new Map(sent.headers?.set).get("prefer")).toBe("wait=8");
    expect(new Map(sent.headers?.set).get("cancel-after")).toBe("8s");
  });

  it("is nothing when the model is none of its own", async () => {
    const { sent } = await called({ model: "gpt-4o" });
    expect(sent).toMatchObject({ kind: "immediate", status: 400 });
  });
});

describe("what the client gets", () => {
  it("is an answer in its dialect, with tokens estimated where Replicate does not tell them", async () => {
    const { stream, place } = await called({});
    const client = await answerWhole(stream, 201, haiku);
    expect(client.set.get(":status")).toBe("200");
    expect(client.set.get("x-tollgate-attempts")).toBe("replicate;201");
    expect(JSON.parse(client.body)).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { content: said }, finish_reason: "stop" }],
    });
    expect(place.records).toMatchObject([
      { outcome: "finished", status: 200, modelServed: "meta/meta-llama-3-8b-instruct" },
    ]);
    expect(place.records[0]?.usage).toMatchObject({ input: 9, output: 18, estimated: true });
  });

  it("is a stream when it asked for one", async () => {
    const { stream, place } = await called({ stream: true, max_tokens: 50 }, "/v1/messages");
    const metrics = { input_token_count: 11, output_token_count: 17 };
    const client = await answerWhole(stream, 201, { ...haiku, status: "succeeded", metrics });
    expect(client.set.get(":status")).toBe("200");
    expect(client.set.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const delta = /"text_delta","text":("(?:[^"\\]|\\.)*")/.exec(client.body)?.[1] ?? '""';
    expect(JSON.parse(delta)).toBe(said);
    expect(client.body).toContain("event: message_stop");
    expect(place.records[0]).toMatchObject({
      stream: true,
      usage: { input: 11, output: 17, estimated: false },
    });
  });

  it.each([
    ["that failed", 201, { ...haiku, status: "failed", output: null, error: "it broke" }, 502, "it broke"],
    ["that is not ready", 202, haiku, 504, "not ready in time"],
  ])("of a prediction %s is an error, streamed or not", async (_, status, body, shown, words) => {
    for (const how of [true, false]) {
      const { stream, place } = await called({ stream: how });
      const client = await answerWhole(stream, status, body);
      expect(client.set.get(":status")).toBe(String(shown));
      expect(client.set.get("content-type")).toBe("application/json");
      expect((JSON.parse(client.body) as { error: { message: string } }).error.message).toContain(words);
      expect(place.records).toMatchObject([{ status: shown, reason: "answer_error", costNanoUsd: 0 }]);
    }
  });
});
