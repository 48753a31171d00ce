import { Client, credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { stream } from "../harness/upstream-answers.ts";
import { completion, completionPieces, failing, messagePieces, paced } from "./answers.ts";
import { chat, exchangeOf, hostPolicy, routePolicy } from "./calls.ts";

// SIGTERM: health says so at once, what is under way finishes, then the process ends.

let running: RunningGateway;

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    policy: hostPolicy,
    routePolicy,
  });
});

afterAll(() => running?.stop());

/** `grpc.health.v1.Health/Check` of the whole server: 1 serving, 2 not serving. */
function health(client: Client): Promise<number> {
  const bytes = (value: Buffer): Buffer => value;
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, answer?: Buffer): void => {
      if (error !== null) reject(error);
      else resolve(answer?.[1] ?? 0);
    };
    client.makeUnaryRequest("/grpc.health.v1.Health/Check", bytes, bytes, Buffer.alloc(0), done);
  });
}

const ready = async (): Promise<number> => (await fetch(`http://${running.tollgate.admin}/readyz`)).status;

test("drains", async () => {
  const client = new Client(running.tollgate.listen, credentials.createInsecure());
  expect([await health(client), await ready()]).toEqual([1, 200]);

  const words = Array.from({ length: 12 }, (_, index) => ` word${index}`);
  running.upstream("openai").respondWith([stream(paced(completionPieces(words), 100)), failing(503)]);
  running.upstream("claude").respondWith(() => stream(paced(messagePieces(words), 100)));
  const response = await chat(running, "openai-draining", { stream: true });
  const body = response.text();
  const failingOver = chat(running, "both-draining", { stream: true });
  await running.upstream("openai").request(1);

  const stopped = running.tollgate.stop();
  await running.tollgate.log.find((line) => line["msg"] === "draining");
  expect([await health(client), await ready()]).toEqual([2, 503]);
  client.close();

  const text = await body;
  expect(text).toContain("word11");
  expect(text).toContain("data: [DONE]");
  const second = await failingOver;
  expect(second.headers.get("x-tollgate-attempts")).toBe("openai;503, claude;200");
  expect(await second.text()).toContain("data: [DONE]");
  await stopped;
  expect(await exchangeOf(running, "openai-draining")).toMatchObject({ outcome: "finished" });
  expect(await exchangeOf(running, "both-draining")).toMatchObject({ outcome: "finished", attempts: 2 });
  expect(running.tollgate.logs().at(-1)).toMatchObject({ msg: "stopped" });
});

test("after it, the route is closed", async () => {
  running.upstream("openai").respondWith(() => completion("hi"));
  const before = running.upstream("openai").requests.length;
  expect((await chat(running, "openai-after")).status).toBe(500);
  expect(running.upstream("openai").requests.length).toBe(before);
});
