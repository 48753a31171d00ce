import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import type { Outlet } from "../../../src/extproc/session.ts";
import { WireError } from "../../../src/extproc/wire/error.ts";
import { answer, Call, edgeWith, pause, requestBody, requestHeaders, until } from "./edge-client.ts";

describe("the end", () => {
  const ways: Array<[string, (outlet: Outlet) => void | Promise<void>, number]> = [
    ["end()", (outlet) => outlet.end(), status.OK],
    [
      "end() after an answer",
      (outlet) => [outlet.send({ kind: "request_headers" }), outlet.end()] as never,
      status.OK,
    ],
    ["fail()", (outlet) => outlet.fail("no such thing: \ud800ö"), status.INTERNAL],
    ["end() after a while", (outlet) => pause(5).then(() => outlet.end()), status.OK],
    ["end(), then all else", (outlet) => [outlet.end(), outlet.fail("x"), outlet.end()] as never, status.OK],
  ];
  test.each(ways)("%s closes the session once; what is sent after it is ignored", async (_, act, code) => {
    const { client, journal, defects } = await edgeWith((_message, outlet) => {
      const pending = act(outlet);
      const after = (): void => outlet.send({ kind: "request_body" });
      if (pending instanceof Promise) return pending.then(after);
      after();
    });
    const call = new Call(client).send(requestHeaders, requestBody("{}"));
    expect((await call.ended).code).toBe(code);
    await pause(10);
    expect(journal).toEqual(["request_headers", "closed"]);
    expect(call.answers.map((plain) => Object.keys(plain)[0])).not.toContain("request_body");
    expect(defects).toEqual([]);
  });

  const boom = new Error("boom: sk-secret");
  const throws: Array<[string, () => void | Promise<void>]> = [
    [
      "a throw",
      () => {
        throw boom;
      },
    ],
    ["a rejection", () => Promise.reject(boom)],
    ["a late rejection", () => pause(5).then(() => Promise.reject(boom))],
  ];
  test.each(throws)("%s is reported, fails the stream and tells Envoy nothing", async (_, act) => {
    const { client, journal, defects } = await edgeWith(act);
    const ended = await new Call(client).send(requestHeaders, requestBody("{}")).ended;
    expect(ended.code).toBe(status.INTERNAL);
    expect(ended.details).toBe("internal error");
    expect(defects).toEqual([boom]);
    await until(() => journal.includes("closed"));
    expect(journal).toEqual(["request_headers", "closed"]);
  });

  test("a session that cannot be opened, or throws when closed, is reported too", async () => {
    const { client, defects, edge } = await edgeWith(answer, {
      openSession: () => {
        throw boom;
      },
    });
    expect((await new Call(client).send(requestHeaders).ended).code).toBe(status.INTERNAL);
    expect([defects, edge.openStreams]).toEqual([[boom], 0]);
    const other = await edgeWith(answer, {
      openSession: (_opening, outlet) => ({
        receive: () => outlet.end(),
        closed: () => {
          throw boom;
        },
      }),
    });
    expect((await new Call(other.client).send(requestHeaders).ended).code).toBe(status.OK);
    expect([other.defects, other.edge.openStreams]).toEqual([[boom], 0]);
  });

  test("an answer that cannot be encoded is a defect", async () => {
    const { client, defects } = await edgeWith((_, outlet) => {
      outlet.send({ kind: "request_trailers", body: Buffer.from("x") });
    });
    expect((await new Call(client).send(requestHeaders).ended).code).toBe(status.INTERNAL);
    expect(defects).toEqual([expect.any(TypeError)]);
  });

  test("bytes that are no message are a WireError", async () => {
    const { client, defects, journal } = await edgeWith(answer);
    const call = new Call(client);
    const raw = client.makeBidiStreamRequest(
      "/envoy.service.ext_proc.v3.ExternalProcessor/Process",
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    );
    raw.on("error", () => undefined);
    const ended = new Promise<{ code: number }>((resolve) => raw.once("status", resolve));
    raw.resume();
    raw.write(Buffer.from([0x12, 0x7f]));
    expect((await ended).code).toBe(status.INTERNAL);
    expect(defects).toEqual([expect.any(WireError)]);
    expect(await call.send(requestHeaders).answered(1)).toHaveLength(1);
    expect(journal).toEqual(["closed", "request_headers"]);
  });

  test("half-close is heard while the session is busy", async () => {
    const { client, journal } = await edgeWith(() => new Promise(() => undefined));
    const call = new Call(client).send(requestHeaders);
    call.stream.end();
    expect((await call.ended).code).toBe(status.OK);
    expect(journal).toEqual(["request_headers", "closed"]);
  });
});
