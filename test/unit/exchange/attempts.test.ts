import { describe, expect, it } from "vitest";
import type { ContinueResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import {
  bytes,
  exchangeMetadata,
  headers,
  Stream,
  text,
  twoProviders,
  type Workplace,
  workplace,
} from "./script.ts";

async function called(policy: JsonObject = twoProviders) {
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(policy));
  await stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": "/v1/chat/completions" }),
  });
  const body = bytes({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }], max_tokens: 5 });
  const [verdict] = await stream.say("request_body", { body, endOfStream: true });
  const id = String(verdict?.dynamicMetadata?.["tollgate"]?.["exchange"]);
  return { place, stream, id };
}

const attempt = (place: Workplace, id: string) =>
  new Stream(place.services, { "x-tollgate-role": "attempt", "x-tollgate-exchange": id });

const retryHeaders = (more: Record<string, string> = {}) =>
  headers({ ":method": "POST", ":path": "/v1/chat/completions", "x-envoy-attempt-count": "2", ...more });

describe("an attempt after the first", () => {
  it("is encoded for its own target, from the client's request, without the last one's credentials", async () => {
    const { place, id } = await called();
    const stream = attempt(place, id);
    const [first] = (await stream.say("request_headers", {
      headers: retryHeaders({ authorization: "Bearer openai-key", "openai-organization": "org" }),
      attributes: { "xds.cluster_name": "claude" },
    })) as ContinueResponse[];
    const set = Object.fromEntries(first?.headers?.set ?? []);
    expect(set[":path"]).toBe("/v1/messages");
    expect(set["anthropic-version"]).toBe("2023-06-01");
    expect(first?.headers?.remove).toEqual(expect.arrayContaining(["authorization", "openai-organization"]));
    expect(first?.modeOverride).toMatchObject({ responseHeaders: "SKIP", responseBody: "NONE" });
    const [second] = (await stream.say("request_body", {
      body: bytes("the last one's"),
      endOfStream: true,
    })) as ContinueResponse[];
    expect(JSON.parse(text(second?.body))).toMatchObject({ model: "claude-sonnet-4-5", max_tokens: 5 });
    expect(stream.ended).toBe(true);
    expect(stream.failure).toBeUndefined();
  });

  it("decides how the answer is read", async () => {
    const { place, stream, id } = await called();
    await attempt(place, id).say("request_headers", {
      headers: retryHeaders(),
      attributes: { "xds.cluster_name": "claude" },
    });
    await stream.say("response_headers", {
      headers: headers({ ":status": "200", "content-type": "application/json" }),
      attributes: { "response.code_details": "via_upstream" },
    });
    const claude = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-sonnet-4-5",
      content: [{ type: "text", text: "hello" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    const answers = (await stream.say("response_body", {
      body: bytes(claude),
      endOfStream: true,
    })) as ContinueResponse[];
    const set = new Map(answers[0]?.headers?.set);
    expect(set.get("x-tollgate-target")).toBe("claude/claude-sonnet-4-5");
    expect(set.get("x-tollgate-attempts")).toBe("openai;failed, claude;200");
    expect(JSON.parse(text(answers[1]?.streamedBody?.chunk))).toHaveProperty("choices");
    expect(place.records).toMatchObject([{ attempts: 2, cluster: "claude", provider: "anthropic" }]);
  });

  it("of an unknown exchange fails, and sends nothing", async () => {
    const { place } = await called();
    const stream = attempt(place, "somebody-elses");
    await stream.say("request_headers", { headers: retryHeaders() });
    expect(stream.failure).toContain("not known");
    expect(stream.answers).toEqual([]);
  });

  it("at another cluster than it was sent to fails", async () => {
    const { place, id } = await called();
    const stream = attempt(place, id);
    await stream.say("request_headers", {
      headers: retryHeaders(),
      attributes: { "xds.cluster_name": "openai" },
    });
    expect(stream.failure).toBeDefined();
    expect(place.notices.join()).toContain("openai");
  });
});

describe("a failed attempt", () => {
  const failed = async (place: Workplace, id: string, number: number, status: string, more = {}) => {
    const stream = new Stream(place.services, { "x-tollgate-role": "failed", "x-tollgate-exchange": id });
    const [answer] = await stream.say("response_headers", {
      headers: headers({ ":status": status, ...more }),
      attributes: { "upstream.request_attempt_count": String(number) },
    });
    expect(stream.ended).toBe(true);
    return (answer as ContinueResponse).headers?.set;
  };

  it("is told with its status", async () => {
    const { place, stream, id } = await called();
    await failed(place, id, 1, "429", { "retry-after": "3" });
    await attempt(place, id).say("request_headers", {
      headers: retryHeaders(),
      attributes: { "xds.cluster_name": "claude" },
    });
    await stream.say("response_headers", {
      headers: headers({ ":status": "503" }),
      attributes: { "response.code_details": "via_upstream" },
    });
    const [head] = (await stream.say("response_body", {
      body: bytes("{}"),
      endOfStream: true,
    })) as ContinueResponse[];
    expect(new Map(head?.headers?.set).get("x-tollgate-attempts")).toBe("openai;429, claude;503");
    const tried = place.records[0]?.attemptsTried ?? [];
    expect(tried).toMatchObject([
      { number: 1, cluster: "openai", provider: "openai", model: "gpt-4o", result: 429 },
      { number: 2, cluster: "claude", provider: "anthropic", model: "claude-sonnet-4-5", result: 503 },
    ]);
    // The script's clock ticks at each look: both have taken their part of the whole.
    const [first = 0, second = 0] = tried.map(({ durationMs }) => durationMs);
    expect(Math.min(first, second)).toBeGreaterThan(0);
    expect(first + second).toBeLessThan(place.records[0]?.durationMs ?? 0);
  });

  it.each<[string, string | undefined, string | number]>([
    ["hung up on", undefined, "cancelled"],
    ["out of time", "504", "timeout"],
    ["reset", "503", "failed"],
  ])("that was %s is recorded without a status", async (_how, localReply, result) => {
    const { place, stream } = await called();
    if (localReply !== undefined) {
      const attributes = { "response.code_details": "response_timeout" };
      const answered = { headers: headers({ ":status": localReply }), attributes, endOfStream: true };
      await stream.say("response_headers", answered);
    }
    stream.close();
    expect(place.records[0]?.attemptsTried).toMatchObject([{ number: 1, cluster: "openai", result }]);
  });

  const oneTarget: JsonObject = {
    targets: { openai: { provider: "openai" } },
    models: { "gpt-4o": { targets: [{ cluster: "openai" }], attempts: 3 } },
  };

  it("goes to the next target at once, whatever it asked for", async () => {
    const { place, id } = await called();
    expect(await failed(place, id, 1, "429", { "retry-after": "3" })).toBeUndefined();
  });

  it.each([
    ["3", [["x-tollgate-retry-in", "3"]]],
    ["0.4", [["x-tollgate-retry-in", "1"]]],
    ["0", undefined],
    ["soon", undefined],
    ["11", [[":status", "400"]]],
    // The test's clock stands at 1,760,000,000.
    ["Thu, 09 Oct 2025 08:53:25 GMT", [["x-tollgate-retry-in", "5"]]],
    ["Thu, 09 Oct 2025 08:53:20 GMT", undefined],
  ])("of the only target waits as it asked: retry-after %s", async (retryAfter, expected) => {
    const { place, id } = await called(oneTarget);
    expect(await failed(place, id, 1, "429", { "retry-after": retryAfter })).toEqual(expected);
  });

  it("whose status was changed to stop the retries is shown with its own", async () => {
    const { place, stream, id } = await called(oneTarget);
    await failed(place, id, 1, "429", { "retry-after": "60" });
    await stream.say("response_headers", {
      headers: headers({ ":status": "400", "retry-after": "60" }),
      attributes: { "response.code_details": "via_upstream" },
    });
    const [head] = (await stream.say("response_body", {
      body: bytes("{}"),
      endOfStream: true,
    })) as ContinueResponse[];
    const set = new Map(head?.headers?.set);
    expect(set.get(":status")).toBe("429");
    expect(set.get("x-tollgate-attempts")).toBe("openai;429");
    expect(place.records).toMatchObject([{ status: 429 }]);
  });
});
