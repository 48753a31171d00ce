/** Google clients that stream without `alt=sse`: one JSON array, whoever answers. */
import { describe, expect, it } from "vitest";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

const policy: JsonObject = {
  targets: {
    gemini: { provider: "google" },
    vertex: { provider: "vertex", project: "acme-ai", location: "global" },
    claude: { provider: "anthropic" },
  },
  models: {
    "gemini-2.5-flash": { targets: [{ cluster: "gemini" }] },
    vertex: { targets: [{ cluster: "vertex", model: "gemini-2.5-pro" }] },
    claude: { targets: [{ cluster: "claude", model: "claude-sonnet-4-5" }] },
  },
};

const piece = (said: string, more: JsonObject = {}) => ({
  candidates: [{ content: { parts: [{ text: said }], role: "model" }, ...more }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
  modelVersion: "gemini-2.5-flash",
});
const geminiEvents = [piece("Hel"), piece("lo"), piece("", { finishReason: "STOP" })].map(
  (value) => `data: ${JSON.stringify(value)}\r\n\r\n`,
);
const geminiError = { error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } };
const claudeEvents = [
  { type: "message_start", message: { id: "msg_1", model: "c", usage: { input_tokens: 3 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hello" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
const claudeError = { type: "error", error: { type: "overloaded_error", message: "overloaded" } };

interface Served {
  /** What the target is asked at. */
  readonly path: string | undefined;
  readonly set: ReadonlyMap<string, string>;
  /** The client's body in the pieces in which it is sent. */
  readonly pieces: readonly string[];
  readonly record: unknown;
}

async function serve(model: string, events: readonly string[], query = ""): Promise<Served> {
  const { services, records } = workplace();
  const stream = new Stream(services, exchangeMetadata(policy));
  const path = `/v1beta/models/${model}:streamGenerateContent${query}`;
  await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
  const body = bytes({ contents: [{ parts: [{ text: "hi" }] }] });
  const [verdict] = (await stream.say("request_body", { body, endOfStream: true })) as ContinueResponse[];
  const before = stream.answers.length;
  await stream.say("response_headers", {
    headers: headers({ ":status": "200", "content-type": "text/event-stream" }),
    attributes: { "response.code_details": "via_upstream" },
  });
  for (const event of events) await stream.say("response_body", { body: bytes(event) });
  await stream.say("response_body", { endOfStream: true });
  const parts = stream.answers.slice(before) as ContinueResponse[];
  return {
    path: new Map(verdict?.headers?.set ?? []).get("x-tollgate-path"),
    set: new Map(parts.flatMap((part) => part.headers?.set ?? [])),
    pieces: parts.map((part) => text(part.streamedBody?.chunk)).filter((said) => said !== ""),
    record: records[0],
  };
}

describe("a stream of its own dialect", () => {
  it.each([
    ["gemini-2.5-flash", "/v1beta/models/gemini-2.5-flash"],
    ["vertex", "/v1/projects/acme-ai/locations/global/publishers/google/models/gemini-2.5-pro"],
  ])("is asked for as events of %s, and given as an array", async (model, target) => {
    const { path, set, pieces, record } = await serve(model, geminiEvents, "?key=k");
    expect(path).toBe(`${target}:streamGenerateContent?alt=sse`);
    expect(set.get("content-type")).toBe("application/json; charset=UTF-8");
    const objects = geminiEvents.map((event) => event.slice("data: ".length).trim());
    expect(pieces).toEqual([`[${objects[0]}`, `,\r\n${objects[1]}`, `,\r\n${objects[2]}`, "]"]);
    expect(record).toMatchObject({ outcome: "finished", usage: { input: 3, output: 2, estimated: false } });
  });

  it("keeps its form for those who ask for events", async () => {
    const { set, pieces } = await serve("gemini-2.5-flash", geminiEvents, "?alt=sse");
    expect(set.has("content-type")).toBe(false);
    expect(pieces).toEqual(geminiEvents);
  });

  it("has a status when its first event is an error", async () => {
    const { set, pieces } = await serve("gemini-2.5-flash", [`data: ${JSON.stringify(geminiError)}\n\n`]);
    expect(set.get(":status")).toBe("503");
    expect(JSON.parse(pieces.join(""))).toMatchObject({ error: { code: 503, status: "UNAVAILABLE" } });
  });

  it("ends with an error that comes later", async () => {
    const events = [geminiEvents[0] ?? "", `data: ${JSON.stringify(geminiError)}\n\n`];
    const { pieces, record } = await serve("gemini-2.5-flash", events);
    expect(JSON.parse(pieces.join(""))).toEqual([piece("Hel"), geminiError]);
    expect(record).toMatchObject({ outcome: "failed" });
  });

  it("stays open when it was cut", async () => {
    const { pieces, record } = await serve("gemini-2.5-flash", geminiEvents.slice(0, 2));
    expect(JSON.parse(`${pieces.join("")}]`)).toEqual([piece("Hel"), piece("lo")]);
    expect(record).toMatchObject({ outcome: "failed", usage: { estimated: true } });
  });
});

describe("a stream of another dialect", () => {
  it("is an array", async () => {
    const { set, pieces, record } = await serve("claude", claudeEvents, "?alt=json");
    expect(set.get("content-type")).toBe("application/json; charset=UTF-8");
    expect(pieces).toHaveLength(2);
    expect(JSON.parse(pieces.join(""))).toMatchObject([
      { candidates: [{ content: { parts: [{ text: "hello" }] } }] },
      { candidates: [{ finishReason: "STOP" }], usageMetadata: { totalTokenCount: 5 } },
    ]);
    expect(record).toMatchObject({ outcome: "finished", usage: { input: 3, output: 2 } });
  });

  it("has a status when it begins with an error", async () => {
    const { set, pieces } = await serve("claude", [`data: ${JSON.stringify(claudeError)}\n\n`]);
    expect(set.get(":status")).toBe("503");
    expect(set.get("content-type")).toBe("application/json");
    expect(JSON.parse(pieces.join(""))).toMatchObject({ error: { code: 503, status: "UNAVAILABLE" } });
  });

  it("ends with an error that comes later", async () => {
    const events = [...claudeEvents.slice(0, 3), `data: ${JSON.stringify(claudeError)}\n\n`];
    const { pieces } = await serve("claude", events);
    expect(JSON.parse(pieces.join(""))).toMatchObject([{ candidates: [{}] }, { error: { code: 503 } }]);
  });

  it("tells that it was cut, and stays open", async () => {
    const { pieces } = await serve("claude", claudeEvents.slice(0, 3));
    expect(() => JSON.parse(pieces.join(""))).toThrow(SyntaxError);
    expect(JSON.parse(`${pieces.join("")}]`)).toMatchObject([{ candidates: [{}] }, { error: { code: 502 } }]);
  });
});

describe("a stream in another form", () => {
  it("is refused", async () => {
    const { services } = workplace();
    const stream = new Stream(services, exchangeMetadata(policy));
    const path = "/v1beta/models/claude:streamGenerateContent?alt=proto";
    await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
    const body = bytes({ contents: [{ parts: [{ text: "hi" }] }] });
    const [refusal] = (await stream.say("request_body", { body, endOfStream: true })) as ImmediateResponse[];
    expect(refusal).toMatchObject({ kind: "immediate", status: 400 });
    expect(JSON.parse(text(refusal?.body))).toMatchObject({
      error: { status: "INVALID_ARGUMENT", details: [{ reason: "alt_unsupported" }] },
    });
  });
});
