import { describe, expect, it } from "vitest";
import {
  addressText,
  isLocal,
  isWildcard,
  parseAddress,
  workerListen,
} from "../../../src/settings/address.ts";

describe("parseAddress", () => {
  it.each([
    ["127.0.0.1:50051", { kind: "tcp", host: "127.0.0.1", port: 50051 }],
    ["localhost:0", { kind: "tcp", host: "localhost", port: 0 }],
    ["tollgate.mesh-1.svc:65535", { kind: "tcp", host: "tollgate.mesh-1.svc", port: 65535 }],
    ["[::1]:9902", { kind: "tcp", host: "::1", port: 9902 }],
    ["unix:/run/tollgate.sock", { kind: "unix", path: "/run/tollgate.sock" }],
  ])("reads %s, and writes it back", (text, address) => {
    const parsed = parseAddress(text);
    expect(parsed).toEqual(address);
    if (typeof parsed !== "string") expect(addressText(parsed)).toBe(text);
  });

  it.each([
    ["50051", "must be host:port"],
    [":50051", "must be host:port"],
    ["::1:50051", "must be host:port"],
    ["http://127.0.0.1:80", "must be host:port"],
    ["host:99999", "port 99999 is above 65535"],
    ["host:-1", "must be host:port"],
    ["host:http", "must be host:port"],
    ["a b:1", "must be host:port"],
    ["unix:tollgate.sock", "must be absolute"],
    [`unix:/${"x".repeat(120)}`, "must not be longer than 103 bytes"],
    ["", "must be host:port"],
  ])("refuses %s", (text, problem) => {
    expect(parseAddress(text)).toContain(problem);
  });
});

describe("workerListen", () => {
  it("counts ports and sockets up from the first", () => {
    const tcp = { kind: "tcp", host: "h", port: 7000 } as const;
    const unix = { kind: "unix", path: "/s" } as const;
    expect([0, 1, 2].map((index) => addressText(workerListen(tcp, index)))).toEqual([
      "h:7000",
      "h:7001",
      "h:7002",
    ]);
    expect([0, 1, 2].map((index) => addressText(workerListen(unix, index)))).toEqual([
      "unix:/s",
      "unix:/s.1",
      "unix:/s.2",
    ]);
    expect(
      workerListen({ ...tcp, port: 0 }, 3).kind === "tcp" && workerListen({ ...tcp, port: 0 }, 3),
    ).toEqual({
      ...tcp,
      port: 0,
    });
  });
});

describe("reach", () => {
  it.each([
    ["127.0.0.1:1", true, false],
    ["127.9.9.9:1", true, false],
    ["localhost:1", true, false],
    ["[::1]:1", true, false],
    ["unix:/s", true, false],
    ["0.0.0.0:1", false, true],
    ["[::]:1", false, true],
    ["10.0.0.7:1", false, false],
  ])("%s: local %s, wildcard %s", (text, local, wildcard) => {
    const parsed = parseAddress(text);
    if (typeof parsed === "string") throw new Error(parsed);
    expect([isLocal(parsed), isWildcard(parsed)]).toEqual([local, wildcard]);
  });
});
