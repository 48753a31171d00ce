/** Calls that name no model: where they go, with which path, and what is recorded of them. */
import { describe, expect, it } from "vitest";
import { callPath, isAmbiguous } from "../../../src/exchange/call-path.ts";
import { InFlight } from "../../../src/exchange/inflight.ts";
import type { ContinueResponse, ImmediateResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { TargetSettings } from "../../../src/providers/provider.ts";
import { exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

const policy: JsonObject = {
  targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" } },
  models: { "gpt-*": { targets: [{ cluster: "openai" }] } },
  calls: {
    "/v1/files*": { cluster: "openai" },
    "/v1/files/claude-*": { cluster: "claude" },
    "/v1/messages/batches*": { cluster: "claude" },
  },
};

function opened(fields: Readonly<Record<string, string>>, routePolicy: JsonObject = policy, overrides = {}) {
  const place = workplace(overrides);
  const stream = new Stream(place.services, exchangeMetadata(routePolicy));
  const say = () =>
    stream.say("request_headers", {
      headers: headers({ ":method": "GET", "x-request-id": "req-1", ...fields }),
      endOfStream: fields[":method"] === undefined,
    });
  return { place, stream, say };
}

async function verdictOn(fields: Readonly<Record<string, string>>) {
  const { say } = opened(fields);
  const [verdict] = await say();
  return verdict as ContinueResponse;
}

function clusterOf(verdict: ContinueResponse): unknown {
  return verdict.dynamicMetadata?.["tollgate.targets"];
}

const groups = (cluster: string) => ({
  priority_groups: [{ name: "0", clusters: [{ cluster_name: cluster, weight: 1 }] }],
});

describe("the verdict on the headers", () => {
  it("sends the call to its cluster and its body past us", async () => {
    const verdict = await verdictOn({ ":method": "POST", ":path": "/v1/files" });
    expect(verdict).toMatchObject({
      kind: "request_headers",
      clearRouteCache: true,
      modeOverride: { responseHeaders: "SEND", requestBody: "NONE", responseBody: "NONE" },
    });
    expect(verdict).not.toHaveProperty("body");
    expect(clusterOf(verdict)).toEqual(groups("openai"));
    expect(verdict.dynamicMetadata?.["tollgate"]).toEqual({ exchange: "passed" });
    expect(verdict.headers?.set).toEqual([
      ["x-tollgate-path", "/v1/files"],
      ["x-envoy-max-retries", "0"],
    ]);
  });

  it.each([
    ["GET", false],
    ["HEAD", false],
    ["POST", true],
    ["DELETE", true],
    ["PUT", true],
  ])("lets Envoy's retries be for %s; stopped: %s", async (method, isStopped) => {
    const verdict = await verdictOn({ ":method": method, ":path": "/v1/files/file-1" });
    const names = (verdict.headers?.set ?? []).map(([name]) => name);
    expect(names.includes("x-envoy-max-retries")).toBe(isStopped);
  });

  it("removes credentials, forged headers and knobs, and leaves the rest", async () => {
    const verdict = await verdictOn({
      ":path": "/v1/files",
      authorization: "Bearer client",
      "x-api-key": "client",
      cookie: "a=b",
      "x-tollgate-path": "/evil",
      "x-envoy-retry-on": "5xx",
      "anthropic-beta": "files-api-2025-04-14",
      "openai-beta": "assistants=v2",
      "accept-encoding": "gzip",
      "content-type": "multipart/form-data; boundary=b",
    });
    expect([...(verdict.headers?.remove ?? [])].sort()).toEqual([
      "anthropic-beta",
      "authorization",
      "cookie",
      "x-api-key",
      "x-envoy-retry-on",
      "x-tollgate-path",
    ]);
  });

  it("keeps the headers of the target's own protocol", async () => {
    const verdict = await verdictOn({
      ":path": "/v1/messages/batches",
      "anthropic-version": "2023-06-01",
      "openai-beta": "x",
    });
    expect(clusterOf(verdict)).toEqual(groups("claude"));
    expect(verdict.headers?.remove).toEqual(["openai-beta"]);
  });

  it("follows the longest pattern", async () => {
    expect(clusterOf(await verdictOn({ ":path": "/v1/files/claude-7" }))).toEqual(groups("claude"));
    expect(clusterOf(await verdictOn({ ":path": "/v1/files/gpt-7" }))).toEqual(groups("openai"));
  });

  it("keeps the query but for a key in it", async () => {
    const plain = await verdictOn({ ":path": "/v1/files?limit=5&after=file-1" });
    expect(plain.headers?.set).toEqual([["x-tollgate-path", "/v1/files"]]);
    const secret = await verdictOn({ ":path": "/v1/files?limit=5&key=secret" });
    expect(secret.headers?.set).toContainEqual([":path", "/v1/files?limit=5"]);
    expect(JSON.stringify(secret.headers)).not.toContain("secret");
  });
});

describe("what comes of it", () => {
  it("is recorded when the answer's headers come, and nothing more is heard", async () => {
    const { place, stream, say } = opened({ ":path": "/v1/files" });
    await say();
    expect(place.services.inFlight.size).toBe(1);
    const [answer] = await stream.say("response_headers", {
      headers: headers({ ":status": "200", "x-envoy-attempt-count": "2" }),
      attributes: { "response.code_details": "via_upstream", "xds.cluster_name": "openai" },
    });
    expect(answer).toMatchObject({
      kind: "response_headers",
      headers: { set: [["x-tollgate-target", "openai"]] },
      dynamicMetadata: {
        tollgate: { operation: "pass", target: "openai", provider: "openai" },
      },
    });
    expect(stream.ended).toBe(true);
    stream.close();
    expect(place.records).toHaveLength(1);
    expect(place.records[0]).toMatchObject({
      outcome: "finished",
      status: 200,
      operation: "pass",
      route: "gated",
      cluster: "openai",
      provider: "openai",
      attempts: 2,
      clientDialect: undefined,
      modelAsked: undefined,
      costNanoUsd: 0,
      costSource: "unknown",
    });
    expect(place.records[0]?.id).toMatch(/^req-1-/);
    expect(place.records[0]?.durationMs).toBeGreaterThan(0);
    expect(place.services.inFlight.size).toBe(0);
  });

  it("is recorded once when the client hangs up before", async () => {
    const { place, stream, say } = opened({ ":method": "POST", ":path": "/v1/files" });
    await say();
    stream.close();
    stream.close();
    expect(place.records).toMatchObject([{ outcome: "cancelled", status: 0, operation: "pass" }]);
    expect(place.services.inFlight.size).toBe(0);
  });

  it("is told in the client's words when Envoy answers by itself", async () => {
    const { place, stream, say } = opened({
      ":path": "/v1/messages/batches",
      "anthropic-version": "2023-06-01",
    });
    await say();
    const [answer] = await stream.say("response_headers", {
      headers: headers({ ":status": "503", "content-type": "text/plain" }),
      attributes: { "response.code_details": "no_healthy_upstream" },
    });
    const reply = answer as ImmediateResponse;
    expect([reply.kind, reply.status]).toEqual(["immediate", 503]);
    expect(JSON.parse(text(reply.body))).toMatchObject({ type: "error", error: { type: "api_error" } });
    expect(place.records).toMatchObject([
      { outcome: "local-reply", status: 503, reason: "no_healthy_upstream" },
    ]);
  });

  it("is not what another cluster says", async () => {
    const { place, stream, say } = opened({ ":path": "/v1/files" });
    await say();
    const [answer] = await stream.say("response_headers", {
      headers: headers({ ":status": "200" }),
      attributes: { "response.code_details": "via_upstream", "xds.cluster_name": "elsewhere" },
    });
    expect(answer).toMatchObject({ kind: "immediate", status: 502 });
    expect(place.notices).toEqual(["gated: elsewhere answered what was meant for openai"]);
    expect(place.records).toMatchObject([{ outcome: "local-reply", status: 502 }]);
  });

  it("is a refusal when there is no room", async () => {
    const { place, stream, say } = opened({ ":path": "/v1/files" }, policy, { inFlight: new InFlight(0) });
    const [answer] = await say();
    expect(answer).toMatchObject({ kind: "immediate", status: 503 });
    expect(stream.ended).toBe(true);
    stream.close();
    expect(place.records).toMatchObject([{ outcome: "refused", status: 503, reason: "too_many_exchanges" }]);
    expect(place.services.inFlight.size).toBe(0);
  });

  it("counts against the limit that exchanges share", async () => {
    const inFlight = new InFlight(1);
    const { say } = opened({ ":path": "/v1/files" }, policy, { inFlight });
    await say();
    expect(inFlight.enter()).toBe(false);
  });
});

describe("a call that no pattern matches", () => {
  const ask = async (fields: Readonly<Record<string, string>>, routePolicy: JsonObject) => {
    const { say, place } = opened(fields, routePolicy);
    const [answer] = await say();
    return { answer, place };
  };

  it("is refused once there are patterns, or an empty list of them", async () => {
    for (const calls of [policy["calls"] as JsonObject, {}]) {
      const { answer, place } = await ask({ ":path": "/v1/containers?limit=1" }, { ...policy, calls });
      expect(place.records).toMatchObject([
        { outcome: "refused", status: 404, reason: "call_not_served", operation: "pass", route: "gated" },
      ]);
      const reply = answer as ImmediateResponse;
      expect(reply.status).toBe(404);
      expect(JSON.parse(text(reply.body))).toMatchObject({
        error: { message: 'GET "/v1/containers" is not served here' },
      });
    }
  });

  it("passes as it came where the policy says nothing of the kind", async () => {
    const { calls: _, ...without } = policy;
    const { answer, place } = await ask({ ":path": "/v1/containers" }, without);
    expect(answer).toMatchObject({ modeOverride: { responseHeaders: "SKIP" } });
    expect(place.records).toMatchObject([{ outcome: "passed-through", operation: undefined }]);
  });

  it("may still be one of a model", async () => {
    const { answer } = await ask({ ":method": "POST", ":path": "/v1/chat/completions" }, policy);
    expect(answer).toMatchObject({ modeOverride: { requestBody: "BUFFERED" } });
  });
});

describe("paths that some server might read as others", () => {
  it.each([
    "/v1/files/../chat/completions",
    "/v1/files/./x",
    "/v1/files/..",
    "/v1/files//x",
    "/v1/files/",
    "/v1/files/%2e%2e/chat/completions",
    "/v1/files/%2E./x",
    "/v1/files%2f..%2fchat",
    "/v1/files/..%5cchat",
    "/v1/files\\..\\chat",
    "/v1/files;x/y",
    "/v1/files/%252e%252e/x",
  ])("%s", (path) => expect(isAmbiguous(path)).toBe(true));

  it.each([
    "/v1/files",
    "/v1/files/file-abc.jsonl",
    "/v1/files/file-1/content",
    "/v1/files/a%20b",
    "/v1/fine_tuning/jobs/ftjob-1/checkpoints/ft:ckpt:1/permissions",
    "/v1/files/..x",
  ])("%s is plain", (path) => expect(isAmbiguous(path)).toBe(false));
});

describe("the path at the target", () => {
  it.each<[string, Partial<TargetSettings> & { provider: string }, string, string]>([
    ["/v1/files/f", { provider: "openai" }, "/v1/files/f", "/v1/files/f"],
    ["/llm/v1/files/f", { provider: "openai" }, "/v1/files/f", "/llm/v1/files/f"],
    ["/v1/files?a=1", { provider: "groq" }, "/openai/v1/files", "/v1/files?a=1"],
    ["/v1/files/v2/x", { provider: "openai", basePath: "/proxy" }, "/proxy/files/v2/x", "/v1/files/v2/x"],
    ["/v1/files", { provider: "openai-compatible", basePath: "" }, "/files", "/v1/files"],
    ["/v1/files", { provider: "azure-openai" }, "/openai/v1/files", "/v1/files"],
    [
      "/v1/files?limit=1&api-version=old",
      { provider: "azure-openai", apiVersion: "2025-04-01-preview" },
      "/openai/files",
      "/v1/files?limit=1&api-version=2025-04-01-preview",
    ],
    [
      "/v1/files",
      { provider: "azure-openai-responses", apiVersion: "v" },
      "/openai/files",
      "/v1/files?api-version=v",
    ],
    ["/v1/messages/batches/b", { provider: "anthropic" }, "/v1/messages/batches/b", "/v1/messages/batches/b"],
    ["/v1beta/files?key=secret", { provider: "google" }, "/v1beta/files", "/v1beta/files"],
    ["/v1/batches", { provider: "mistral" }, "/v1/batches", "/v1/batches"],
    ["/v2/batches", { provider: "cohere" }, "/v2/batches", "/v2/batches"],
    [
      "/v1/datasets",
      { provider: "cohere", basePath: "/p/compatibility/v1" },
      "/p/v1/datasets",
      "/v1/datasets",
    ],
    [
      "/v1/files",
      { provider: "cloudflare-workers-ai", account: "0123" },
      "/client/v4/accounts/0123/ai/v1/files",
      "/v1/files",
    ],
  ])("of %s at %o", (path, settings, target, own) => {
    expect(callPath(path, { pattern: "*", cluster: "c", settings })).toEqual({ target, own });
  });
});
