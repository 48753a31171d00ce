import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whole } from "./answers.ts";
import { endingOf, errorIn } from "./outcomes.ts";
import { badLines, pairs, type Stage, secret, stage } from "./stage.ts";

// Requests that no SDK would send. What cannot be read is refused in the client's own words, and no provider sees
// it; what is only odd goes through.

let running: Stage;

beforeAll(async () => {
  running = await stage();
  for (const target of ["openai", "claude"] as const) {
    running.upstream(target).respondWith(() => whole(target, "fine"));
  }
});

afterAll(async () => {
  await running?.stop();
});

const bytes = (...parts: Array<string | number[]>) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

/** A request whose text has this in it, as it stands. */
function saying(target: string, text: string | number[], more = ""): Buffer {
  return bytes(
    `{"model":"to-${target}","max_tokens":9${more},"messages":[{"role":"user","content":"${secret} `,
    text,
    '"}]}',
  );
}

type Case = readonly [name: string, body: (target: string) => string | Uint8Array, says: RegExp];

const unreadable: readonly Case[] = [
  ["no body", () => "", /no body/],
  ["white space", () => "  \n", /JSON object/],
  ["prose", () => `hello ${secret}`, /JSON object/],
  ["a list", () => `["${secret}"]`, /JSON object/],
  ["null", () => "null", /JSON object/],
  ["JSON that ends too early", (target) => saying(target, "x").subarray(0, -2), /not valid JSON/],
  ["JSON with something behind it", (target) => bytes(saying(target, "x").toString(), "{}"), /after the end/],
  ["a string that is cut", (target) => saying(target, "x").subarray(0, -5), /not closed/],
  ["brackets that do not match", () => `{"model":"m","messages":[{]}`, /does not match/],
  ["a byte that is no UTF-8", (target) => saying(target, [0xff]), /UTF-8/],
  ["a character cut in the middle", (target) => saying(target, [0xe6, 0x97]), /UTF-8/],
  ["a character spelled too long", (target) => saying(target, [0xc0, 0xaf]), /UTF-8/],
  ["a surrogate as bytes", (target) => saying(target, [0xed, 0xa0, 0x80]), /UTF-8/],
  ["UTF-16", (target) => Buffer.from(saying(target, "x").toString(), "utf16le"), /JSON/],
  ["no model", () => `{"messages":[{"role":"user","content":"${secret}"}]}`, /model/],
  ["a model that is a number", () => '{"model":7,"messages":[]}', /model/],
  ["a model with a NUL", () => '{"model":"to-openai\\u0000","messages":[]}', /not served/],
];

describe.each(["openai", "anthropic"] as const)("%s clients are refused", (client) => {
  test.each(unreadable)("%s", async (_name, body, says) => {
    const upstreams = [running.upstream("openai"), running.upstream("claude")];
    const before = upstreams.map(({ requests }) => requests.length);
    const { result, ended } = await endingOf(running, async () => {
      const response = await running.call(client, body("claude"));
      return { status: response.status, text: await response.text() };
    });
    expect(result.status).toBe(says.source === "not served" ? 404 : 400);
    expect(errorIn(client, result.text)).toMatch(says);
    expect(result.text).not.toContain(secret);
    expect(ended).toBe("refused");
    expect(upstreams.map(({ requests }) => requests.length)).toEqual(before);
  });

  test("a compressed body", async () => {
    const response = await running.call(client, "x", { headers: { "content-encoding": "gzip" } });
    expect([response.status, errorIn(client, await response.text())]).toEqual([
      400,
      expect.stringContaining("gzip"),
    ]);
  });
});

describe.each(pairs)("%s → %s", (client, target) => {
  const same = (client === "openai") === (target === "openai");

  async function sent(body: string | Uint8Array, init: RequestInit = {}) {
    const upstream = running.upstream(target);
    const before = upstream.requests.length;
    const { result, ended } = await endingOf(running, async () => {
      const response = await running.call(client, body, init);
      return { status: response.status, text: await response.text() };
    });
    return { ...result, ended, arrived: upstream.requests[before]?.body.toString("utf8") };
  }

  test.each<[name: string, text: string]>([
    ["a NUL, escaped", "\\u0000"],
    ["half a surrogate pair, escaped", "\\ud800"],
    ["characters of every length", "aé日🎉"],
    ["line separators", "\u2028\u2029"],
  ])("takes %s", async (_name, text) => {
    const { status, arrived } = await sent(saying(target, text));
    expect(status).toBe(200);
    expect(JSON.stringify(JSON.parse(arrived ?? ""))).toContain(
      JSON.stringify(JSON.parse(`"${text}"`)).slice(1, -1),
    );
  });

  test(`${same ? "passes" : "refuses"} a NUL that is not escaped`, async () => {
    const { status, arrived, text } = await sent(saying(target, [0]));
    expect(status).toBe(same ? 200 : 400);
    if (same) expect(arrived).toContain(`${secret} \0`);
    else expect(errorIn(client, text)).toMatch(/not valid JSON/);
  });

  test("of a model named twice, sends the one that was routed by, once", async () => {
    const { status, arrived } = await sent(
      `{"model":"to-nobody","max_tokens":9,"messages":[{"role":"user","content":"x"}],"model":"to-${target}"}`,
    );
    expect(status).toBe(200);
    expect(arrived?.match(/"model":/g)).toHaveLength(1);
    expect(arrived).toMatch(/"model":\s*"(gpt-4o|claude-sonnet-4-5)"/);
  });

  test("takes a body in chunks without a length", async () => {
    const whole = saying(target, "x");
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < whole.length; at += 7) controller.enqueue(whole.subarray(at, at + 7));
        controller.close();
      },
    });
    const { status } = await sent(body as never, { duplex: "half" } as RequestInit);
    expect(status).toBe(200);
  });

  test("refuses an empty body in chunks", async () => {
    const body = new ReadableStream({ start: (controller) => controller.close() });
    const { status, text, ended } = await sent(body as never, { duplex: "half" } as RequestInit);
    expect([status, ended]).toEqual([400, "refused"]);
    expect(errorIn(client, text)).toBeDefined();
  });

  test.each<[name: string, member: string]>([
    ["a number beyond all bounds", ',"temperature":1e400'],
    ["a limit beyond all bounds", ',"max_tokens":1e400'],
    ["a number of many digits", `,"temperature":0.${"1".repeat(5000)}`],
    ["an integer that no double holds", ',"seed":12345678901234567891'],
    ["a member named __proto__", ',"__proto__":{"stream":true}'],
    ["a member named constructor", ',"constructor":{"prototype":{"stream":true}}'],
  ])("takes or refuses %s, but never sends null for it", async (_name, member) => {
    const { status, arrived, text } = await sent(saying(target, "x", member));
    if (status === 200) expect(arrived).not.toContain("null");
    else
      expect([status, errorIn(client, text)]).toEqual([
        expect.toSatisfy((is) => is === 400 || is === 422),
        expect.any(String),
      ]);
    if (same) expect(arrived).toContain(member.slice(1));
    expect(({} as Record<string, unknown>)["stream"]).toBeUndefined();
  });

  test.each(["text/plain", "", "application/octet-stream"])(
    "takes JSON that says it is '%s'",
    async (type) => {
      const { status } = await sent(saying(target, "x"), { headers: { "content-type": type } });
      expect(status).toBe(200);
    },
  );
});

test("no prompt and no key reached the log, and nothing was a defect", () => {
  expect(badLines(running)).toEqual([]);
  expect(running.records().length).toBeGreaterThan(50);
});
