/** Where a fetch may lead: names, addresses, redirects. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reachOf } from "../../../src/media/addresses.ts";
import type { Address } from "../../../src/media/network.ts";
import { fetched, fetcher, limits } from "./fetching.ts";
import { type FileServer, file, png, redirect, startFileServer } from "./file-server.ts";

let server: FileServer;
const cat = `image/png: ${png.toString("latin1")}`;
const notPublic = "the image at this URL cannot be fetched: its host has no public address";

beforeAll(async () => {
  server = await startFileServer(
    {
      "/cat.png": file("image/png", png),
      "/to-cat": redirect("/cat.png"),
      "/to-metadata": redirect("https://169.254.169.254/latest/meta-data/iam/"),
      "/to-loopback": (_, response) =>
        response.writeHead(302, { location: `https://127.0.0.1:${server.port}/cat.png` }).end(),
      "/to-private-name": redirect("https://db.internal/"),
      "/to-http": redirect("http://localhost/cat.png"),
      "/to-password": redirect("https://a:b@localhost/cat.png"),
      "/to-nowhere": redirect("https://"),
      "/to-itself": redirect("/to-itself"),
      "/hop-1": redirect("/hop-2", 301),
      "/hop-2": redirect("/hop-3", 307),
      "/hop-3": redirect("/cat.png", 308),
      "/hop-0": redirect("/hop-1", 303),
      "/no-location": (_, response) => response.writeHead(302).end(),
    },
    ["files.example.com"],
  );
});

afterAll(() => server.stop());

const at = (path: string, host?: string) => server.url(path, host);

describe("an address", () => {
  it.each([
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "2130706433",
    "0x7f.1",
    "[::1]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[::]",
  ])("%s in a URL is not connected to", async (host) => {
    const { media, outcomes } = fetcher({ reachOf, ca: server.ca });
    const before = server.connections.accepted;
    expect(await fetched(media.filesFor(limits), `https://${host}:${server.port}/cat.png`)).toBe(notPublic);
    expect(outcomes).toEqual([{ outcome: "address", bytes: 0 }]);
    expect(server.connections.accepted).toBe(before);
  });

  it.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"])(
    "%s of a name is not connected to",
    async (address) => {
      const resolve = async () => [{ address, family: address.includes(":") ? 6 : 4 }];
      const { media } = fetcher({ reachOf, resolve, ca: server.ca });
      const before = server.connections.accepted;
      expect(await fetched(media.filesFor(limits), at("/cat.png"))).toBe(notPublic);
      expect(server.connections.accepted).toBe(before);
    },
  );

  it.each([
    ["127.0.0.1", true, cat],
    ["169.254.169.254", true, notPublic],
    ["::ffff:127.0.0.1", true, notPublic],
    ["127.0.0.1", false, notPublic],
  ])("%s, private ones allowed: %s", async (address, allowPrivate, expected) => {
    const resolve = async () => [{ address, family: address.includes(":") ? 6 : 4 }];
    const { media } = fetcher({ reachOf, resolve, ca: server.ca });
    expect(await fetched(media.filesFor({ ...limits, allowPrivate }), at("/cat.png"))).toBe(expected);
  });
});

describe("a name", () => {
  it.each<[string, readonly string[]]>([
    ["before", ["10.0.0.1", "127.0.0.1"]],
    ["behind", ["127.0.0.1", "::1", "169.254.169.254"]],
  ])("with special addresses %s a public one is only connected to at that", async (_, addresses) => {
    const resolve = async (): Promise<Address[]> =>
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    const { media } = fetcher({
      reachOf: (address) => (address === "127.0.0.1" ? "public" : reachOf(address)),
      resolve,
      ca: server.ca,
    });
    expect(await fetched(media.filesFor(limits), at("/cat.png"))).toBe(cat);
  });

  it("is resolved once: what was looked at is what is connected to", async () => {
    const asked: string[] = [];
    // The second answer of a rebinding name would be the machine itself.
    const resolve = async (host: string) => {
      asked.push(host);
      return [{ address: asked.length === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }];
    };
    const seen: string[] = [];
    const { media } = fetcher({
      resolve,
      reachOf: (address) => {
        seen.push(address);
        return "public";
      },
      ca: server.ca,
    });
    // No such name exists: the connection can only come from what the resolver said.
    expect(await fetched(media.filesFor(limits), at("/cat.png", "files.example.com"))).toBe(cat);
    expect(asked).toEqual(["files.example.com"]);
    expect(seen).toEqual(["127.0.0.1"]);
    expect(server.requests.at(-1)?.headers.host).toBe(`files.example.com:${server.port}`);
  });

  it("without an address cannot be reached", async () => {
    const resolve = async () => {
      throw new Error("queryA ENOTFOUND secret.internal");
    };
    const { media } = fetcher({ resolve, ca: server.ca });
    expect(await fetched(media.filesFor(limits), at("/cat.png"))).toMatch(/its host has no address$/);
  });

  it("whose certificate is of somebody else is not trusted", async () => {
    const { media } = fetcher({ ca: server.ca });
    const said = await fetched(media.filesFor(limits), at("/cat.png", "other.example.com"));
    expect(said).toMatch(/its server cannot be reached \(ERR_TLS_CERT_ALTNAME_INVALID\)$/);
    const { media: strict } = fetcher({});
    expect(await fetched(strict.filesFor(limits), at("/cat.png"))).toMatch(/SELF_SIGNED/);
  });

  it("that nobody listens at cannot be reached", async () => {
    const { media } = fetcher({ ca: server.ca });
    expect(await fetched(media.filesFor(limits), "https://localhost:1/")).toMatch(/\(ECONNREFUSED\)$/);
  });

  it("that the policy does not allow is not even resolved", async () => {
    const resolve = async () => {
      throw new Error("asked");
    };
    const { media, outcomes } = fetcher({ resolve });
    const allows = (host: string, port: number) => host === "localhost" && port === 443;
    expect(await fetched(media.filesFor({ ...limits, allows }), at("/cat.png"))).toMatch(/policy/);
    expect(outcomes).toEqual([{ outcome: "host", bytes: 0 }]);
  });
});

describe("a redirect", () => {
  const only = (address: string) => (address === "127.0.0.1" ? "public" : reachOf(address));

  it.each([
    ["/to-cat", cat],
    ["/hop-1", cat],
    ["/hop-0", "it is redirected more than 3 times"],
    ["/to-itself", "it is redirected more than 3 times"],
    ["/to-metadata", "its host has no public address"],
    ["/to-http", "only https URLs are fetched"],
    ["/to-password", "URLs with a name or password in them are not fetched"],
    ["/to-nowhere", "its URL is not valid"],
    ["/no-location", "its server answers 302"],
  ])("%s: %s", async (path, expected) => {
    const { media } = fetcher({ reachOf: only, ca: server.ca });
    expect(await fetched(media.filesFor(limits), at(path))).toMatch(new RegExp(`${escaped(expected)}$`));
  });

  it("to a name with a private address is not followed", async () => {
    const resolve = async (host: string) => [
      { address: host === "db.internal" ? "10.0.0.5" : "127.0.0.1", family: 4 },
    ];
    const { media } = fetcher({ reachOf: only, resolve, ca: server.ca });
    expect(await fetched(media.filesFor(limits), at("/to-private-name"))).toBe(notPublic);
  });

  it("to a host that the policy does not allow is not followed", async () => {
    const { media } = fetcher({ ca: server.ca });
    const allows = (host: string) => host === "localhost";
    const said = await fetched(media.filesFor({ ...limits, allows }), at("/to-loopback"));
    expect(said).toMatch(/policy does not allow its host$/);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
