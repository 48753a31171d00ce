import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/parse.ts";
import { PolicyError } from "../../../src/policy/policy.ts";

const targets = { a: { provider: "bedrock" } };
const parse = (media: unknown) => parsePolicy(JSON.stringify({ targets, media }), undefined);

function issues(media: unknown): string[] {
  try {
    parse(media);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
}

const at = "route:media.fetch";
const expected =
  "expected a host in lower case such as files.example.com, *.example.com or files.example.com:8443";

describe("what the gateway may fetch", () => {
  it("is nothing unless the policy says so", () => {
    expect(parse(undefined).mediaFetch).toBeUndefined();
  });

  it("has limits, whatever is said of them", () => {
    const { mediaFetch } = parse({ fetch: { hosts: ["*.example.com"] } });
    expect(mediaFetch).toMatchObject({
      maxBytes: 20_971_520,
      maxFiles: 16,
      timeoutMs: 10_000,
      allowPrivate: false,
    });
    expect(mediaFetch?.allows("files.example.com", 443)).toBe(true);
    expect(mediaFetch?.allows("files.example.com", 8443)).toBe(false);
    expect(mediaFetch?.allows("example.org", 443)).toBe(false);
  });

  it("is compiled with every key", () => {
    const fetch = {
      hosts: ["files.internal:8443", "cdn.example.com"],
      max_bytes: "1000000",
      max_files: 2,
      timeout: "1.5s",
      allow_private: true,
    };
    const { mediaFetch } = parse({ fetch });
    expect(mediaFetch).toMatchObject({
      maxBytes: 1_000_000,
      maxFiles: 2,
      timeoutMs: 1_500,
      allowPrivate: true,
    });
    expect(mediaFetch?.allows("files.internal", 8443)).toBe(true);
    expect(mediaFetch?.allows("cdn.example.com", 443)).toBe(true);
  });

  it("of a route replaces the virtual host's whole", () => {
    const route = JSON.stringify({ media: { fetch: { hosts: ["a.example.com"] } } });
    const host = JSON.stringify({ targets, media: { fetch: { hosts: ["b.example.com"], max_files: 3 } } });
    const { mediaFetch } = parsePolicy(route, host);
    expect(mediaFetch?.maxFiles).toBe(16);
    expect(mediaFetch?.allows("b.example.com", 443)).toBe(false);
  });

  it.each<[string, unknown, readonly string[]]>([
    ["any public host", { fetch: { hosts: ["*"] } }, []],
    ["private hosts by name", { fetch: { hosts: ["*.internal", "10.0.0.1"], allow_private: true } }, []],
    ["nothing", {}, [`${at}: required`]],
    ["no hosts", { fetch: {} }, [`${at}.hosts: required`]],
    ["an empty list of hosts", { fetch: { hosts: [] } }, [`${at}.hosts: must not be empty`]],
    ["a host that is no list", { fetch: { hosts: "*" } }, [`${at}.hosts: expected a list, got "*"`]],
    [
      "a URL for a host",
      { fetch: { hosts: ["a.example.com", "https://example.com/"] } },
      [`${at}.hosts[1]: ${expected}, got "https://example.com/"`],
    ],
    [
      "any private host",
      { fetch: { hosts: ["*"], allow_private: true } },
      [`${at}.allow_private: needs hosts by name; "*" reaches public addresses only`],
    ],
    [
      "any private host at a port",
      { fetch: { hosts: ["a.internal", "*:8443"], allow_private: true } },
      [`${at}.allow_private: needs hosts by name; "*" reaches public addresses only`],
    ],
    [
      "too much",
      { fetch: { hosts: ["*"], max_bytes: 104_857_601, max_files: 65, timeout: "31s" } },
      [
        `${at}.max_bytes: expected a whole number from 1 to 104857600, got 104857601`,
        `${at}.max_files: expected a whole number from 1 to 64, got 65`,
        `${at}.timeout: must be from 100ms to 30s, got "31s"`,
      ],
    ],
    [
      "a misspelt key",
      { fetch: { hosts: ["*"], max_byte: 1 } },
      [`${at}: unknown key "max_byte" (did you mean "max_bytes"?)`],
    ],
  ])("%s", (_, media, found) => {
    expect(issues(media)).toEqual(found);
  });
});

it("a server that fetches no URLs is a quirk", () => {
  const quirks = (more: object) =>
    parsePolicy(
      JSON.stringify({ targets: { a: { provider: "openai-compatible", quirks: more } } }),
      undefined,
    ).targets.get("a")?.quirks;
  expect(quirks({ fetches_no_urls: true })).toEqual({ unsupported: [], renamed: {}, fetchesNoUrls: true });
  expect(quirks({ fetches_no_urls: false })).toEqual({ unsupported: [], renamed: {} });
});
