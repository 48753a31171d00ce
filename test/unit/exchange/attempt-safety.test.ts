import { expect, test } from "vitest";
import { bytes, exchangeMetadata, headers, Stream, twoProviders, workplace } from "./script.ts";

// An attempt's request still has the body and the credentials of the target before. Envoy sends it as it is when the
// stream ends well without our answers; an error, or a reply of our own, keeps it back.

const call = headers({ ":method": "POST", ":path": "/v1/chat/completions" });
const second = headers({ ":method": "POST", ":path": "/v1/chat/completions", "x-envoy-attempt-count": "2" });
const atClaude = { "xds.cluster_name": "claude" };

async function called(policy = twoProviders, more = {}) {
  const place = workplace();
  const exchange = new Stream(place.services, exchangeMetadata(policy));
  await exchange.say("request_headers", { headers: call });
  const body = bytes({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }], ...more });
  await exchange.say("request_body", { body, endOfStream: true });
  const id = "0".repeat(23).concat("1");
  const attempt = (exchangeId = id) =>
    new Stream(place.services, { "x-tollgate-role": "attempt", "x-tollgate-exchange": exchangeId });
  return { place, exchange, attempt };
}

test("an attempt of no known exchange is failed", async () => {
  const { attempt } = await called();
  const stream = attempt("forged");
  expect(await stream.say("request_headers", { headers: second, attributes: atClaude })).toEqual([]);
  expect(stream.failure).toBeDefined();
});

test("an attempt at another cluster than the one it is meant for is failed, and told", async () => {
  const { attempt, place } = await called();
  const stream = attempt();
  const attributes = { "xds.cluster_name": "openai" };
  expect(await stream.say("request_headers", { headers: second, attributes })).toEqual([]);
  expect(stream.failure).toBeDefined();
  expect(place.notices).toEqual([expect.stringContaining("attempt 2 went to openai")]);
});

test("a body without its headers, and messages of unknown kinds, fail the attempt", async () => {
  for (const kind of ["request_body", "unknown"] as const) {
    const stream = (await called()).attempt();
    expect(await stream.say(kind)).toEqual([]);
    expect(stream.failure).toBeDefined();
  }
});

test("an attempt whose target cannot take the request is answered by us, and the client hears why", async () => {
  const { attempt, exchange, place } = await called(
    { ...twoProviders, strict: true },
    { logit_bias: { 1: 2 } },
  );
  const stream = attempt();
  const [reply] = await stream.say("request_headers", { headers: second, attributes: atClaude });
  expect(reply).toMatchObject({ kind: "immediate", status: 503, details: "tollgate_attempt_not_sent" });
  await exchange.say("response_headers", {
    headers: headers({ ":status": "503" }),
    attributes: { "response.code_details": "tollgate_attempt_not_sent" },
  });
  await exchange.say("response_body", { endOfStream: true });
  const text = exchange.answers.map((answer) => JSON.stringify(answer)).join("");
  expect(Buffer.concat(exchange.answers.map(bodyOf)).toString()).toContain("logit_bias");
  expect(text).toContain("openai;failed");
  expect(place.records).toMatchObject([{ outcome: "local-reply", status: 503, attempts: 1 }]);
});

test("an answer of a cluster that we did not ask is not decoded", async () => {
  const { exchange, place } = await called();
  await exchange.say("response_headers", {
    headers: headers({ ":status": "200", "content-type": "application/json" }),
    attributes: { "response.code_details": "via_upstream", "xds.cluster_name": "claude" },
  });
  await exchange.say("response_body", { body: bytes({ secret: "of another" }), endOfStream: true });
  expect(Buffer.concat(exchange.answers.map(bodyOf)).toString()).not.toContain("of another");
  expect(place.records).toMatchObject([{ status: 502, reason: "unexpected_target" }]);
  expect(place.notices).toEqual([expect.stringContaining("claude answered what was meant for openai")]);
});

function bodyOf(answer: Stream["answers"][number]): Uint8Array {
  if (answer.kind === "immediate") return answer.body;
  return answer.streamedBody?.chunk ?? new Uint8Array(0);
}
