import { describe, expect, it } from "vitest";
import { Losses } from "../../../src/conversation/losses.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { gemini } from "../../../src/dialects/gemini/index.ts";
import { openaiChat } from "../../../src/dialects/openai-chat/index.ts";
import { clientDialectNamed, targetDialectNamed } from "../../../src/dialects/registry.ts";
import { parseDocument } from "../../../src/json/document.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { providerNamed } from "../../../src/providers/registry.ts";
import { translateRequest } from "../../../src/translation/translate.ts";
import { clientCall, signedBy } from "../../sealing.ts";

type Client = "openai-chat" | "openai-responses" | "anthropic" | "gemini";
type Target = Client | "bedrock-converse";

const signature = `Es8F${"+/ab".repeat(30)}Q==`;
const models: Readonly<Record<Target, string>> = {
  "openai-chat": "gpt-4.1",
  "openai-responses": "gpt-4.1",
  anthropic: "claude-sonnet-4-5",
  gemini: "gemini-3-pro-preview",
  "bedrock-converse": "us.anthropic.claude-sonnet-4-6",
};

/** Two calls of one turn and their results, the first id with what is given behind it. */
function history(client: Client, behind: string): JsonObject {
  const ids = [`call_1${behind}`, "call_2"];
  switch (client) {
    case "openai-chat":
      return {
        model: "m",
        messages: [
          { role: "user", content: "go" },
          {
            role: "assistant",
            content: null,
            tool_calls: ids.map((id) => ({
              id,
              type: "function",
              function: { name: "f", arguments: '{"id":"x__thought__y"}' },
            })),
          },
          ...ids.map((id) => ({ role: "tool", tool_call_id: id, content: "ok" })),
        ],
      };
    case "openai-responses":
      return {
        model: "m",
        input: [
          { role: "user", content: "go" },
          ...ids.map((id) => ({
            type: "function_call",
            call_id: id,
            name: "f",
            arguments: '{"id":"x__thought__y"}',
          })),
          ...ids.map((id) => ({ type: "function_call_output", call_id: id, output: "ok" })),
        ],
      };
    case "anthropic":
      return {
        model: "m",
        max_tokens: 9,
        messages: [
          { role: "user", content: "go" },
          {
            role: "assistant",
            content: ids.map((id) => ({ type: "tool_use", id, name: "f", input: { id: "x__thought__y" } })),
          },
          {
            role: "user",
            content: ids.map((id) => ({ type: "tool_result", tool_use_id: id, content: "ok" })),
          },
        ],
      };
    case "gemini":
      return {
        contents: [
          { role: "user", parts: [{ text: "go" }] },
          {
            role: "model",
            parts: ids.map((id) => ({ functionCall: { id, name: "f", args: { id: "x__thought__y" } } })),
          },
          {
            role: "user",
            parts: ids.map((id) => ({ functionResponse: { id, name: "f", response: { output: "ok" } } })),
          },
        ],
      };
  }
}

const idPath: Readonly<Record<Client, string>> = {
  "openai-chat": "messages[1].tool_calls[0].id",
  "openai-responses": "input[1].call_id",
  anthropic: "messages[1].content[0].id",
  gemini: "contents[1].parts[0].functionCall.id",
};

function sent(client: Client, target: Target, body: JsonObject) {
  const document = parseDocument(Buffer.from(JSON.stringify(body)));
  const dialect = clientDialectNamed(client);
  const call = clientCall("/v1beta/models/m:generateContent");
  const { body: written, losses } = translateRequest(
    dialect,
    targetDialectNamed(target),
    document,
    () => dialect.decodeRequest(document.value, call),
    { model: models[target], quirks: noQuirks },
  );
  return { text: Buffer.from(written).toString(), losses };
}

const clients = Object.keys(idPath) as Client[];
const others = Object.keys(models).filter((name) => name !== "gemini") as Target[];

