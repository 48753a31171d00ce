import { describe, expect, it } from "vitest";
import { MediaFetchError } from "../../../src/media/error.ts";
import { locationOf } from "../../../src/media/location.ts";

function failureOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof MediaFetchError) return error.failure;
    throw error;
  }
}

const any = () => true;

describe("a URL", () => {
  it.each([
    ["https://example.com/a.png?b=c", "example.com", 443],
    ["https://EXAMPLE.com:443/", "example.com", 443],
    ["https://example.com.:8443/", "example.com", 8443],
    ["https://bücher.example/", "xn--bcher-kva.example", 443],
    ["https://[::1]:8443/", "::1", 8443],
    // In every spelling that reaches an address.
    ["https://2130706433/", "127.0.0.1", 443],
    ["https://0x7f.1/", "127.0.0.1", 443],
    ["https://0177.0.0.01/", "127.0.0.1", 443],
    ["https://127.1/", "127.0.0.1", 443],
    ["https://127.0.0.1./", "127.0.0.1", 443],
    ["https://①②⑦.0.0.1/", "127.0.0.1", 443],
    ["https://[::ffff:127.0.0.1]/", "::ffff:7f00:1", 443],
    ["https://[0:0:0:0:0:0:0:1]/", "::1", 443],
    ["https:\\\\example.com\\a", "example.com", 443],
    ["  https://example.com/a b ", "example.com", 443],
  ])("%s leads to %s at %i", (url, host, port) => {
    const asked: unknown[] = [];
    const location = locationOf(url, (...where) => asked.push(where) > 0);
    expect(location).toMatchObject({ host, port });
    expect(asked).toEqual([[host, port]]);
  });

  it.each([
    ["http://example.com/a.png", "url"],
    ["HTTP://example.com/a.png", "url"],
    ["ftp://example.com/a.png", "url"],
    ["file:///etc/passwd", "url"],
    ["gopher://example.com/", "url"],
    ["data:image/png,abc", "url"],
    ["blob:https://example.com/1", "url"],
    ["s3://bucket/a.png", "url"],
    ["gs://bucket/a.png", "url"],
    ["//example.com/a.png", "url"],
    ["/a.png", "url"],
    ["", "url"],
    ["https://", "url"],
    ["https://user@example.com/", "url"],
    ["https://user:secret@example.com/", "url"],
    ["https://:secret@example.com/", "url"],
    ["https://exa mple.com/", "url"],
    ["https://example.com:99999/", "url"],
    ["https://[fe80::1%25eth0]/", "url"],
    ["https://1.2.3.4.5/", "url"],
    [`https://example.com/${"a".repeat(9_000)}`, "url"],
  ])("%s leads nowhere", (url, failure) => {
    expect(failureOf(() => locationOf(url, any))).toBe(failure);
  });

  it("may be relative to the one that redirects", () => {
    const base = new URL("https://example.com/files/a.png");
    expect(locationOf("b.png", any, base).url.href).toBe("https://example.com/files/b.png");
    expect(locationOf("//other.example/b", any, base).host).toBe("other.example");
    expect(failureOf(() => locationOf("http://example.com/", any, base))).toBe("url");
  });

  it("leads nowhere that the policy does not name", () => {
    const failure = failureOf(() => locationOf("https://example.com/", (host) => host !== "example.com"));
    expect(failure).toBe("host");
  });
});
