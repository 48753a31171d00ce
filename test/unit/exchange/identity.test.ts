/** Who calls: what a policy demands of callers, and what becomes known of them. */
import { describe, expect, it, test } from "vitest";
import { HeaderList } from "../../../src/extproc/headers.ts";
import type { ImmediateResponse, ProcessingResponse } from "../../../src/extproc/messages.ts";
import { keyFrom, type VirtualKey } from "../../../src/identity/virtual-key.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import type { KeyVerdict } from "../../../src/keys/known-keys.ts";
import { virtualKey } from "../identity/evidence.ts";
import { bytes, exchangeMetadata, headers, Stream, text, twoProviders, workplace } from "./script.ts";

const secret = keyFrom(Buffer.alloc(32, 1));
const key: VirtualKey = virtualKey({
  id: "key_1",
  tenant: "acme",
  app: "billing",
  user: "ada",
  department: "finance",
  plan: "gold",
  tags: { team: "blue" },
  limits: { requests: 5 },
});
const byKey: JsonObject = {
  tenant: [{ key: "tenant" }],
  app: [{ key: "app" }],
  user: [{ key: "user" }, { header: "x-user-id" }],
  department: [{ key: "department" }],
  plan: [{ key: "plan" }, { value: "free" }],
};
const evidence = {
  "x-tollgate-jwt": "jwt:",
  "x-tollgate-cert-subject": "subject:",
  "x-tollgate-cert-san": "san:",
  "x-tollgate-cert-fingerprint": "fingerprint:",
};

interface Call {
  readonly identity?: JsonObject;
  /** More of the policy. */
  readonly policy?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly method?: string;
  readonly metadata?: Readonly<Record<string, string | undefined>>;
  readonly verdict?: KeyVerdict | Promise<KeyVerdict>;
}

function open({ identity, policy: more, metadata = {}, verdict = { kind: "unknown" } }: Call) {
  const asked: string[] = [];
  const find = (presented: string) => {
    asked.push(presented);
    return verdict;
  };
  const place = workplace({ keys: { find } });
  const policy = { ...twoProviders, ...(identity && { identity }), ...more };
  const opening = Object.entries({ ...exchangeMetadata(policy), ...evidence, ...metadata });
  const known = opening.filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { ...place, asked, stream: new Stream(place.services, Object.fromEntries(known)) };
}

async function call(options: Call) {
  const opened = open(options);
  const { method = "POST", path = "/v1/chat/completions" } = options;
  const [answer] = await opened.stream.say("request_headers", {
    headers: headers({ ":method": method, ":path": path, ...options.headers }),
    endOfStream: method === "GET",
  });
  return { ...opened, answer };
}

function reply(answer: ProcessingResponse | undefined): ImmediateResponse {
  if (answer?.kind !== "immediate") throw new Error(`no reply but ${answer?.kind}`);
  return answer;
}

const bodyOf = (answer: ProcessingResponse | undefined) => JSON.parse(text(reply(answer).body)) as JsonObject;
const reasonOf = (answer: ProcessingResponse | undefined) =>
  new Map(reply(answer).headers?.set).get("x-tollgate-reason");
const bearer = { authorization: `Bearer ${secret}` };

