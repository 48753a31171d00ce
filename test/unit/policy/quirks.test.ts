/** What a policy may say of one server's paths and headers. */
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";

function target(quirks: unknown) {
  const text = JSON.stringify({ targets: { own: { provider: "openai-compatible", quirks } } });
  return parsePolicy(text, undefined).targets.get("own");
}

function issues(quirks: unknown): string[] {
  try {
    target(quirks);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ path, message }) => `${path.split("quirks.")[1] ?? path}: ${message}`);
  }
}

describe("quirks of paths and headers", () => {
  it("are compiled beside those of bodies", () => {
    const quirks = {
      unsupported: ["user"],
      paths: { "openai-chat": "/generate/{model}?v=2" },
      headers: { "X-Team": "search", "openai-beta": false },
      renamed_headers: { "X-Title": "x-application" },
    };
    expect(target(quirks)).toEqual({
      provider: "openai-compatible",
      quirks: { unsupported: ["user"], renamed: {} },
      paths: { "openai-chat": "/generate/{model}?v=2" },
      headers: {
        set: { "x-team": "search", "openai-beta": false },
        renamed: { "x-title": "x-application" },
      },
    });
  });

  it.each([
    [{ paths: { "openai-chatt": "/x" } }, /paths\.openai-chatt: .*openai-chat/],
    [{ paths: { "openai-chat": "generate" } }, /paths\.openai-chat: .*begins with "\/"/],
    [{ paths: { "openai-chat": "/a/../b" } }, /paths\.openai-chat/],
    [{ headers: { Authorization: "Bearer x" } }, /headers\.\w+: .*credentials are Envoy's/],
    [{ headers: { "x-amz-date": "x" } }, /credentials are Envoy's/],
    [{ headers: { "x-tollgate-path": "/" } }, /cannot be changed here/],
    [{ headers: { host: "a" } }, /cannot be changed here/],
    [{ headers: { "x y": "a" } }, /cannot be changed here/],
    [{ headers: { "x-a": "" } }, /headers\.x-a: expected printable ASCII/],
    [{ headers: { "x-a": "a\nb" } }, /headers\.x-a: expected printable ASCII/],
    [{ headers: { "x-a": true } }, /headers\.x-a: expected printable ASCII/],
    [{ renamed_headers: { "x-a": "content-length" } }, /cannot be changed here/],
    [
      { headers: { "x-a": "1" }, renamed_headers: { "x-a": "x-b" } },
      /renamed_headers\.x-a: is also in headers/,
    ],
  ])("%j is a mistake", (quirks, message) => {
    expect(issues(quirks).join("\n")).toMatch(message);
  });
});
