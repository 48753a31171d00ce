import { describe, expect, it } from "vitest";
import { hostPattern, isAllowedHost } from "../../../src/policy/hosts.ts";

describe("a pattern of hosts", () => {
  it.each([
    ["files.example.com", { host: "files.example.com", port: 443 }],
    ["*.example.com", { host: "*.example.com", port: 443 }],
    ["*", { host: "*", port: 443 }],
    ["*:8443", { host: "*", port: 8443 }],
    ["localhost:65535", { host: "localhost", port: 65535 }],
    ["xn--bcher-kva.example", { host: "xn--bcher-kva.example", port: 443 }],
    ["my_bucket.s3.amazonaws.com", { host: "my_bucket.s3.amazonaws.com", port: 443 }],
    ["10.1.2.3", { host: "10.1.2.3", port: 443 }],
    ["10.1.2.3:8443", { host: "10.1.2.3", port: 8443 }],
    ["[2001:db8::1]", { host: "2001:db8::1", port: 443 }],
    ["[::1]:8443", { host: "::1", port: 8443 }],
  ])("%s", (text, expected) => {
    expect(hostPattern(text)).toEqual(expected);
  });

  it.each([
    "",
    "https://example.com",
    "example.com/files",
    "Example.com",
    "bücher.example",
    "example.com.",
    ".example.com",
    "a..example",
    "-a.example",
    "*.",
    "*example.com",
    "a.*.example.com",
    "**",
    "*.*",
    "example.com:0",
    "example.com:65536",
    "example.com:",
    "example.com:x",
    "10.1.2",
    "10.1.2.999",
    "*.1.2.3",
    "2001:db8::1",
    "[10.1.2.3]",
    "[2001:db8::1",
    "user@example.com",
    "a b",
  ])("%j is none", (text) => {
    expect(hostPattern(text)).toBeUndefined();
  });
});

describe("a host", () => {
  it.each<[string, string, number, boolean]>([
    ["files.example.com", "files.example.com", 443, true],
    ["files.example.com", "files.example.com", 8443, false],
    ["files.example.com:8443", "files.example.com", 8443, true],
    ["files.example.com:8443", "files.example.com", 443, false],
    ["files.example.com", "a.files.example.com", 443, false],
    ["files.example.com", "files.example.com.evil.test", 443, false],
    ["*.example.com", "a.example.com", 443, true],
    ["*.example.com", "b.a.example.com", 443, true],
    ["*.example.com", "example.com", 443, false],
    ["*.example.com", "evilexample.com", 443, false],
    ["*.example.com", "example.com.evil.test", 443, false],
    ["*", "anything.test", 443, true],
    ["*", "8.8.8.8", 443, true],
    ["*", "anything.test", 8443, false],
    ["10.1.2.3", "10.1.2.3", 443, true],
    ["10.1.2.3", "10.1.2.30", 443, false],
    ["[::1]", "::1", 443, true],
  ])("%s allows %s at %i: %s", (text, host, port, expected) => {
    const pattern = hostPattern(text);
    expect(isAllowedHost(pattern === undefined ? [] : [pattern], host, port)).toBe(expected);
  });
});
