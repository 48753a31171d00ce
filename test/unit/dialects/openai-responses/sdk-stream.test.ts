/** The official SDK puts our streams together, and what comes out is the answer. */
import OpenAI from "openai";
import type { ResponseStreamEvent, Response as SdkResponse } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import type { FinishReason } from "../../../../src/conversation/answer.ts";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { Losses } from "../../../../src/conversation/losses.ts";
import type { Part } from "../../../../src/conversation/parts.ts";
import { noUsage } from "../../../../src/conversation/usage.ts";
import type { EncodeContext } from "../../../../src/dialects/dialect.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/index.ts";
import { seal } from "../../../sealing.ts";

function context(): EncodeContext {
  let ids = 0;
  const newId = () => String(++ids).padStart(24, "0");
  return { model: "asked", includeUsage: true, now: 5, newId, seal, echo: { instructions: "be brief" } };
}

const answerParts: Part[] = [
  { kind: "reasoning", text: "hm ✓", origin: "anthropic", signature: "c2ln" },
  { kind: "reasoning", text: "", origin: "anthropic", redacted: "ZW5j" },
  { kind: "text", text: "Zwölf\n" },
  { kind: "refusal", text: "no" },
  { kind: "tool-call", id: "c1", name: "f", arguments: '{"a":"ö"}' },
  { kind: "tool-call", id: "c2", name: "g", arguments: "" },
  { kind: "text", text: "end" },
];
const usage = { ...noUsage, input: 5, output: 3, reasoning: 1 };

function* eventsOf(parts: readonly Part[], reason: FinishReason): Generator<StreamEvent> {
  yield { kind: "start", id: "resp_1", model: "m", created: 7 };
  for (const [index, part] of parts.entries()) {
    const place = { candidate: 0, index };
    const said = part.kind === "tool-call" ? part.arguments : "text" in part ? part.text : "";
    if (part.kind === "reasoning" && part.redacted !== undefined) yield { kind: "part", ...place, part };
    else if (
      part.kind === "tool-call" ||
      part.kind === "text" ||
      part.kind === "refusal" ||
      part.kind === "reasoning"
    ) {
      yield { kind: "open", ...place, part };
      for (const character of said) yield { kind: "delta", ...place, text: character };
      if (part.kind === "reasoning" && part.signature !== undefined)
        yield { kind: "signature", ...place, signature: part.signature };
      yield { kind: "close", ...place };
      yield { kind: "ping" };
    }
  }
  yield { kind: "finish", candidate: 0, reason };
  yield { kind: "usage", usage };
  yield { kind: "end" };
}

function encode(events: Iterable<StreamEvent>): string {
  const encoder = openaiResponses.streamEncoder(context());
  return [...events].map((event) => encoder.push(event)).join("");
}

/** The SDK, reading this text as the server's answer. */
function client(text: string): OpenAI {
  const answer = async () => new Response(text, { headers: { "content-type": "text/event-stream" } });
  return new OpenAI({ apiKey: "k", fetch: answer, maxRetries: 0 });
}

const call = { model: "m", input: "hi" };

/** Ids are drawn in another order. */
function comparable(response: SdkResponse): unknown {
  return JSON.parse(JSON.stringify(response), (key, value) => {
    if (key === "id" || key === "parsed" || key === "parsed_arguments" || key.startsWith("output_"))
      return undefined;
    return value;
  });
}

describe("a streamed answer", () => {
  it.each<FinishReason>(["tool-calls", "length", "refusal"])(
    "that ends with %s is the whole one",
    async (finish) => {
      const streamed = await client(encode(eventsOf(answerParts, finish)))
        .responses.stream(call)
        .finalResponse();
      const answer = {
        id: "resp_1",
        model: "m",
        created: 7,
        candidates: [{ parts: answerParts, finish }],
        usage,
        dialect: "anthropic" as const,
      };
      const whole = openaiResponses.encodeAnswer(answer, context(), new Losses());
      expect(comparable(streamed)).toEqual(comparable(whole as unknown as SdkResponse));
      expect(streamed.output_text).toBe("Zwölf\nend");
      expect(streamed.output.map((item) => item.id)).toHaveLength(
        new Set(streamed.output.map((item) => item.id)).size,
      );
    },
  );

  it("is numbered without gaps, and every event names its item", async () => {
    const events: ResponseStreamEvent[] = [];
    const stream = await client(encode(eventsOf(answerParts, "stop"))).responses.create({
      ...call,
      stream: true,
    });
    for await (const event of stream) events.push(event);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    const ids = new Map<number, string | undefined>();
    for (const event of events) {
      if (event.type === "response.output_item.added") ids.set(event.output_index, event.item.id);
      if ("item_id" in event && "output_index" in event)
        expect(event.item_id, event.type).toBe(ids.get(event.output_index));
    }
    expect([...ids.keys()]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(events.at(-1)?.type).toBe("response.completed");
  });

  it("grows as it comes, before the last event replaces it", async () => {
    const stream = client(encode(eventsOf(answerParts, "stop"))).responses.stream(call);
    const snapshots: string[] = [];
    stream.on("response.output_text.delta", (event) => snapshots.push(event.snapshot));
    const args: string[] = [];
    stream.on("response.function_call_arguments.delta", (event) => args.push(event.snapshot));
    await stream.finalResponse();
    expect(snapshots.slice(0, 3)).toEqual(["Z", "Zw", "Zwö"]);
    expect(args.at(-1)).toBe("{}");
    expect(args).toContain('{"a":"ö"}');
  });

  it("throws when it fails, and nothing looks complete", async () => {
    const broken: StreamEvent[] = [
      { kind: "start", id: "", model: "m" },
      { kind: "open", candidate: 0, index: 0, part: { kind: "text" } },
      { kind: "delta", candidate: 0, index: 0, text: "a" },
      { kind: "error", error: { kind: "overloaded", status: 529, message: "busy" } },
    ];
    const text = encode(broken);
    const attempt = client(text).responses.stream(call).finalResponse();
    await expect(attempt).rejects.toThrow(OpenAI.APIError);
    await expect(attempt).rejects.toMatchObject({
      message: expect.stringContaining("busy"),
      code: "overloaded",
    });
    expect(text).toContain("event: response.failed");
    expect(text).not.toContain("response.completed");
    expect(encode(broken.slice(3))).toMatch(/^event: error\ndata: .*"sequence_number":0}\n\n$/);
  });
});
