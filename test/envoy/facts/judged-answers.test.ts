import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProcessingRequest } from "../../../src/extproc/messages.ts";
import type { OpenSession, Outlet } from "../../../src/extproc/session.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { completion } from "./answers.ts";
import { chat } from "./calls.ts";
import { rewire } from "./configuration.ts";
import { ScriptedProcessor } from "./scripted-processor.ts";

// Escalation by an answer's quality (fact 5). Tollgate does not judge yet: a scripted processor shows that the wiring
// lets it, with every stream of the exchange its own.

const processor = new ScriptedProcessor();
let running: RunningGateway;
const exchangeSaw: string[] = [];
const judged: string[] = [];

const sessions: OpenSession = (opening, outlet) => {
  const receive = opening.metadata("x-tollgate-role") === "attempt" ? judge(outlet) : exchange(outlet);
  return { receive, closed: () => undefined };
};

/** Two targets, and a judge for every attempt. */
function exchange(outlet: Outlet): (message: ProcessingRequest) => void {
  return ({ kind, body }) => {
    if (kind === "unknown") throw new Error("unknown message");
    if (kind === "response_body") exchangeSaw.push(Buffer.from(body).toString());
    if (kind !== "request_body") return outlet.send({ kind });
    const groups = ["openai", "claude"].map((cluster) => ({
      name: cluster,
      clusters: [{ cluster_name: cluster, weight: 1 }],
    }));
    outlet.send({
      kind,
      headers: { set: [["x-tollgate-judge", "1"]] },
      clearRouteCache: true,
      dynamicMetadata: { "tollgate.targets": { priority_groups: groups } },
    });
  };
}

/** An answer with the word `poor` in it is none. */
function judge(outlet: Outlet): (message: ProcessingRequest) => void {
  return ({ kind, body }) => {
    if (kind === "unknown") throw new Error("unknown message");
    const text = Buffer.from(body).toString();
    if (kind === "response_body") judged.push(text);
    const poor = kind === "response_body" && text.includes("poor");
    outlet.send({ kind, ...(poor && { headers: { set: [[":status", "503"]] } }) });
  };
}

beforeAll(async () => {
  processor.openSession = sessions;
  await processor.start();
  running = await gateway({
    clusters: [{ name: "openai" }, { name: "claude" }],
    routePolicy: {},
    configure: (config) => {
      rewire(config, "exchange", processor.address);
      rewire(config, "attempt", processor.address);
    },
  });
});

afterAll(async () => {
  await running?.stop();
  await processor.stop();
});

test("a poor answer is retried at the next target; the exchange only sees the one that counts", async () => {
  running.upstream("openai").respondWith([completion("poor")]);
  running.upstream("claude").respondWith([completion("rich")]);
  const response = await chat(running, "any");
  expect(response.status).toBe(200);
  expect(await response.text()).toContain("rich");
  expect(judged.map((text) => /poor|rich/.exec(text)?.[0])).toEqual(["poor", "rich"]);
  expect(exchangeSaw.join("")).toContain("rich");
  expect(exchangeSaw.join("")).not.toContain("poor");
});

test("a good answer is asked for once", async () => {
  const before = running.upstream("claude").requests.length;
  running.upstream("openai").respondWith([completion("rich")]);
  expect(await (await chat(running, "any")).text()).toContain("rich");
  expect(running.upstream("claude").requests.length).toBe(before);
});