describe("a caller that must be known and is not", () => {
  it.each<[string, string, Record<string, string>, JsonObject]>([
    [
      "OpenAI's",
      "/v1/chat/completions",
      {},
      {
        error: {
          message: "an API key of this gateway is required",
          type: "invalid_request_error",
          param: null,
          code: "invalid_api_key",
        },
      },
    ],
    [
      "Anthropic's",
      "/v1/messages",
      { "anthropic-version": "2023-06-01" },
      {
        type: "error",
        error: { type: "authentication_error", message: "an API key of this gateway is required" },
      },
    ],
    [
      "Gemini's",
      "/v1beta/models/gpt-4o:generateContent",
      {},
      { error: { code: 401, message: "an API key of this gateway is required", status: "UNAUTHENTICATED" } },
    ],
  ])("is told so in %s words", async (_, path, more, expected) => {
    const { answer, records, stream, services } = await call({
      identity: { require: "key" },
      path,
      headers: more,
    });
    expect(reply(answer).status).toBe(401);
    expect(bodyOf(answer)).toMatchObject(expected);
    expect(reasonOf(answer)).toBe("unknown_caller");
    expect(stream.ended).toBe(true);
    expect(records).toMatchObject([{ outcome: "refused", status: 401, reason: "unknown_caller" }]);
    expect(services.inFlight.size).toBe(0);
  });

  it.each<[string, JsonObject, string]>([
    ["a token", { require: "jwt" }, "a valid token is required"],
    ["a certificate", { require: "cert" }, "a client certificate is required"],
    [
      "a field",
      { user: [{ jwt: "sub" }], require: ["user"] },
      "the user of the caller is not known, and is required here",
    ],
  ])("is told what is missing: %s", async (_, identity, message) => {
    const { answer } = await call({ identity });
    expect(bodyOf(answer)).toMatchObject({ error: { message } });
  });

  it("lists no models", async () => {
    const identity = { require: "key" };
    const path = "/v1/models";
    const refused = await call({ identity, path, method: "GET" });
    expect([reply(refused.answer).status, reasonOf(refused.answer)]).toEqual([401, "unknown_caller"]);
    const known = await call({
      identity,
      path,
      method: "GET",
      headers: bearer,
      verdict: { kind: "good", key },
    });
    expect(bodyOf(known.answer)).toMatchObject({ data: [{ id: "gpt-4o" }, { id: "claude-sonnet-4-5" }] });
  });

  it("gets nowhere by paths that pass through either, and a key does not pass with them", async () => {
    const identity = { require: "key" };
    const refused = await call({ identity, path: "/v1/files" });
    expect([reply(refused.answer).status, reasonOf(refused.answer)]).toEqual([401, "unknown_caller"]);
    const { answer } = await call({
      identity,
      path: "/v1/files",
      headers: { ...bearer, "x-api-key": secret, accept: "*/*" },
      verdict: { kind: "good", key },
    });
    expect(answer).toMatchObject({
      kind: "request_headers",
      headers: { remove: ["authorization", "x-api-key"] },
    });
  });
});

describe("a call that names no model", () => {
  const policy = { calls: { "/v1/files": { cluster: "openai" } } };
  const asked = { identity: { ...byKey, require: "key" }, policy, path: "/v1/files", method: "GET" };

  it("is refused when its caller must be known and is not", async () => {
    const { answer, records, services } = await call(asked);
    expect([reply(answer).status, reasonOf(answer)]).toEqual([401, "unknown_caller"]);
    expect(records).toMatchObject([
      {
        outcome: "refused",
        status: 401,
        reason: "unknown_caller",
        operation: "pass",
        caller: { tenant: "default" },
      },
    ]);
    expect(services.inFlight.size).toBe(0);
  });

  it("has its caller in record and access log, and takes neither key nor name along", async () => {
    const { answer, stream, records } = await call({
      ...asked,
      headers: { ...bearer, "x-user-id": "mallory" },
      verdict: Promise.resolve({ kind: "good", key }),
    });
    expect(answer?.kind === "request_headers" && answer.headers?.remove).toEqual(
      expect.arrayContaining(["authorization", "x-user-id"]),
    );
    const [answered] = await stream.say("response_headers", {
      headers: headers({ ":status": "200" }),
      attributes: { "response.code_details": "via_upstream", "xds.cluster_name": "openai" },
    });
    expect(answered).toMatchObject({ dynamicMetadata: { tollgate: { app: "billing", key_id: "key_1" } } });
    expect(records).toMatchObject([
      { outcome: "finished", caller: { app: "billing", user: "ada", keyId: "key_1" } },
    ]);
  });

  it("whose client hangs up while its key is looked up holds no place", async () => {
    let found: (verdict: KeyVerdict) => void = () => undefined;
    const verdict = new Promise<KeyVerdict>((resolve) => {
      found = resolve;
    });
    const { stream, records, services } = open({ ...asked, verdict });
    const saying = stream.say("request_headers", {
      headers: headers({ ":method": "GET", ":path": "/v1/files", ...bearer }),
    });
    stream.close();
    found({ kind: "good", key });
    await saying;
    expect(records).toMatchObject([{ outcome: "cancelled", caller: { keyId: "key_1" } }]);
    expect(services.inFlight.size).toBe(0);
  });
});

