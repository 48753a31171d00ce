import { describe, expect, it } from "vitest";
import type { Addressing } from "../../../src/providers/provider.ts";
import { provider, providerNames } from "../../../src/providers/registry.ts";
import { replicate } from "../../../src/providers/replicate.ts";

const addressing = (more: Partial<Addressing> & { basePath?: string } = {}): Addressing => {
  const { basePath, ...over } = more;
  return {
    settings: { provider: "replicate", ...(basePath !== undefined && { basePath }) },
    model: "meta/meta-llama-3-70b-instruct",
    stream: false,
    clientHeader: () => undefined,
    clientPath: "",
    sameDialect: false,
    ...over,
  };
};
const hash = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa";

describe("the path of a prediction", () => {
  it.each([
    ["meta/meta-llama-3.1-405b-instruct", "/v1/models/meta/meta-llama-3.1-405b-instruct/predictions"],
    ["deployments/acme/my_chat", "/v1/deployments/acme/my_chat/predictions"],
    [`replicate/hello-world:${hash}`, "/v1/predictions"],
    [hash, "/v1/predictions"],
  ])("of %s", (model, path) => {
    expect(replicate.path(addressing({ model }))).toBe(path);
    expect(replicate.path(addressing({ model, stream: true }))).toBe(path);
  });

  it("begins as the policy says", () => {
    const path = replicate.path(addressing({ basePath: "/proxy", model: "a/b" }));
    expect(path).toBe("/proxy/models/a/b/predictions");
  });
});

describe("how long is waited", () => {
  const headers = (tryTimeoutMs?: number) =>
    Object.fromEntries(replicate.headers(addressing(tryTimeoutMs === undefined ? {} : { tryTimeoutMs })));

  it.each([
    [undefined, "wait=60", "60s"],
    [600_000, "wait=60", "60s"],
    [30_000, "wait=30", "30s"],
    [12_300, "wait=13", "13s"],
    [2_000, "wait=2", "5s"],
    [1, "wait=1", "5s"],
  ])("with %s ms for a try", (timeoutMs, prefer, deadline) => {
    expect(headers(timeoutMs)).toEqual({ prefer, "cancel-after": deadline });
    // As its API documents it.
    expect(prefer).toMatch(/^wait(=([1-9]|[1-9][0-9]|60))?$/);
  });

  it("is told to no other provider, which a retry may go to", () => {
    for (const name of providerNames) {
      const foreign = provider(name)?.foreignHeaders;
      if (name === "replicate") expect(foreign).not.toContain("prefer");
      else expect(foreign, name).toEqual(expect.arrayContaining(["prefer", "cancel-after"]));
    }
    expect(replicate.foreignHeaders).toEqual(expect.arrayContaining(["anthropic-version", "openai-beta"]));
  });
});
