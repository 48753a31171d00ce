import { describe, expect, it } from "vitest";
import type { ContinueResponse, ProcessingResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { chatAnswer, claudeAnswer } from "./provider-answers.ts";
import { bytes, exchangeMetadata, headers, Stream, text, twoProviders, workplace } from "./script.ts";

const viaUpstream = { "response.code_details": "via_upstream" };

/** A call that has been sent to its first target; `say` the answer. */
async function called(model: string, more: JsonObject = {}, path = "/v1/chat/completions") {
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(twoProviders));
  await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
  const body = bytes({ model, messages: [{ role: "user", content: "hi" }], max_tokens: 50, ...more });
  await stream.say("request_body", { body, endOfStream: true });
  return { place, stream };
}

async function answer(
  stream: Stream,
  status: number,
  contentType: string,
  chunks: Array<string | JsonObject>,
) {
  const before = stream.answers.length;
  await stream.say("response_headers", {
    headers: headers({ ":status": String(status), "content-type": contentType, "retry-after": "7" }),
    attributes: viaUpstream,
  });
  for (const chunk of chunks) await stream.say("response_body", { body: bytes(chunk) });
  await stream.say("response_body", { endOfStream: true });
  return seen(stream.answers.slice(before));
}

/** What the client gets out of the verdicts. */
function seen(answers: readonly ProcessingResponse[]) {
  const parts = answers as ContinueResponse[];
  const set = new Map(
    parts.flatMap((part) => (part.kind === "response_headers" ? (part.headers?.set ?? []) : [])),
  );
  const body = parts.map((part) => text(part.streamedBody?.chunk)).join("");
  const ends = parts.filter((part) => part.streamedBody?.endOfStream).length;
  return { set, body, ends, last: parts.at(-1), kinds: parts.map((part) => part.kind) };
}

const hello = chatAnswer("hello");
const claudeHello = claudeAnswer("hello");
const sse = (...events: Array<JsonObject | string>) =>
  events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
const delta = (content: JsonObject, finish: string | null = null): JsonObject => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "gpt-4o",
  choices: [{ index: 0, delta: content, finish_reason: finish }],
});
const usageChunk: JsonObject = {
  ...delta({}),
  choices: [],
  usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
};
const claudeEvent = (type: string, more: JsonObject = {}) => `event: ${type}\n${sse({ type, ...more })}`;

describe("a whole answer", () => {
  it("in the client's dialect passes byte for byte, with its cost in the headers", async () => {
    const { place, stream } = await called("gpt-4o");
    const raw = JSON.stringify(hello, null, 2);
    const client = await answer(stream, 200, "application/json", [raw.slice(0, 40), raw.slice(40)]);
    expect(client.body).toBe(raw);
    expect(client.ends).toBe(1);
    expect(client.set.get("x-tollgate-target")).toBe("openai/gpt-4o");
    expect(client.set.get("x-tollgate-attempts")).toBe("openai;200");
    expect(client.set.get("x-tollgate-cost")).toBe("0.000000014");
    expect(client.last?.dynamicMetadata?.["tollgate"]).toMatchObject({
      input_tokens: 11,
      output_tokens: 3,
      cost_nano_usd: 14,
      target: "openai",
      model_served: "gpt-4o-2024-08-06",
    });
    expect(place.records).toMatchObject([{ outcome: "finished", status: 200, costNanoUsd: 14, attempts: 1 }]);
  });

  it("in another dialect is translated, and what it lost is named", async () => {
    const { place, stream } = await called("claude-sonnet-4-5", { logit_bias: { "1": 1 } });
    const client = await answer(stream, 200, "application/json", [claudeHello]);
    expect(JSON.parse(client.body)).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { content: "hello" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 20, completion_tokens: 4 },
    });
    expect(client.set.get("x-tollgate-lossy")).toContain("logit_bias");
    expect(place.records[0]?.losses.map((loss) => loss.path)).toContain("logit_bias");
  });

  it("that is no answer in its format becomes a 502 of ours", async () => {
    const { place, stream } = await called("claude-sonnet-4-5");
    const client = await answer(stream, 200, "text/html", ["<html>"]);
    expect(client.set.get(":status")).toBe("502");
    expect(JSON.parse(client.body)).toHaveProperty("error.message");
    expect(place.records).toMatchObject([{ outcome: "failed", status: 502 }]);
  });

  it("over the limit becomes a 502, without being kept", async () => {
    const { stream } = await called("claude-sonnet-4-5");
    const client = await answer(stream, 200, "application/json", Array(20).fill("x".repeat(100_000)));
    expect(client.set.get(":status")).toBe("502");
  });
});

