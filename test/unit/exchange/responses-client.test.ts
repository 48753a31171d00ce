/** Clients of the Responses API: what its answers repeat, what only its keeper can continue, what is not ours. */
import { describe, expect, it } from "vitest";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { claudeAnswer } from "./provider-answers.ts";
import { answerWhole, bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

const policy: JsonObject = {
  targets: {
    claude: { provider: "anthropic" },
    responses: { provider: "openai-responses" },
    mirror: { provider: "openai-responses", base_path: "/mirror/v2" },
  },
  models: {
    claude: { targets: [{ cluster: "claude", model: "claude-sonnet-4-5" }] },
    gpt: { targets: [{ cluster: "responses", model: "gpt-5.1" }] },
    mirrored: { targets: [{ cluster: "mirror" }] },
    either: { targets: [{ cluster: "claude" }, { cluster: "responses" }] },
  },
};
const asked: JsonObject = {
  instructions: "be brief",
  metadata: { ticket: "17" },
  temperature: 0.5,
  tools: [{ type: "function", name: "f", parameters: { type: "object" }, strict: false }],
};
const claudeStream = [
  { type: "message_start", message: { id: "msg_1", model: "c", usage: { input_tokens: 20 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hello" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } },
  { type: "message_stop" },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join("");

async function call(body: JsonObject, path = "/v1/responses") {
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(policy));
  await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
  const [verdict] = await stream.say("request_body", {
    body: bytes({ input: "hi", ...body }),
    endOfStream: true,
  });
  return { place, stream, verdict };
}

function sent(verdict: unknown) {
  const { body, headers: mutation } = verdict as ContinueResponse;
  return {
    path: new Map(mutation?.set ?? []).get("x-tollgate-path"),
    // None when Envoy has it already.
    body: body === undefined ? undefined : (JSON.parse(text(body)) as JsonObject),
  };
}

describe("an answer of another dialect", () => {
  it("repeats what was asked", async () => {
    const { stream } = await call({ model: "claude", ...asked });
    const { body } = await answerWhole(stream, 200, claudeAnswer("hello"));
    expect(JSON.parse(body)).toMatchObject({
      ...asked,
      model: "claude",
      object: "response",
      status: "completed",
    });
  });

  it("repeats it when it is too large for the event loop, too", async () => {
    const { stream } = await call({ model: "claude", ...asked });
    const { body } = await answerWhole(stream, 200, claudeAnswer("hello ".repeat(60_000)));
    expect(JSON.parse(body)).toMatchObject(asked);
  });

  it("repeats it in a stream", async () => {
    const { stream } = await call({ model: "claude", stream: true, ...asked });
    const { body } = await answerWhole(stream, 200, claudeStream, "text/event-stream");
    const responses = [...body.matchAll(/^data: (.*)$/gm)]
      .map(([, data]) => JSON.parse(data ?? "") as JsonObject)
      .filter((event) => event["response"] !== undefined);
    expect(responses.map(({ type }) => type)).toEqual([
      "response.created",
      "response.in_progress",
      "response.completed",
    ]);
    for (const { response } of responses) expect(response).toMatchObject(asked);
  });
});

describe("what a provider keeps", () => {
  const kept = { previous_response_id: "resp_1" };

  it("is refused for targets of other dialects, by the field's name", async () => {
    const { verdict } = await call({ model: "claude", ...kept });
    const refusal = verdict as ImmediateResponse;
    expect(refusal).toMatchObject({ kind: "immediate", status: 400 });
    expect(JSON.parse(text(refusal.body))).toMatchObject({
      error: {
        type: "invalid_request_error",
        param: "previous_response_id",
        code: "previous_response_not_found",
        message: expect.stringContaining("previous_response_id"),
      },
    });
  });

  it("is refused for a target of another dialect as an item, with advice", async () => {
    const input = [
      { role: "user", content: "x" },
      { type: "item_reference", id: "msg_1" },
    ];
    const { verdict } = await call({ model: "claude", input });
    const { error } = JSON.parse(text((verdict as ImmediateResponse).body)) as { error: JsonObject };
    expect(error).toMatchObject({ param: "input[1]", code: "item_not_found" });
    expect(error["message"]).toContain("store: false");
  });

  it("passes to its own", async () => {
    const { verdict } = await call({ model: "gpt", ...kept });
    expect(sent(verdict)).toEqual({
      path: "/v1/responses",
      body: { input: "hi", model: "gpt-5.1", ...kept },
    });
  });

  it("goes to the one of several that can continue it", async () => {
    const { verdict } = await call({ model: "either", ...kept });
    expect(sent(verdict).path).toBe("/v1/responses");
  });

  it.each([
    ["GET", "/v1/responses/resp_1"],
    ["DELETE", "/v1/responses/resp_1"],
    ["GET", "/v1/responses/resp_1/input_items?limit=3"],
    ["POST", "/v1/responses/resp_1/cancel"],
  ])("is asked for by %s %s, which passes", async (method, path) => {
    const stream = new Stream(workplace().services, exchangeMetadata(policy));
    const [verdict] = await stream.say("request_headers", {
      headers: headers({ ":method": method, ":path": path }),
      endOfStream: true,
    });
    expect(verdict).toMatchObject({ kind: "request_headers", modeOverride: { requestBody: "NONE" } });
    expect(stream.ended).toBe(true);
  });
});

describe("an answer of its own dialect", () => {
  const event = (type: string, more: JsonObject) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
  const created = event("response.created", { response: { id: "resp_1", model: "gpt-5.1" } });

  it("comes from a server that copies OpenAI's, at its own path", async () => {
    const { verdict } = await call({ model: "mirrored" });
    expect(sent(verdict).path).toBe("/mirror/v2/responses");
  });

  it("passes byte for byte, and is metered by its last event", async () => {
    const { place, stream } = await call({ model: "gpt", stream: true });
    const usage = { input_tokens: 11, output_tokens: 3, total_tokens: 14 };
    const streamed =
      created +
      event("response.output_text.delta", { delta: "a" }) +
      event("response.completed", { response: { usage } });
    const { body } = await answerWhole(stream, 200, streamed, "text/event-stream");
    expect(body).toBe(streamed);
    expect(place.records).toMatchObject([
      { outcome: "finished", usage: { input: 11, output: 3, estimated: false }, modelServed: "gpt-5.1" },
    ]);
  });

  it("that fails before it begins still has a status", async () => {
    const { stream } = await call({ model: "gpt", stream: true });
    const failed = event("error", { error: { code: "rate_limit_exceeded", message: "slow down" } });
    const { set, body } = await answerWhole(stream, 200, created + failed, "text/event-stream");
    expect(set.get(":status")).toBe("429");
    expect(JSON.parse(body)).toMatchObject({ error: { message: "slow down", code: "rate_limit_exceeded" } });
  });

  it("is an answer to clients of other dialects as well", async () => {
    const messages = [{ role: "user", content: "hi" }];
    const { stream, verdict } = await call({ model: "gpt", messages, input: null }, "/v1/chat/completions");
    expect(sent(verdict)).toMatchObject({
      path: "/v1/responses",
      body: { model: "gpt-5.1", input: [{ role: "user", content: "hi" }], store: false },
    });
    const output = [{ type: "message", content: [{ type: "output_text", text: "hello" }] }];
    const whole = {
      id: "resp_1",
      model: "gpt-5.1",
      status: "completed",
      output,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    const { body } = await answerWhole(stream, 200, whole);
    expect(JSON.parse(body)).toMatchObject({
      choices: [{ message: { content: "hello" }, finish_reason: "stop" }],
    });
  });
});
