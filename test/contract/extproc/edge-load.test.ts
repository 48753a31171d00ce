import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import type { Outlet } from "../../../src/extproc/session.ts";
import {
  answer,
  Call,
  clientFor,
  edgeWith,
  pause,
  requestBody,
  requestHeaders,
  until,
  wholeExchange,
} from "./edge-client.ts";

describe("a cancelled stream", () => {
  test.each([0, 1, 2, 3, 4, 5])("closes its session once, after %i messages", async (count) => {
    const { client, journal, edge, defects } = await edgeWith(answer);
    const call = new Call(client).send(...wholeExchange.slice(0, count));
    await (count === 0 ? until(() => edge.openStreams === 1) : call.answered(count));
    call.stream.cancel();
    await until(() => edge.openStreams === 0);
    expect(journal.filter((entry) => entry === "closed")).toHaveLength(1);
    expect(defects).toEqual([]);
  });

  test("closes a session that is busy, and what it does then is ignored", async () => {
    let outletOf: Outlet | undefined;
    const { client, journal, edge, defects } = await edgeWith(async (message, outlet) => {
      outletOf = outlet;
      await pause(20);
      answer(message, outlet);
    });
    const call = new Call(client).send(requestHeaders, requestBody("{}"));
    await until(() => outletOf !== undefined);
    call.stream.cancel();
    await until(() => edge.openStreams === 0);
    await pause(40);
    outletOf?.end();
    expect([journal, defects]).toEqual([["request_headers", "closed"], []]);
  });

  test("more resets than Node's http2 forgives cost connections, not the server", async () => {
    const { edge, journal, client } = await edgeWith(answer);
    const flood = clientFor(edge.address);
    const calls = Array.from({ length: 2_500 }, () => new Call(flood).send(requestHeaders));
    await until(() => journal.length >= 1_500);
    for (const call of calls) call.stream.cancel();
    await until(() => edge.openStreams === 0);
    const opened = journal.filter((entry) => entry === "request_headers").length;
    expect(journal.filter((entry) => entry === "closed").length).toBeGreaterThanOrEqual(opened);
    expect(await new Call(client).send(requestHeaders).answered(1)).toHaveLength(1);
  }, 30_000);
});

test("5,000 quick exchanges leave nothing open", async () => {
  const { client, edge, journal } = await edgeWith(answer);
  for (let batch = 0; batch < 50; batch++) {
    const calls = Array.from({ length: 100 }, () => new Call(client).send(requestHeaders));
    for (const call of calls) {
      await call.answered(1);
      call.stream.end();
    }
    for (const ended of await Promise.all(calls.map((call) => call.ended)))
      expect(ended.code).toBe(status.OK);
  }
  expect(edge.openStreams).toBe(0);
  expect(journal.filter((entry) => entry === "closed")).toHaveLength(5_000);
}, 30_000);

describe("the size limit", () => {
  const big = requestBody(Buffer.alloc(8_000_000, "x"));

  test("8 MB pass in both directions by default", async () => {
    const { client } = await edgeWith((message, outlet) =>
      outlet.send({ kind: "request_body", body: message.body }),
    );
    const [echo] = await new Call(client).send(big).answered(1);
    const mutation = echo?.["request_body"] as { response: { body_mutation: { body: Buffer } } } | undefined;
    expect(mutation?.response.body_mutation.body.length).toBe(8_000_000);
  });

  test("a message over the limit ends its stream, not the connection", async () => {
    const { client, journal } = await edgeWith(answer, { maxMessageBytes: 1_000_000 });
    expect((await new Call(client).send(big).ended).code).toBe(status.RESOURCE_EXHAUSTED);
    await until(() => journal.includes("closed"));
    expect(journal).toEqual(["closed"]);
    expect(await new Call(client).send(requestHeaders).answered(1)).toHaveLength(1);
  });

  test("an answer over the limit is a defect", async () => {
    const grow = (_: unknown, outlet: Outlet): void =>
      outlet.send({ kind: "request_body", body: Buffer.alloc(1_100_000) });
    const { client, defects } = await edgeWith(grow, { maxMessageBytes: 1_000_000 });
    expect((await new Call(client).send(requestHeaders).ended).code).toBe(status.INTERNAL);
    expect(defects).toEqual([expect.any(RangeError)]);
  });
});
