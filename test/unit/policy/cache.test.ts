import { describe, expect, it } from "vitest";
import { PolicyCache } from "../../../src/policy/cache.ts";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";

const text = (cluster: string) => JSON.stringify({ targets: { [cluster]: { provider: "openai" } } });

function counted(limit?: number) {
  const seen: Array<string | undefined> = [];
  const cache = new PolicyCache(limit, (route, virtualHost) => {
    seen.push(route);
    return parsePolicy(route, virtualHost);
  });
  return { cache, seen };
}

describe("the policy cache", () => {
  it("reads each pair of texts once", () => {
    const { cache, seen } = counted();
    const first = cache.get(text("a"), undefined);
    const other = cache.get(text("b"), undefined);
    expect(cache.get(text("a"), undefined)).toBe(first);
    expect(cache.get(text("a"), undefined)).toBe(first);
    expect(other).not.toBe(first);
    expect(seen).toHaveLength(2);
  });

  it("tells the route's text from the virtual host's", () => {
    const { cache } = counted();
    const onRoute = cache.get(text("a"), undefined);
    expect(cache.get(undefined, text("a"))).not.toBe(onRoute);
    expect(cache.get("", text("a"))).not.toBe(onRoute);
    expect(cache.size).toBe(3);
  });

  it("remembers failures", () => {
    const { cache, seen } = counted();
    const failure = () => {
      try {
        return cache.get("{", undefined);
      } catch (error) {
        return error;
      }
    };
    const first = failure();
    expect(first).toBeInstanceOf(PolicyError);
    cache.get(text("a"), undefined);
    expect(failure()).toBe(first);
    expect(seen).toHaveLength(2);
  });

  it("forgets the one unused for longest when it is full", () => {
    const { cache, seen } = counted(2);
    cache.get(text("a"), undefined);
    cache.get(text("b"), undefined);
    cache.get(text("a"), undefined);
    cache.get(text("c"), undefined);
    expect(cache.size).toBe(2);
    cache.get(text("a"), undefined);
    expect(seen).toHaveLength(3);
    cache.get(text("b"), undefined);
    expect(seen).toHaveLength(4);
  });

  it("keeps what is in use, however many others come and go", () => {
    const { cache, seen } = counted(20);
    for (let i = 0; i < 200; i++) {
      cache.get(text("hot"), undefined);
      cache.get(text(`cold-${i}`), undefined);
      expect(cache.size).toBeLessThanOrEqual(20);
    }
    expect(seen.filter((route) => route === text("hot"))).toHaveLength(1);
    for (let i = 181; i < 200; i++) cache.get(text(`cold-${i}`), undefined);
    expect(seen).toHaveLength(201);
  });
});