describe("a provider's error", () => {
  const claudeError = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };

  it("passes untouched in the client's dialect", async () => {
    const { stream } = await called("claude-sonnet-4-5", {}, "/v1/messages");
    const client = await answer(stream, 529, "application/json", [claudeError]);
    expect(JSON.parse(client.body)).toEqual(claudeError);
    expect(client.set.get(":status")).toBe("529");
  });

  it("is worded in the client's dialect, retry-after kept", async () => {
    const { place, stream } = await called("claude-sonnet-4-5");
    const client = await answer(stream, 529, "application/json", [claudeError]);
    expect(JSON.parse(client.body)).toHaveProperty("error.message");
    expect(Number(client.set.get(":status"))).toBeGreaterThanOrEqual(500);
    expect(client.set.get("retry-after")).toBe("7");
    expect(place.records).toMatchObject([{ outcome: "finished", costNanoUsd: 0 }]);
  });
});

describe("a stream", () => {
  const whole = sse(
    delta({ role: "assistant", content: "" }),
    delta({ content: "hé" }),
    delta({}, "stop"),
    usageChunk,
    "[DONE]",
  );

  it("in the client's dialect passes, without the usage that the client did not ask for", async () => {
    const { place, stream } = await called("gpt-4o", { stream: true });
    const client = await answer(stream, 200, "text/event-stream", [whole]);
    expect(client.body).toBe(whole.replace(sse(usageChunk), ""));
    expect(place.records[0]).toMatchObject({
      usage: { input: 11, output: 3, estimated: false },
      outcome: "finished",
    });
  });

  it("shows the usage to a client that asked for it", async () => {
    const { stream } = await called("gpt-4o", { stream: true, stream_options: { include_usage: true } });
    expect((await answer(stream, 200, "text/event-stream", [whole])).body).toBe(whole);
  });

  it("sends nothing until the first event is whole, then every event as it comes", async () => {
    const { stream } = await called("gpt-4o", { stream: true });
    const first = sse(delta({ role: "assistant", content: "" }));
    await stream.say("response_headers", {
      headers: headers({ ":status": "200", "content-type": "text/event-stream" }),
      attributes: viaUpstream,
    });
    expect(await stream.say("response_body", { body: bytes(first.slice(0, 10)) })).toEqual([]);
    const answers = await stream.say("response_body", { body: bytes(first.slice(10)) });
    expect(seen(answers).kinds).toEqual(["response_headers", "response_body"]);
    expect(seen(answers).body).toBe(first);
  });

  it("in another dialect is translated event by event", async () => {
    const { place, stream } = await called("claude-sonnet-4-5", { stream: true });
    const message = {
      ...claudeHello,
      content: [],
      usage: { input_tokens: 20, output_tokens: 1 },
      stop_reason: null,
    };
    const client = await answer(stream, 200, "text/event-stream", [
      claudeEvent("message_start", { message }),
      claudeEvent("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
      claudeEvent("content_block_delta", { index: 0, delta: { type: "text_delta", text: "hello" } }),
      claudeEvent("content_block_stop", { index: 0 }),
      claudeEvent("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } }),
      claudeEvent("message_stop"),
    ]);
    expect(client.body).toContain('"content":"hello"');
    expect(client.body.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(place.records[0]).toMatchObject({ usage: { input: 20, output: 4 }, outcome: "finished" });
  });

  it.each([
    ["translated", "claude-sonnet-4-5", "/v1/chat/completions"],
    ["passed through", "claude-sonnet-4-5", "/v1/messages"],
  ])("whose first event is an error becomes an HTTP error: %s", async (_, model, path) => {
    const { stream } = await called(model, { stream: true }, path);
    const error = claudeEvent("error", { error: { type: "rate_limit_error", message: "slow down" } });
    const client = await answer(stream, 200, "text/event-stream", [error]);
    expect(client.set.get(":status")).toBe("429");
    expect(client.set.get("content-type")).toBe("application/json");
    expect(JSON.stringify(JSON.parse(client.body))).toContain("slow down");
  });

  it("that breaks off after content tells the client, and is settled by estimate", async () => {
    const { place, stream } = await called("claude-sonnet-4-5", { stream: true });
    const message = {
      ...claudeHello,
      content: [],
      usage: { input_tokens: 20, output_tokens: 1 },
      stop_reason: null,
    };
    const client = await answer(stream, 200, "text/event-stream", [
      claudeEvent("message_start", { message }),
      claudeEvent("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
      claudeEvent("content_block_delta", {
        index: 0,
        delta: { type: "text_delta", text: "hello there, half a story" },
      }),
    ]);
    expect(client.body).toContain('"error"');
    expect(client.body).not.toContain("[DONE]");
    expect(place.records).toMatchObject([{ outcome: "failed", usage: { input: 20, estimated: true } }]);
    expect(place.records[0]?.usage.output).toBeGreaterThan(1);
  });

  it("that the client leaves half-way is settled once, with what was seen", async () => {
    const { place, stream } = await called("gpt-4o", { stream: true });
    await stream.say("response_headers", {
      headers: headers({ ":status": "200", "content-type": "text/event-stream" }),
      attributes: viaUpstream,
    });
    await stream.say("response_body", {
      body: bytes(sse(delta({ content: "a dozen words or so, to be counted" }))),
    });
    stream.close();
    stream.close();
    expect(place.records).toHaveLength(1);
    expect(place.records[0]).toMatchObject({ outcome: "cancelled", usage: { estimated: true } });
    expect(place.records[0]?.usage.output).toBeGreaterThan(3);
    expect(place.services.inFlight.size).toBe(0);
  });

  it("that ends with trailers is ended with trailers", async () => {
    const { stream } = await called("gpt-4o", { stream: true });
    await stream.say("response_headers", {
      headers: headers({ ":status": "200", "content-type": "text/event-stream" }),
      attributes: viaUpstream,
    });
    await stream.say("response_body", { body: bytes(whole) });
    const [trailers] = await stream.say("response_trailers");
    expect(trailers?.kind).toBe("response_trailers");
    expect(trailers?.dynamicMetadata?.["tollgate"]).toMatchObject({ input_tokens: 11 });
  });
});

describe("Envoy's own reply", () => {
  it.each([
    ["503", "no_healthy_upstream", "/v1/messages", "api_error", 0],
    // Its input, and as much output as the request allows: nobody waited for what the target was asked.
    ["504", "response_timeout", "/v1/chat/completions", undefined, 20 + 50],
  ])("%s %s is worded in the client's dialect", async (status, details, path, type, costNanoUsd) => {
    const { place, stream } = await called("gpt-4o", {}, path);
    const head = await stream.say("response_headers", {
      headers: headers({ ":status": status, "content-type": "text/plain" }),
      attributes: { "response.code_details": details },
    });
    // Envoy may hold the body back until the headers have been answered.
    expect(head.map((part) => part.kind)).toEqual(["response_headers"]);
    const rest = await stream.say("response_body", { body: bytes("no healthy upstream"), endOfStream: true });
    const client = seen([...head, ...rest]);
    expect(client.set.get(":status")).toBe(status);
    const body = JSON.parse(client.body) as { error: { type?: string } };
    if (type !== undefined) expect(body.error.type).toBeDefined();
    expect(client.body).not.toContain("no healthy upstream");
    expect(client.set.get("x-tollgate-reason")).toBe(details);
    expect(place.records).toMatchObject([{ outcome: "local-reply", status: Number(status), costNanoUsd }]);
  });

  it("without a body gets one", async () => {
    const { stream } = await called("gpt-4o");
    const [reply] = await stream.say("response_headers", {
      headers: headers({ ":status": "503" }),
      attributes: { "response.code_details": "cluster_not_found" },
      endOfStream: true,
    });
    expect(reply).toMatchObject({ kind: "immediate", status: 503 });
  });
});
