import { expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";

function issues(accepts: unknown): string[] {
  const models = { m: { targets: [{ cluster: "a", accepts }] } };
  try {
    parsePolicy(JSON.stringify({ targets: { a: { provider: "openai" } }, models }), undefined);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
}

const at = "route:models.m.targets[0].accepts";

it.each<[string, unknown, string[]]>([
  ["text alone", ["text"], []],
  ["everything", ["text", "image", "document", "audio", "tools"], []],
  ["nothing", [], [`${at}: must name text, which every model takes`]],
  ["all but text", ["image"], [`${at}: must name text, which every model takes`]],
  [
    "a misspelt kind",
    ["text", "imge"],
    [
      `${at}[1]: unknown kind of content "imge" (did you mean "image"?); available: text, image, document, audio, tools`,
    ],
  ],
])("what a model accepts: %s", (_, accepts, expected) => {
  expect(issues(accepts)).toEqual(expected);
});
