/** What Tollgate answers by itself, because the target has no endpoint for it. */
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import { tokenCount } from "../../../src/conversation/token-count.ts";
import type { OwnAnswer, Question } from "../../../src/exchange/own-answer.ts";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { TranslationUnavailableError } from "../../../src/translation/job.ts";
import { bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

const policy: JsonObject = {
  targets: { claude: { provider: "anthropic" }, vllm: { provider: "vllm" } },
  models: {
    here: { targets: [{ cluster: "vllm", model: "llama" }, { cluster: "claude" }] },
    there: { targets: [{ cluster: "claude", model: "claude-sonnet-4-5" }, { cluster: "vllm" }] },
    nobody: { targets: [{ cluster: "vllm" }] },
  },
};
const path = "/v1/messages/count_tokens";

async function ask(model: string, answer?: OwnAnswer) {
  const place = workplace({ ownAnswers: new Map(answer === undefined ? [] : [["count_tokens", answer]]) });
  const stream = new Stream(place.services, exchangeMetadata(policy));
  await stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": path, "content-type": "application/json" }),
  });
  const body = bytes({ model, messages: [{ role: "user", content: "Hi" }] });
  const [verdict] = await stream.say("request_body", { body, endOfStream: true });
  return { place, stream, verdict };
}

describe("a count for a target that does not count", () => {
  it("is ours, in the client's words, marked, free and recorded once", async () => {
    const asked: Question[] = [];
    const { place, stream, verdict } = await ask("here", async (question) => {
      asked.push(question);
      return tokenCount(17);
    });
    const { status, body, headers: mutation, details } = verdict as ImmediateResponse;
    expect([status, JSON.parse(text(body))]).toEqual([200, { input_tokens: 17 }]);
    expect(details).toBe("tollgate_answered_by_gateway");
    const set = new Map(mutation?.set);
    expect(set.get("x-tollgate-estimated")).toBe("true");
    expect(set.get("x-tollgate-target")).toBe("vllm/llama");
    expect(asked).toMatchObject([{ model: "llama", path }]);
    expect(asked[0]?.decoded()).toMatchObject({ turns: [{ parts: [{ text: "Hi" }] }] });
    expect(asked[0]?.wanted()).toBe(false);
    expect(stream.ended).toBe(true);
    stream.close();
    expect(place.records).toMatchObject([
      {
        outcome: "finished",
        status: 200,
        reason: "answered_by_gateway",
        operation: "count_tokens",
        attempts: 0,
        costNanoUsd: 0,
        usage: { input: 0, output: 0 },
      },
    ]);
    expect(place.notices).toEqual([]);
  });

  it.each([
    ["the client's own fault", new InvalidRequestError("messages[0]", "no"), 400],
    ["too much to do", new TranslationUnavailableError("full"), 503],
    ["a defect", new TypeError("oops"), 500],
  ])("can fail: %s", async (_, error, status) => {
    const { place, verdict } = await ask("here", () => Promise.reject(error));
    expect(verdict).toMatchObject({ kind: "immediate", status });
    expect(place.records).toMatchObject([{ outcome: "refused", status }]);
  });

  it("is not given when nobody waits for it", async () => {
    let answerNow = (): void => undefined;
    const wait = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const place = workplace({
      ownAnswers: new Map([["count_tokens", () => wait.then(() => tokenCount(1))]]),
    });
    const stream = new Stream(place.services, exchangeMetadata(policy));
    await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": path }) });
    const body = bytes({ model: "here", messages: [{ role: "user", content: "Hi" }] });
    const saying = stream.say("request_body", { body, endOfStream: true });
    stream.close();
    answerNow();
    expect(await saying).toEqual([]);
    expect(place.records).toMatchObject([{ outcome: "cancelled" }]);
  });
});

it("a target that counts is asked", async () => {
  const { verdict } = await ask("there", () => Promise.reject(new Error("not to be asked")));
  const { kind, headers: mutation } = verdict as ContinueResponse;
  expect(kind).toBe("request_body");
  expect(new Map(mutation?.set).get("x-tollgate-path")).toBe("/v1/messages/count_tokens");
});

it("without anybody who could, the refusal says who serves what", async () => {
  const { verdict } = await ask("nobody");
  const { status, body } = verdict as ImmediateResponse;
  expect(status).toBe(400);
  expect(text(body)).toContain("target vllm (vllm) serves no counts of tokens");
});
