/** What every dialect's recorded requests become for Gemini, held to Google's own types. */
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import { Losses } from "../../../src/conversation/losses.ts";
import { noQuirks } from "../../../src/dialects/dialect.ts";
import { gemini } from "../../../src/dialects/gemini/index.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { clientCall } from "../../sealing.ts";
import { jsonOf, recorded, sides } from "../pairs/recordings.ts";
import { violations } from "./published-types.ts";

/** The members of the body are those of the SDK's parameters; it has no type for the body itself. */
const bodyTypes: Readonly<Record<string, string>> = {
  contents: "Content[]",
  systemInstruction: "Content",
  tools: "Tool[]",
  toolConfig: "ToolConfig",
  generationConfig: "GenerationConfig",
  serviceTier: "ServiceTier",
  safetySettings: "SafetySetting[]",
};

function violationsOf(body: JsonObject): string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const type = bodyTypes[name];
    return type === undefined ? [`${name} is no member of a request`] : violations(value, type, name);
  });
}

const clients = sides.filter(({ other }) => other === gemini);
const models = ["gemini-1.5-pro", "gemini-2.5-flash", "gemini-3-pro-preview"];

describe.each(clients)("$dialect.name", ({ dialect, path }) => {
  it.each(recorded(dialect, "request"))("%s", (name) => {
    for (const model of models) {
      let body: JsonObject;
      try {
        const request = dialect.decodeRequest(jsonOf(dialect, name), clientCall(path));
        body = gemini.encodeRequest(request, { model, quirks: noQuirks }, new Losses());
      } catch (error) {
        // A file by URL, for a model that fetches none.
        expect(error).toBeInstanceOf(InvalidRequestError);
        expect(error).toMatchObject({ code: "file_url_not_supported" });
        continue;
      }
      expect(violationsOf(body), model).toEqual([]);
    }
  });
});

describe("the check", () => {
  it("knows what is wrong", () => {
    const parts = [{ text: 7, functionCall: { name: "f", arguments: "{}" } }];
    const wrong = {
      contents: [{ role: "user", parts }],
      toolConfig: { functionCallingConfig: { mode: "MAYBE" } },
      generationConfig: { responseSchema: { type: "STRING", additionalProperties: false } },
      max_tokens: 7,
    };
    expect(violationsOf(wrong)).toEqual([
      "contents[0].parts[0].text is no string",
      "contents[0].parts[0].functionCall.arguments is not in FunctionCall",
      "toolConfig.functionCallingConfig.mode is no FunctionCallingConfigMode: MAYBE",
      "generationConfig.responseSchema.additionalProperties is not in Schema",
      "max_tokens is no member of a request",
    ]);
  });
});
