/** What a real Envoy verifies of a caller, and how it reaches Tollgate: tokens and client certificates. */
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json/types.ts";
import { holder } from "../facts/configuration.ts";
import { gateway, type RunningGateway } from "../harness/gateway.ts";
import { json } from "../harness/upstream-answers.ts";
import { token, verifyTokens } from "./tokens.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
const read = (name: string) => readFileSync(fixture(name), "utf8");

const completion = json({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_760_000_000,
  model: "gpt-4o",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

const backOff = { baseInterval: "0.001s", maxInterval: "0.002s" };
const route = (name: string, identity: JsonObject) =>
  ({ kind: "gated", name, prefix: `/${name}/v1/`, policy: { identity }, retry: { backOff } }) as const;

/** Asks the listener for a client's certificate, and demands none. In place. */
function askForCertificates(config: JsonObject): void {
  const chain = holder(config, "filters");
  chain["transport_socket"] = {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
      common_tls_context: {
        tls_certificates: [
          {
            certificate_chain: { filename: fixture("server.pem") },
            private_key: { filename: fixture("server.key") },
          },
        ],
        validation_context: { trusted_ca: { filename: fixture("ca.pem") } },
      },
    },
  };
}

interface Reply {
  readonly status: number;
  readonly reason: string | undefined;
  readonly body: string;
}

let running: RunningGateway;
let calls = 0;

/** The reply, and the line that Tollgate logs of the call. */
async function call(
  path: string,
  {
    bearer,
    client,
    headers = {},
  }: { bearer?: string; client?: string; headers?: Record<string, string> } = {},
): Promise<{ reply: Reply; line: JsonObject }> {
  const model = `gpt-${++calls}`;
  const reply = await new Promise<Reply>((resolve, reject) => {
    const sent = request(
      {
        ...{
          host: "127.0.0.1",
          port: running.envoy.port,
          path: `/${path}/v1/chat/completions`,
          method: "POST",
        },
        ca: read("ca.pem"),
        ...(client !== undefined && { cert: read(`${client}.pem`), key: read(`${client}.key`) }),
        agent: false,
        headers: {
          "content-type": "application/json",
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => {
          const reason = response.headers["x-tollgate-reason"];
          resolve({ status: response.statusCode ?? 0, reason: reason?.toString(), body });
        });
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }));
  });
  const seen = calls;
  const line = await running.tollgate.log.find(({ msg }) => msg === "exchange" && exchanges().length >= seen);
  return { reply, line: exchanges().at(-1) ?? line };
}

const exchanges = () => running.tollgate.logs().filter(({ msg }) => msg === "exchange");

beforeAll(async () => {
  running = await gateway({
    clusters: [{ name: "openai", script: () => completion }],
    policy: { targets: { openai: { provider: "openai" } } },
    routes: [
      route("token", { app: [{ jwt: "sub" }], department: [{ jwt: "realm_access.team" }], require: "jwt" }),
      route("named", { app: [{ jwt: "name" }, { value: "nobody" }] }),
      route("certificate", { app: [{ cert: "san" }], department: [{ cert: "subject" }], require: "cert" }),
      route("workload", { app: [{ cert: "san" }], department: [{ cert: "fingerprint" }], require: ["app"] }),
    ],
    configure: (config) => {
      verifyTokens(config);
      askForCertificates(config);
    },
  });
});

afterAll(() => running?.stop());

describe("a token", () => {
  const claims = { sub: "ada", name: "Zoë 山田", realm_access: { team: "blue" } };

  test("that is verified says who calls, however its names are written", async () => {
    const { reply, line } = await call("token", { bearer: token(claims) });
    expect(reply.status).toBe(200);
    expect(line).toMatchObject({ route: "token", app: "ada", department: "blue" });
    const named = await call("named", { bearer: token(claims) });
    expect(named.line).toMatchObject({ app: "Zoë 山田" });
  });

  test.each<[string, () => string | undefined]>([
    ["is not there", () => undefined],
    ["somebody else has signed", () => token(claims, "stranger")],
    ["has expired", () => token({ ...claims, exp: 1_700_000_000 })],
    ["is none", () => "abc.def.ghi"],
  ])("that %s says nothing", async (_, make) => {
    const bearer = make();
    const { reply } = await call("token", bearer === undefined ? {} : { bearer });
    expect([reply.status, reply.reason]).toEqual([401, "unknown_caller"]);
    expect(JSON.parse(reply.body)).toMatchObject({
      error: { message: "a valid token is required", code: "invalid_api_key" },
    });
    const open = await call("named", bearer === undefined ? {} : { bearer });
    expect([open.reply.status, open.line["app"]]).toEqual([200, "nobody"]);
  });

  test("cannot be brought by a header of the client's", async () => {
    const { reply } = await call("token", { headers: { "x-tollgate-jwt": 'jwt:{"sub":"root"}' } });
    expect([reply.status, reply.reason]).toEqual([401, "unknown_caller"]);
  });

  test("does not reach the provider", async () => {
    const bearer = token(claims);
    await call("token", { bearer });
    const sent = running.upstream("openai").requests.at(-1);
    expect(JSON.stringify(sent?.headers)).not.toContain(bearer.split(".")[2]);
  });
});

describe("a certificate", () => {
  test("that is verified says who calls", async () => {
    const { reply, line } = await call("certificate", { client: "billing" });
    expect(reply.status).toBe(200);
    expect(line).toMatchObject({
      app: "spiffe://acme.test/billing",
      department: "CN=billing,OU=Gr\\C3\\B6\\C3\\9Fe,O=Acme",
    });
  });

  test("has a fingerprint", async () => {
    const { line } = await call("workload", { client: "billing" });
    const der = new X509Certificate(read("billing.pem")).raw;
    expect(line).toMatchObject({ department: createHash("sha256").update(der).digest("hex") });
  });

  test("without a name of the kind that is asked for says less", async () => {
    const known = await call("certificate", { client: "nameless" });
    expect([known.reply.status, known.line["app"], known.line["department"]]).toEqual([
      200,
      undefined,
      "CN=nameless",
    ]);
    const { reply } = await call("workload", { client: "nameless" });
    expect([reply.status, reply.reason]).toEqual([401, "unknown_caller"]);
  });

  test("that is not there says nothing", async () => {
    const { reply } = await call("certificate");
    expect([reply.status, reply.reason]).toEqual([401, "unknown_caller"]);
    expect(JSON.parse(reply.body)).toMatchObject({ error: { message: "a client certificate is required" } });
  });

  test("of a stranger gets no connection", async () => {
    const before = exchanges().length;
    await expect(call("certificate", { client: "stranger" })).rejects.toThrow();
    calls -= 1;
    expect(exchanges()).toHaveLength(before);
  });
});
