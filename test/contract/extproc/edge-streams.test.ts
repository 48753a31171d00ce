import { connect } from "node:http2";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import {
  answer,
  Call,
  edgeWith,
  pause,
  requestBody,
  requestHeaders,
  responseBody,
  wholeExchange,
} from "./edge-client.ts";

describe("a stream", () => {
  test("answers each message in order and ends with OK when Envoy half-closes", async () => {
    const { client, journal, edge } = await edgeWith(answer);
    const call = new Call(client);
    call.send(...wholeExchange);
    const members = (await call.answered(5)).map((plain) => Object.keys(plain)[0]);
    expect(members).toEqual([
      "request_headers",
      "request_body",
      "response_headers",
      "response_body",
      "response_body",
    ]);
    expect(edge.openStreams).toBe(1);
    call.stream.end();
    expect((await call.ended).code).toBe(status.OK);
    expect(journal).toEqual([...members, "closed"]);
    expect(edge.openStreams).toBe(0);
  });

  test("gives the session the initial metadata", async () => {
    const seen: unknown[] = [];
    const { client } = await edgeWith((message, outlet, opening) => {
      seen.push(opening.metadata("x-tollgate-policy"), opening.metadata("x-none"));
      answer(message, outlet);
    });
    await new Call(client, { "x-tollgate-policy": '{"a":1}' }).send(requestHeaders).answered(1);
    expect(seen).toEqual(['{"a":1}', undefined]);
  });

  test("has no value for metadata that is not ASCII, and lives on", async () => {
    const seen: unknown[] = [];
    const { edge } = await edgeWith((message, outlet, opening) => {
      seen.push(opening.metadata("x-policy"), opening.metadata("x-role"));
      answer(message, outlet);
    });
    const session = connect(`http://${edge.address}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/envoy.service.ext_proc.v3.ExternalProcessor/Process",
      "content-type": "application/grpc",
      "x-policy": Buffer.from("Zoë").toString("latin1"),
      "x-role": "exchange",
    });
    stream.write(Buffer.from([0, 0, 0, 0, 2, 0x12, 0x00]));
    await new Promise((resolve) => stream.once("data", resolve));
    session.destroy();
    expect(seen).toEqual([undefined, "exchange"]);
  });

  test.each([
    ["accents", Buffer.from('jwt:{"name":"Zoë 🦊"}'), 'jwt:{"name":"Zo\\u00eb \\ud83e\\udd8a"}'],
    ["plain text", Buffer.from('jwt:{"name":"Zo"}'), 'jwt:{"name":"Zo"}'],
    ["bytes that are no text", Buffer.from([0x6a, 0x77, 0x74, 0x3a, 0xff, 0xfe]), undefined],
  ])("has claims with %s", async (_, bytes, expected) => {
    const seen: unknown[] = [];
    const { edge } = await edgeWith((message, outlet, opening) => {
      seen.push(opening.metadata("x-tollgate-jwt"));
      answer(message, outlet);
    });
    const session = connect(`http://${edge.address}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/envoy.service.ext_proc.v3.ExternalProcessor/Process",
      "content-type": "application/grpc",
      "x-tollgate-jwt": bytes.toString("latin1"),
    });
    stream.write(Buffer.from([0, 0, 0, 0, 2, 0x12, 0x00]));
    await new Promise((resolve) => stream.once("data", resolve));
    session.destroy();
    expect(seen).toEqual([expected]);
  });

  test("is not received from again before the session's promise has settled", async () => {
    let inside = 0;
    let most = 0;
    const { client, journal } = await edgeWith(async (message, outlet) => {
      most = Math.max(most, ++inside);
      await pause(5);
      inside--;
      answer(message, outlet);
    });
    const call = new Call(client).send(...wholeExchange);
    await call.answered(5);
    expect(most).toBe(1);
    expect(journal.slice(0, 5)).toEqual(call.answers.map((plain) => Object.keys(plain)[0]));
  });

  test("takes thousands of small messages that came at once", async () => {
    const { client } = await edgeWith(answer);
    const call = new Call(client).send(...Array(5_000).fill(responseBody("")));
    expect(await call.answered(5_000)).toHaveLength(5_000);
  }, 30_000);

  test("holds back what a busy session has not asked for", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client, journal } = await edgeWith(async (message, outlet) => {
      await gate;
      answer(message, outlet);
    });
    const call = new Call(client);
    let written = 0;
    for (let i = 0; i < 200; i++) {
      call.stream.write(requestBody(Buffer.alloc(65_536)), () => {
        written++;
      });
    }
    await pause(200);
    expect(journal).toEqual(["request_body"]);
    expect(written).toBeLessThan(20);
    release();
    await call.answered(200);
    expect(written).toBe(200);
  });
});