describe.each(clients)("a history of %s that began at another gateway", (client) => {
  it("takes the signature to Gemini, and the id as it was", () => {
    const { text, losses } = sent(client, "gemini", history(client, `__thought__${signature}`));
    const [, model, results] = (JSON.parse(text) as { contents: Array<{ parts: JsonObject[] }> }).contents;
    const called = { name: "f", args: { id: "x__thought__y" } };
    expect(model?.parts).toEqual([
      { functionCall: { id: "call_1", ...called }, thoughtSignature: signature },
      { functionCall: { id: "call_2", ...called } },
    ]);
    expect(results?.parts).toMatchObject([
      { functionResponse: { id: "call_1" } },
      { functionResponse: { id: "call_2" } },
    ]);
    expect(losses).toEqual([]);
  });

  it.each(others)("shows %s the plain id, in calls and results alike", (target) => {
    const plain = sent(client, target, history(client, ""));
    const { text, losses } = sent(client, target, history(client, `__thought__${signature}`));
    expect(JSON.parse(text)).toEqual(JSON.parse(plain.text));
    expect(text).toContain("x__thought__y");
    expect(losses.filter(({ path }) => path === idPath[client])).toMatchObject([{ how: "dropped" }]);
    expect(losses.length).toBe(plain.losses.length + 1);
  });

  it("has only signatures taken to Gemini: what went through another alphabet is none", () => {
    const damaged = signature.replaceAll(/[+/=]/g, "_");
    const { text, losses } = sent(client, "gemini", history(client, `__thought__${damaged}`));
    expect(text).not.toContain(damaged);
    expect(text).toContain('"id":"call_1"');
    expect(losses).toMatchObject([{ how: "dropped", path: idPath[client] }]);
  });
});

describe("an id", () => {
  it("is left to a server that may read it", () => {
    const document = parseDocument(Buffer.from(JSON.stringify(history("openai-chat", "__thought__c2ln"))));
    const { quirks } = providerNamed("openai-compatible");
    const losses = new Losses();
    const written = openaiChat.passthrough.request(document, { model: "m", quirks }, losses);
    expect(JSON.parse(Buffer.from(written).toString())).toEqual(history("openai-chat", "__thought__c2ln"));
    expect(losses.entries).toEqual([]);
  });

  it("that is nothing but a mark stays one", () => {
    const body = history("openai-chat", "");
    const text = JSON.stringify(body).replaceAll("call_1", "__thought__c2ln");
    expect(sent("openai-chat", "anthropic", JSON.parse(text)).text).toContain('"id":"__thought__c2ln"');
  });

  it("loses its signature to the one under our seal", () => {
    const body = history("openai-chat", "__thought__c2ln") as { messages: JsonObject[] };
    const sealed = signedBy("gemini", "call.0:RklSU1Q=");
    body.messages[1] = {
      ...body.messages[1],
      thinking_blocks: [{ type: "thinking", thinking: "", signature: sealed }],
    };
    const { text, losses } = sent("openai-chat", "gemini", body as JsonObject);
    expect(text).toContain('"thoughtSignature":"RklSU1Q="');
    expect(text).not.toContain("c2ln");
    expect(losses).toEqual([]);
  });

  it("is better than our mark of another provider's call, not than Gemini's own signature", () => {
    const pass = (thoughtSignature: string) => {
      const body = history("gemini", "__thought__c2ln") as { contents: Array<{ parts: JsonObject[] }> };
      Object.assign(body.contents[1]?.parts[0] ?? {}, { thoughtSignature });
      const document = parseDocument(Buffer.from(JSON.stringify(body)));
      const target = { model: models.gemini, quirks: noQuirks };
      const written = gemini.passthrough.request(document, target, new Losses());
      const [, model] = (JSON.parse(Buffer.from(written).toString()) as typeof body).contents;
      return model?.parts[0]?.["thoughtSignature"];
    };
    expect(pass(Buffer.from("tollgate:call").toString("base64"))).toBe("c2ln");
    expect(pass("T1dO")).toBe("T1dO");
  });
});
