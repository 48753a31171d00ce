/**
 * Reasoning that clients send back, whole exchanges of it: what we sealed reaches the provider that made it, and nothing
 * else does, whoever the client and whoever the target.
 */
import { describe, expect, it } from "vitest";
import type { DialectName } from "../../../src/conversation/parts.ts";
import { Seal } from "../../../src/dialects/seal.ts";
import { markOf } from "../../../src/dialects/signatures.ts";
import type { ContinueResponse } from "../../../src/extproc/messages.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { redactedBy, signedBy } from "../../sealing.ts";
import { bytes, exchangeMetadata, headers, Stream, text, workplace } from "./script.ts";

/** What the model thought, as a client shows it in a request, and the path of what stands for it there. */
interface History {
  readonly path: string;
  readonly at: string;
  readonly body: (shown: Shown) => JsonObject;
}
interface Shown {
  readonly text: string;
  readonly mark: string;
  readonly isRedacted?: boolean;
}

const anthropicBlock = ({ text: thinking, mark, isRedacted }: Shown): JsonObject =>
  isRedacted === true
    ? { type: "redacted_thinking", data: mark }
    : { type: "thinking", thinking, signature: mark };
const question = { role: "user", content: "?" };

const clients: Readonly<Record<string, History>> = {
  "openai-chat": {
    path: "/v1/chat/completions",
    at: "messages[1].thinking_blocks",
    body: (shown) => ({
      model: "m",
      messages: [
        question,
        { role: "assistant", content: "Twelve.", thinking_blocks: [anthropicBlock(shown)] },
        question,
      ],
    }),
  },
  "openai-responses": {
    path: "/v1/responses",
    at: "input[1]",
    body: ({ text: thought, mark }) => ({
      model: "m",
      input: [
        question,
        {
          type: "reasoning",
          summary: thought === "" ? [] : [{ type: "summary_text", text: thought }],
          encrypted_content: mark,
        },
        { role: "assistant", content: "Twelve." },
        question,
      ],
    }),
  },
  anthropic: {
    path: "/v1/messages",
    at: "messages[1].content[0]",
    body: (shown) => ({
      model: "m",
      max_tokens: 99,
      messages: [
        question,
        { role: "assistant", content: [anthropicBlock(shown), { type: "text", text: "Twelve." }] },
        question,
      ],
    }),
  },
  gemini: {
    path: "/v1beta/models/m:generateContent",
    at: "contents[1].parts[0]",
    body: ({ text: thought, mark }) => {
      const thoughtSignature = Buffer.from(mark).toString("base64");
      const asked = { role: "user", parts: [{ text: "?" }] };
      const parts = [{ text: thought, thought: true, thoughtSignature }, { text: "Twelve." }];
      return { contents: [asked, { role: "model", parts }, asked] };
    },
  },
};

const targets: Readonly<Record<string, { readonly provider: string; readonly model: string }>> = {
  "openai-chat": { provider: "openai", model: "gpt-5.1" },
  "openai-responses": { provider: "openai-responses", model: "gpt-5.1" },
  anthropic: { provider: "anthropic", model: "claude-opus-4-8" },
  gemini: { provider: "google", model: "gemini-3-pro-preview" },
  "bedrock-converse": { provider: "bedrock", model: "us.anthropic.claude-sonnet-4-6" },
};

const pairs = Object.keys(clients).flatMap((client) =>
  Object.keys(targets).map((target) => ({ client, target: target as DialectName })),
);

async function sent(client: string, target: DialectName, shown: Shown) {
  const settings = targets[target];
  const history = clients[client];
  if (settings === undefined || history === undefined) throw new Error("no such pair");
  const policy = {
    targets: { it: { provider: settings.provider } },
    models: { m: { targets: [{ cluster: "it", model: settings.model }] } },
  };
  const place = workplace();
  const stream = new Stream(place.services, exchangeMetadata(policy));
  await stream.say("request_headers", { headers: headers({ ":method": "POST", ":path": history.path }) });
  const body = bytes(history.body(shown));
  const [verdict] = await stream.say("request_body", { body, endOfStream: true });
  stream.close();
  const { body: written } = verdict as ContinueResponse;
  return {
    // None when Envoy has it already.
    text: text(written ?? body),
    lost: (place.records[0]?.losses ?? []).map(({ path }) => path),
    notices: place.notices,
  };
}

const payload = "UFJPT0Y";
const thought = "Weighing this against that";
const base64 = (plain: string) => Buffer.from(plain).toString("base64").replace(/=+$/, "");

describe.each(pairs)("from $client to $target", ({ client, target }) => {
  const isForeign = client !== target;
  const takesReasoning = target !== "openai-chat";

  it.skipIf(!isForeign || !takesReasoning)("what we sealed arrives, and nothing is lost", async () => {
    const signed = await sent(client, target, { text: thought, mark: signedBy(target, payload, thought) });
    expect(signed.text).toContain(`"${payload}"`);
    expect(signed.text).toContain(thought);
    expect(signed.lost).toEqual([]);
    // Gemini encrypts no thinking.
    if (target === "gemini") return;
    const mark = redactedBy(target, payload);
    const redacted = await sent(client, target, { text: "", mark, isRedacted: true });
    expect(redacted.text).toContain(`"${payload}"`);
    expect(redacted.lost).toEqual([]);
  });

  const genuine = signedBy(target, payload, thought);
  const other: DialectName = target === "gemini" ? "anthropic" : "gemini";
  const own = new Seal(Buffer.alloc(32, 5));
  const forged: ReadonlyArray<readonly [what: string, shown: Shown]> = [
    ["an edited text", { text: `${thought}, I lied`, mark: genuine }],
    ["no text", { text: "", mark: genuine }],
    ["another signature", { text: thought, mark: genuine.replace(payload, `${payload}X`) }],
    [
      "a signature that was another provider's",
      { text: thought, mark: signedBy(other, payload, thought).replace(other, target) },
    ],
    ["another provider's signature", { text: thought, mark: signedBy(other, payload, thought) }],
    [
      "a seal of its own",
      { text: thought, mark: markOf(own, { origin: target, text: thought, signature: payload }) },
    ],
    ["a made-up seal", { text: thought, mark: `tollgate:${target}:s.${"A".repeat(22)}.${payload}` }],
    ["no seal, as earlier versions gave", { text: thought, mark: `tollgate:${target}:${payload}` }],
    ["an unknown provider", { text: thought, mark: `tollgate:nobody:s.${"A".repeat(22)}.${payload}` }],
    ["half a mark", { text: thought, mark: `tollgate:${payload}` }],
    ["edited encrypted thinking", { text: "", mark: `${redactedBy(target, payload)}X`, isRedacted: true }],
  ];
  it.each(forged)("%s does not, and is reported", async (_, shown) => {
    const { text: body, lost, notices } = await sent(client, target, shown);
    for (const secret of [payload, base64(payload), "tollgate:", base64("tollgate:")])
      expect(body).not.toContain(secret);
    expect(body).toContain("Twelve.");
    expect(notices).toEqual([]);
    expect(lost.filter((path) => path.startsWith(clients[client]?.at ?? "nowhere"))).toHaveLength(1);
    // A thought without a signature is one that Gemini takes.
    if (shown.text !== "" && body.includes(shown.text)) expect(target).toBe("gemini");
  });
});
