import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytes, json, raw, stream, type UpstreamAnswer } from "../harness/upstream-answers.ts";
import { completion, events, message, whole } from "./answers.ts";
import { endingOf, errorIn } from "./outcomes.ts";
import { badLines, pairs, type Stage, secret, stage, type Target } from "./stage.ts";

// Answers that no provider should give. What cannot be translated becomes an error of the client's dialect; what
// needs no translation passes as it came; and each exchange is settled for what it was.

let running: Stage;

beforeAll(async () => {
  running = await stage();
});

afterAll(async () => {
  await running?.stop();
});

const said = (target: Target, text: string) =>
  JSON.stringify(target === "openai" ? completion(text) : message(text));
const typed = { "content-type": "application/json" };

describe.each(pairs)("%s ← %s", (client, target) => {
  const same = (client === "openai") === (target === "openai");
  /** What ends a stream well, for the client. */
  const goodEnd = client === "openai" ? "data: [DONE]" : "event: message_stop";

  async function given(answer: UpstreamAnswer, streamed = false) {
    running.upstream(target).respondWith(() => answer);
    const body = {
      model: `to-${target}`,
      max_tokens: 9,
      stream: streamed,
      messages: [{ role: "user", content: secret }],
    };
    const { result, ended } = await endingOf(running, async () => {
      const response = await running.call(client, JSON.stringify(body));
      const parts: Buffer[] = [];
      let isCut = false;
      try {
        for await (const part of response.body ?? []) parts.push(Buffer.from(part));
      } catch {
        isCut = true;
      }
      return { status: response.status, bytes: Buffer.concat(parts), isCut };
    });
    return { ...result, text: result.bytes.toString("utf8"), ended };
  }

  test.each<[name: string, answer: UpstreamAnswer]>([
    ["nothing", bytes("", 200, typed)],
    ["JSON that ends too early", bytes(said(target, secret).slice(0, -9), 200, typed)],
    ["a page", bytes(`<html>${secret}</html>`, 200, { "content-type": "text/html" })],
    ["null", bytes("null", 200, typed)],
    ["a list", bytes("[]", 200, typed)],
    ["an object of another kind", json({ ok: secret })],
    ["the other's answer", bytes(said(target === "openai" ? "claude" : "openai", secret), 200, typed)],
    ["members of wrong types", json({ id: 1, model: [], choices: [7], content: 5, usage: "x" })],
    ["NUL bytes", bytes(Buffer.alloc(1000), 200, typed)],
  ])("a whole answer that is %s", async (_name, answer) => {
    const { status, text, bytes: came, ended } = await given(answer);
    if (same) {
      expect(status).toBe(200);
      expect(came.equals(answer.kind === "whole" ? answer.body : Buffer.alloc(0))).toBe(true);
      expect(ended).toBe("finished");
      return;
    }
    expect(status).toBe(502);
    expect(errorIn(client, text)).toMatch(/answer of/);
    expect(text).not.toContain(secret);
    expect(ended).toBe("failed");
  });

  test.each<[name: string, answer: () => UpstreamAnswer, sees: string]>([
    ["half a surrogate pair", () => bytes(said(target, "#").replace("#", "\\ud800"), 200, typed), "\\ud800"],
    ["an escaped NUL", () => bytes(said(target, "#").replace("#", "\\u0000"), 200, typed), "\\u0000"],
    ["no content type", () => bytes(said(target, "fine"), 200), "fine"],
  ])("a whole answer with %s", async (_name, answer, sees) => {
    const { status, text, ended } = await given(answer());
    expect([status, ended]).toEqual([200, "finished"]);
    expect(text).toContain(sees);
  });

  test("a whole answer with bytes that are no UTF-8", async () => {
    const [head = "", tail = ""] = said(target, "#").split("#");
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0xe6, 0x97]), Buffer.from(tail)]);
    const { status, bytes: came, text, ended } = await given(bytes(body, 200, typed));
    expect([status, ended]).toEqual([200, "finished"]);
    if (same) expect(came.equals(body)).toBe(true);
    else expect(text).toContain("\ufffd");
  });

  test("a whole answer whose usage is beyond all bounds", async () => {
    const odd = said(target, "fine")
      .replace(/"(prompt|input)_tokens":11/, '"$1_tokens":1e400')
      .replace(/"(completion|output)_tokens":3/, '"$1_tokens":-5');
    const { status, ended } = await given(bytes(odd, 200, typed));
    expect([status, ended]).toEqual([200, "finished"]);
    expect(Number.isFinite(await running.metric("tollgate_tokens_total"))).toBe(true);
    expect(Number.isFinite(await running.metric("tollgate_cost_nano_usd_total"))).toBe(true);
  });

  test.each<[name: string, status: number, body: string]>([
    ["a page", 500, "<html>out of order</html>"],
    ["nothing", 503, ""],
    ["JSON that ends too early", 400, '{"error":{"message":"no'],
    ["a list", 429, "[]"],
    ["wrong types", 404, '{"error":7,"type":[]}'],
  ])("an error that is %s", async (_name, status, body) => {
    const came = await given(bytes(body, status, typed));
    expect(came.status).toBe(status);
    if (same) expect(came.text).toBe(body);
    else expect(errorIn(client, came.text)).toEqual(expect.any(String));
    expect(came.ended).toBe("finished");
  });

  test("bytes that are no HTTP", async () => {
    const { status, ended } = await given(raw("not HTTP at all\r\n\r\n"));
    expect([status, ended]).toEqual([502, "local-reply"]);
  });

  const beginning = events(target, ["日本", "é"])
    .slice(0, target === "openai" ? 3 : 4)
    .join("");
  const full = events(target, ["日本", "é"]).join("");
  const whole_ = Buffer.from(full);
  const inCharacter = whole_.indexOf(Buffer.from("本")) + 1;
  const afterFirstDelta = whole_.indexOf(Buffer.from("日本")) + 40;

  test.each<[name: string, cut: Uint8Array]>([
    ["in the middle of a character", whole_.subarray(0, inCharacter)],
    ["in the middle of an event", whole_.subarray(0, afterFirstDelta)],
    ["before its last events", Buffer.from(beginning)],
  ])("a stream that ends %s", async (_name, cut) => {
    const { status, text, bytes: came, ended } = await given(stream([cut]), true);
    expect(ended).toBe("failed");
    expect(text).not.toContain(goodEnd);
    if (same) expect([status, came.equals(Buffer.from(cut))]).toEqual([200, true]);
    else expect(status === 200 ? text : errorIn(client, text)).toMatch(/error|end|cut|incomplete/i);
  });

  test.each<[name: string, pieces: readonly string[]]>([
    ["nothing", []],
    ["comments", [": ping\n\n", ": ping\n\n"]],
    ["a page", [`<html>${secret}</html>`]],
    ["events that are no JSON", [`data: {${secret}\n\n`, "data: ]\n\n"]],
    [
      "events of wrong types",
      ['data: {"choices":7,"type":[],"delta":"x"}\n\n', "data: 5\n\n", "data: null\n\n"],
    ],
  ])("a stream that is only %s", async (_name, pieces) => {
    const { status, text, ended } = await given(stream(pieces.map((piece) => Buffer.from(piece))), true);
    expect(ended).toBe("failed");
    expect(text).not.toContain(goodEnd);
    if (same) expect([status, text]).toEqual([200, pieces.join("")]);
    else expect([status, errorIn(client, text)]).toEqual([502, expect.any(String)]);
  });

  test("a stream whose connection breaks off", async () => {
    const pieces = [Buffer.from(beginning), { waitMs: 50 }];
    const { status, text, isCut, ended } = await given(stream(pieces, { end: "reset" }), true);
    expect([status, isCut, ended]).toEqual([200, true, "cancelled"]);
    expect(text).not.toContain(goodEnd);
  });

  test("a stream with bytes that are no UTF-8", async () => {
    const [head = "", tail = ""] = full.split("日本");
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(tail)]);
    const { status, bytes: came, text, ended } = await given(stream([body]), true);
    expect([status, ended]).toEqual([200, "finished"]);
    expect(text).toContain(goodEnd);
    if (same) expect(came.includes(0xff)).toBe(true);
    else expect(text).toContain("\ufffd");
  });

  test("a stream with half a surrogate pair, NULs and blank lines between", async () => {
    const odd = full.replace("日本", "\\ud800\\u0000").replaceAll("\n\n", "\n\n\n\n");
    const { status, text, ended } = await given(stream([Buffer.from(odd)]), true);
    expect([status, ended]).toEqual([200, "finished"]);
    expect(text).toContain("\\ud800\\u0000");
  });

  test("a whole answer where a stream was asked for is told as it is", async () => {
    const { status, ended } = await given(whole(target, "fine"), true);
    expect([status, ended]).toEqual([200, "finished"]);
  });
});

test("no prompt, answer or key reached the log, and nothing was a defect", async () => {
  expect(badLines(running)).toEqual([]);
  expect(await running.metric("tollgate_defects_total")).toBe(0);
  expect(await running.metric("tollgate_inflight_exchanges")).toBe(0);
});
