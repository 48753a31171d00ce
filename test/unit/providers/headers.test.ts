import { describe, expect, it } from "vitest";
import { clientDialectNamed } from "../../../src/dialects/registry.ts";
import { endpointFor, pathOf } from "../../../src/providers/endpoint.ts";
import { isSteerable, withHeaderQuirks } from "../../../src/providers/headers.ts";
import type { TargetSettings } from "../../../src/providers/provider.ts";
import { providerNamed } from "../../../src/providers/registry.ts";

const client = (name: string) => ({ "x-title": "Notes", "x-user": "7" })[name];

describe("headers of one server", () => {
  it.each([
    ["nothing to change", { set: {}, renamed: {} }, [["a", "1"]], []],
    [
      "a value of its own",
      { set: { b: "2", a: "3" }, renamed: {} },
      [
        ["a", "3"],
        ["b", "2"],
      ],
      [],
    ],
    ["one that it must not see", { set: { a: false }, renamed: {} }, [], ["a"]],
    ["the provider's under another name", { set: {}, renamed: { a: "c" } }, [["c", "1"]], ["a"]],
    [
      "the client's under another name",
      { set: {}, renamed: { "x-title": "t" } },
      [
        ["a", "1"],
        ["t", "Notes"],
      ],
      ["x-title"],
    ],
    ["a name that nobody sent", { set: {}, renamed: { "x-none": "t" } }, [["a", "1"]], ["x-none"]],
  ] as const)("%s", (_, quirks, set, remove) => {
    expect(withHeaderQuirks([["a", "1"]], quirks, client)).toEqual({ set, remove });
  });

  it.each([
    "authorization",
    "x-api-key",
    "x-amz-date",
    "host",
    ":path",
    "x-envoy-retry-on",
    "content-length",
    "",
    "ä",
  ])("never %j", (name) => {
    expect(isSteerable(name)).toBe(false);
  });
});

describe("the path at one server", () => {
  const path = (settings: Partial<TargetSettings>) => {
    const endpoint = endpointFor(providerNamed("vllm"), clientDialectNamed("openai-chat"), {
      model: "m/1",
      path: "/v1/chat/completions",
    });
    if (endpoint === undefined) throw new Error("vllm chats");
    const addressing = {
      model: "m/1",
      stream: false,
      clientHeader: client,
      clientPath: "",
      sameDialect: true,
    };
    return pathOf(endpoint, { ...addressing, settings: { provider: "vllm", ...settings } });
  };

  it.each([
    [{}, "/v1/chat/completions"],
    [{ paths: { "openai-responses": "/other" } }, "/v1/chat/completions"],
    [{ paths: { "openai-chat": "/generate" } }, "/generate"],
    [{ basePath: "/proxy", paths: { "openai-chat": "/{model}/generate?v=2" } }, "/proxy/m%2F1/generate?v=2"],
  ] as const)("with %j: %s", (settings, expected) => {
    expect(path(settings)).toBe(expected);
  });
});
