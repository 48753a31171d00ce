/** Providers that answer in one piece what was asked for as a stream, and that call an error a success. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { chatAnswer, claudeAnswer } from "./provider-answers.ts";
import { answerWhole, bytes, exchangeMetadata, headers, Stream, twoProviders, workplace } from "./script.ts";

interface Called {
  readonly model?: string;
  readonly path?: string;
  readonly body?: JsonObject;
}

/** A call, and what its client gets when the target answers so. */
async function answered(call: Called, status: number, body: string | JsonObject) {
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(twoProviders));
  const path = call.path ?? "/v1/chat/completions";
  await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
  const asked = {
    model: call.model ?? "gpt-4o",
    messages: [{ role: "user", content: "hi" }],
    max_tokens: 50,
  };
  await stream.say("request_body", { body: bytes({ ...asked, ...call.body }), endOfStream: true });
  return { place, ...(await answerWhole(stream, status, body)) };
}

const claude = { model: "claude-sonnet-4-5" };
const streaming = { body: { stream: true } };

/** The deltas' texts of a chat stream. */
const said = (stream: string) =>
  [...stream.matchAll(/"content":"([^"]*)"/g)].map(([, content]) => content).join("");

describe("a whole answer to a client that asked for a stream", () => {
  it("in its own dialect becomes one, with its cost in the headers", async () => {
    const client = await answered(streaming, 200, chatAnswer("hello"));
    expect(client.set.get(":status")).toBe("200");
    expect(client.set.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(client.set.get("x-tollgate-cost")).toBe("0.000000014");
    expect(said(client.body)).toBe("hello");
    expect(client.body.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(client.body).not.toContain("prompt_tokens");
    expect(client.place.records).toMatchObject([
      { outcome: "finished", status: 200, stream: true, usage: { input: 11, output: 3 }, costNanoUsd: 14 },
    ]);
    expect(client.place.records[0]?.modelServed).toBe("gpt-4o-2024-08-06");
  });

  it("tells the usage when it was asked for", async () => {
    const body = { stream: true, stream_options: { include_usage: true } };
    const client = await answered({ body }, 200, chatAnswer("hello"));
    expect(client.body).toContain('"prompt_tokens":11');
  });

  it("from another dialect becomes one in the client's", async () => {
    const chat = await answered({ ...claude, ...streaming }, 200, claudeAnswer("hello"));
    expect(said(chat.body)).toBe("hello");
    expect(chat.set.get("content-type")).toMatch(/^text\/event-stream/);
    const messages = await answered({ ...streaming, path: "/v1/messages" }, 200, chatAnswer("hello"));
    const events = [...messages.body.matchAll(/^event: (\w+)/gm)].map(([, name]) => name);
    expect(events).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(messages.place.records).toMatchObject([{ usage: { input: 11, output: 3 } }]);
  });

  it("is translated elsewhere than on the event loop when it is large", async () => {
    const long = "x".repeat(600_000);
    for (const [call, body] of [
      [streaming, chatAnswer(long)],
      [{ ...claude, ...streaming }, claudeAnswer(long)],
    ] as const) {
      const client = await answered(call, 200, body);
      expect(said(client.body)).toBe(long);
      expect(client.set.get("content-type")).toMatch(/^text\/event-stream/);
      expect(client.place.records).toMatchObject([{ outcome: "finished" }]);
    }
  });

  it.each([
    ["no JSON", "<html>"],
    ["another JSON", { hello: "there" }],
  ])("is a 502 when it is %s: as JSON its SDK would take it for an empty stream", async (_, body) => {
    const client = await answered(streaming, 200, body);
    expect(client.set.get(":status")).toBe("502");
    expect(client.set.get("content-type")).toBe("application/json");
    expect(JSON.parse(client.body)).toHaveProperty("error.message");
    expect(client.place.records).toMatchObject([{ outcome: "failed", status: 502 }]);
  });

  it("that is an error stays one, in its own words", async () => {
    const error = { error: { message: "slow down", type: "rate_limit_error" } };
    const client = await answered(streaming, 429, error);
    expect(client.set.get(":status")).toBe("429");
    expect(JSON.parse(client.body)).toEqual(error);
  });

  it("stays JSON for everybody else", async () => {
    const raw = JSON.stringify(chatAnswer("hello"), null, 1);
    const client = await answered({}, 200, raw);
    expect(client.body).toBe(raw);
    expect(client.set.has("content-type")).toBe(false);
  });
});

describe("an error that came as a success", () => {
  const error = { error: { code: 429, message: "slow down" }, user_id: "u" };

  it("in the client's own dialect keeps its bytes and gets its status", async () => {
    const raw = JSON.stringify(error, null, 1);
    const client = await answered({}, 200, raw);
    expect(client.body).toBe(raw);
    expect(client.set.get(":status")).toBe("429");
    expect(client.place.records).toMatchObject([
      { outcome: "finished", status: 429, reason: "answer_error", costNanoUsd: 0 },
    ]);
  });

  it("in place of a stream is an HTTP error as well", async () => {
    const client = await answered(streaming, 200, error);
    expect(client.set.get(":status")).toBe("429");
    expect(client.set.get("content-type")).toBe("application/json");
    expect(JSON.parse(client.body)).toMatchObject({ error: { message: "slow down" } });
  });

  it.each([
    ["whole", {}],
    ["streamed", streaming],
  ])("in another dialect is worded in the client's: %s", async (_, how) => {
    const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    const client = await answered({ ...claude, ...how }, 200, overloaded);
    expect(client.set.get(":status")).toBe("529");
    expect(JSON.parse(client.body)).toMatchObject({ error: { message: "Overloaded" } });
    expect(client.place.records).toMatchObject([{ outcome: "finished", status: 529, costNanoUsd: 0 }]);
  });

  it("is none when usage says that an answer was paid for", async () => {
    const odd = { ...chatAnswer("hello"), error: { message: "a warning" } };
    const client = await answered({}, 200, odd);
    expect(JSON.parse(client.body)).toEqual(odd);
    expect(client.set.get(":status")).toBe("200");
  });
});