describe("a key that is no good", () => {
  it.each<[string, KeyVerdict, string, string | undefined]>([
    ["unknown", { kind: "unknown" }, "unknown_caller", undefined],
    ["revoked", { kind: "revoked", key }, "key_revoked", "key_1"],
    ["expired", { kind: "expired", key }, "key_expired", "key_1"],
  ])("is refused, also where none is required: %s", async (_, verdict, reason, keyId) => {
    const { answer, records, asked } = await call({ identity: byKey, headers: bearer, verdict });
    expect(reply(answer).status).toBe(401);
    expect(reasonOf(answer)).toBe(reason);
    // The same words for all: they do not tell which keys there are.
    expect(bodyOf(answer)).toMatchObject({ error: { message: "this API key is not valid" } });
    expect(records).toMatchObject([{ reason, caller: { tenant: "default", app: undefined, keyId } }]);
    expect(asked).toEqual([secret]);
    expect(JSON.stringify([answer, records])).not.toContain(secret);
  });

  it("that nobody can check is 503, to be tried again", async () => {
    const { answer } = await call({ identity: byKey, headers: bearer, verdict: { kind: "unavailable" } });
    const sent = new Map(reply(answer).headers?.set);
    expect([reply(answer).status, sent.get("x-tollgate-reason"), sent.get("retry-after")]).toEqual([
      503,
      "keys_unavailable",
      "1",
    ]);
  });
});

describe("a good key", () => {
  const asIs = { identity: byKey, headers: { ...bearer, "x-user-id": "mallory" } };

  it.each<[string, KeyVerdict | Promise<KeyVerdict>]>([
    ["known", { kind: "good", key }],
    ["looked up", Promise.resolve({ kind: "good", key } as const)],
  ])("says who calls: %s", async (_, verdict) => {
    const { answer, stream, records, services } = await call({ ...asIs, verdict });
    expect(answer?.kind).toBe("request_headers");
    const [sent] = await stream.say("request_body", {
      body: bytes({ model: "gpt-4o", messages: [{ role: "user", content: "hi" }] }),
    });
    const removed = sent?.kind === "request_body" ? (sent.headers?.remove ?? []) : [];
    // The client's credential, and what tells who calls.
    expect(removed).toEqual(expect.arrayContaining(["authorization", "x-user-id"]));
    stream.close();
    expect(records).toMatchObject([
      {
        caller: {
          tenant: "acme",
          app: "billing",
          user: "ada",
          department: "finance",
          plan: "gold",
          ip: "192.0.2.7",
          keyId: "key_1",
          keyLimits: { requests: 5 },
          tags: { team: "blue" },
        },
      },
    ]);
    expect(services.inFlight.size).toBe(0);
    expect(JSON.stringify([stream.answers, records])).not.toContain(secret);
  });

  it("is not asked for where the policy has no use for keys", async () => {
    const { answer, asked } = await call({ identity: { user: [{ header: "x-user-id" }] }, headers: bearer });
    expect(answer?.kind).toBe("request_headers");
    expect(asked).toEqual([]);
  });

  it("is in the access log by its id, and its user by a pseudonym", async () => {
    const { stream } = await call({ ...asIs, verdict: { kind: "good", key } });
    const [refused] = await stream.say("request_body", { body: bytes({ model: "none", messages: [] }) });
    expect(reply(refused).dynamicMetadata).toMatchObject({
      tollgate: {
        tenant: "acme",
        app: "billing",
        department: "finance",
        plan: "gold",
        key_id: "key_1",
        // printf %s ada | sha256sum | cut -c1-12
        user_hash: "fdee430d40bd",
      },
    });
  });
});

test.each<[string, Record<string, string>, KeyVerdict | Promise<KeyVerdict>, number]>([
  ["without a key", {}, { kind: "unknown" }, 1],
  ["with a key that is known", bearer, { kind: "good", key }, 1],
  ["with a key that has to be looked up", bearer, Promise.resolve({ kind: "good", key } as const), 0],
])("a call %s: answers in the same turn", async (_, more, verdict, atOnce) => {
  const { stream } = open({ identity: byKey, verdict });
  const saying = stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": "/v1/chat/completions", ...more }),
  });
  expect(stream.answers).toHaveLength(atOnce);
  await saying;
  expect(stream.answers).toHaveLength(1);
});

test("a client that hangs up while its key is looked up is settled, and holds no place", async () => {
  let found: (verdict: KeyVerdict) => void = () => undefined;
  const verdict = new Promise<KeyVerdict>((resolve) => {
    found = resolve;
  });
  const { stream, records, services } = open({ identity: byKey, verdict });
  const saying = stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": "/v1/chat/completions", ...bearer }),
  });
  stream.close();
  expect(records).toEqual([]);
  found({ kind: "good", key });
  await saying;
  expect(records).toMatchObject([{ outcome: "cancelled", status: 0, caller: { keyId: "key_1" } }]);
  expect(services.inFlight.size).toBe(0);
});

describe("what Envoy has verified", () => {
  const record = async (options: Call) => {
    const { stream, records, answer, notices } = await call(options);
    stream.close();
    return { caller: records[0]?.caller, answer, notices };
  };

  it("claims of a token", async () => {
    const identity = { user: [{ jwt: "sub" }], department: [{ jwt: "realm_access.team" }], require: "jwt" };
    const jwt = 'jwt:{"sub":"Zo\\u00eb","realm_access":{"team":"blue"}}';
    const { caller } = await record({ identity, metadata: { "x-tollgate-jwt": jwt } });
    expect(caller).toMatchObject({ user: "Zoë", department: "blue" });
  });

  it("a certificate", async () => {
    const identity = {
      app: [{ cert: "san" }],
      user: [{ cert: "subject" }],
      department: [{ cert: "fingerprint" }],
      require: "cert",
    };
    const { caller } = await record({
      identity,
      metadata: {
        "x-tollgate-cert-subject": "subject:CN=billing,O=Acme",
        "x-tollgate-cert-san": "san:spiffe://acme/billing",
        "x-tollgate-cert-fingerprint": "fingerprint:ab12",
      },
    });
    expect(caller).toMatchObject({
      app: "spiffe://acme/billing",
      user: "CN=billing,O=Acme",
      department: "ab12",
    });
  });

  it.each<[string, JsonObject, Record<string, string | undefined>, string]>([
    ["claims that got lost", { user: [{ jwt: "sub" }] }, { "x-tollgate-jwt": undefined }, "x-tollgate-jwt"],
    ["claims that are none", { user: [{ jwt: "sub" }] }, { "x-tollgate-jwt": 'jwt:"sub"' }, "x-tollgate-jwt"],
    [
      "claims that are cut",
      { user: [{ jwt: "sub" }] },
      { "x-tollgate-jwt": 'jwt:{"sub":' },
      "x-tollgate-jwt",
    ],
    [
      "a certificate that got lost",
      { user: [{ cert: "subject" }] },
      { "x-tollgate-cert-subject": undefined },
      "x-tollgate-cert-subject",
    ],
    [
      "a required certificate that got lost",
      { require: "cert" },
      { "x-tollgate-cert-fingerprint": undefined },
      "x-tollgate-cert-fingerprint",
    ],
  ])("%s: the call is refused, and the operator hears why", async (_, identity, metadata, named) => {
    const { answer, notices } = await record({ identity, metadata });
    expect([reply(answer).status, reasonOf(answer)]).toEqual([500, "identity_unreadable"]);
    expect(notices).toEqual([expect.stringContaining(named)]);
  });

  it("is not missed where the policy has no use for it", async () => {
    const lost = Object.fromEntries(Object.keys(evidence).map((name) => [name, undefined]));
    const { answer } = await record({ identity: byKey, metadata: lost });
    expect(answer?.kind).toBe("request_headers");
  });
});

describe("headers", () => {
  it("say who calls on a route whose policy does not say how callers are known", async () => {
    const { stream, records } = await call({ headers: { "x-user-id": "ada", "x-app-id": "helpdesk" } });
    stream.close();
    expect(records).toMatchObject([
      { caller: { tenant: "default", user: "ada", app: "helpdesk", ip: "192.0.2.7", keyId: undefined } },
    ]);
  });

  it("that are sent twice say nothing", async () => {
    const { stream, services, records } = open({ identity: { user: [{ header: "x-user-id" }] } });
    const flat = [
      ":method",
      "POST",
      ":path",
      "/v1/chat/completions",
      "x-user-id",
      "ada",
      "x-user-id",
      "root",
    ];
    await stream.say("request_headers", { headers: new HeaderList(flat) });
    stream.close();
    expect(records).toMatchObject([{ caller: { user: undefined } }]);
    expect(services.inFlight.size).toBe(0);
  });

  it("with tags are kept, and refused when they are not right", async () => {
    const identity = { tags: { aliases: ["portkey"] } };
    const good = await call({
      identity,
      headers: { "x-tollgate-metadata": '{"team":"blue"}', "x-portkey-metadata": '{"env":"prod"}' },
    });
    good.stream.close();
    expect(good.records).toMatchObject([{ caller: { tags: { team: "blue", env: "prod" } } }]);
    const bad = await call({ identity, headers: { "x-tollgate-metadata": "team=blue" } });
    expect([reply(bad.answer).status, reasonOf(bad.answer)]).toEqual([400, "invalid_tags"]);
    expect(bad.records).toMatchObject([{ caller: { tags: {} } }]);
  });
});

test("a split sticks to the caller that the policy finds", async () => {
  const policy = {
    ...twoProviders,
    identity: byKey,
    models: {
      m: {
        strategy: "split",
        sticky: ["user"],
        targets: [
          { cluster: "openai", model: "gpt-4o" },
          { cluster: "claude", model: "claude-sonnet-4-5" },
        ],
      },
    },
  };
  const served = new Map<string, Set<string>>();
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 20; index++) {
      const user = `user-${index}`;
      const place = workplace({
        keys: { find: () => ({ kind: "good", key: { ...key, user } }) },
        random: () => round / 3,
      });
      const stream = new Stream(place.services, exchangeMetadata(policy));
      await stream.say("request_headers", {
        headers: headers({ ":method": "POST", ":path": "/v1/chat/completions", ...bearer }),
      });
      await stream.say("request_body", {
        body: bytes({ model: "m", messages: [{ role: "user", content: "hi" }] }),
      });
      stream.close();
      const clusters = served.get(user) ?? new Set();
      served.set(user, clusters.add(place.records[0]?.cluster ?? ""));
    }
  }
  expect([...served.values()].every(({ size }) => size === 1)).toBe(true);
  expect(new Set([...served.values()].flatMap((clusters) => [...clusters]))).toEqual(
    new Set(["openai", "claude"]),
  );
});
