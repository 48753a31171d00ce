/** How much, how long and how many at once. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetched, fetcher, limits, wanted } from "./fetching.ts";
import { type FileServer, file, pdf, png, startFileServer, wav } from "./file-server.ts";

let server: FileServer;
/** Answers that are held back until somebody lets them go. */
const held: Array<() => void> = [];
const large = Buffer.concat([png, Buffer.alloc(100_000 - png.length)]);
const cat = `image/png: ${png.toString("latin1")}`;

beforeAll(async () => {
  server = await startFileServer({
    "/cat.png": file("image/png", png),
    "/cat.wav": file("audio/x-wav", wav),
    "/paper": file("application/octet-stream", pdf),
    "/bare": file(undefined, png),
    "/large.png": file("image/png", large),
    "/page": file("text/html", "<!doctype html>"),
    "/empty": file("image/png", ""),
    "/chunked": (_, response) => {
      response.writeHead(200, { "content-type": "image/png" });
      response.write(png.subarray(0, 4));
      setTimeout(() => response.end(png.subarray(4)), 10);
    },
    // Tells less than it sends: HTTP ends where it was told to.
    "/tells-less": (_, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-length": png.length });
      response.write(png);
      response.socket?.end(large);
    },
    "/tells-more": (_, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-length": 1_000 });
      response.write(png, () => response.destroy());
    },
    "/tells-too-much": (_, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-length": 10_000_000 });
      response.write(png);
    },
    "/endless": (_, response) => {
      response.writeHead(200, { "content-type": "image/png" });
      const more = () => {
        while (!response.destroyed && response.write(large));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
    "/slow": (_, response) => {
      response.writeHead(200, { "content-type": "image/png" });
      const timer = setInterval(() => response.write("x"), 10);
      response.once("close", () => clearInterval(timer));
    },
    "/silent": () => undefined,
    "/held": (_, response) => {
      held.push(() => file("image/png", png)({} as never, response));
    },
    "/gzip": (_, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-encoding": "gzip" }).end(gzipSync(png));
    },
    "/identity": (_, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-encoding": "Identity" }).end(png);
    },
    "/partial": (_, response) => {
      response.writeHead(206, { "content-type": "image/png", "content-range": "bytes 0-3/9" }).end(png);
    },
    "/broken-head": (_, response) => response.socket?.end("HTTP/1.1 two hundred\r\n\r\n"),
    "/broken-body": (_, response) => {
      response.writeHead(200, { "content-type": "image/png" });
      response.write(png, () => response.destroy());
    },
    "/long-head": (_, response) => {
      response.writeHead(200, { "content-type": "image/png", "x-long": "x".repeat(100_000) }).end(png);
    },
  });
});

afterAll(() => server.stop());

const at = (path: string) => server.url(path);

describe("a file", () => {
  it.each([
    ["/cat.png?size=1", cat],
    ["/cat.wav", `audio/wav: ${wav.toString("latin1")}`],
    ["/paper", `application/pdf: ${pdf.toString("latin1")}`],
    ["/bare", cat],
    ["/chunked", cat],
    ["/identity", cat],
    ["/tells-less", cat],
    ["/nothing", "its server answers 404"],
    ["/partial", "its server answers 206"],
    ["/page", "it is neither an image, a PDF, plain text nor audio"],
    ["/empty", "it is empty"],
    ["/gzip", "its server sends it compressed"],
    ["/tells-more", "its server cannot be reached (ECONNRESET)"],
    ["/broken-body", "its server cannot be reached (ECONNRESET)"],
    ["/broken-head", "its server cannot be reached (HPE_INVALID_STATUS)"],
    ["/long-head", "its server cannot be reached (HPE_HEADER_OVERFLOW)"],
    ["/tells-too-much", "it has more bytes than the gateway may fetch for a request"],
    ["/endless", "it has more bytes than the gateway may fetch for a request"],
  ])("%s: %s", async (path, expected) => {
    const { media } = fetcher({ ca: server.ca });
    const files = media.filesFor(limits);
    const said = await fetched(files, at(path));
    expect(said.replace(/^the image at this URL cannot be fetched: /, "")).toBe(expected);
    if (said.startsWith("the image")) expect(media.heldBytes).toBe(0);
    files.release();
    expect(media.heldBytes).toBe(0);
    await expect.poll(() => server.connections.open).toBe(0);
  });

  it("is asked for with nothing of the client's", async () => {
    const { media } = fetcher({ ca: server.ca });
    await fetched(media.filesFor(limits), at("/cat.png?sig=a%20b#page=2"));
    const request = server.requests.at(-1);
    expect(request?.method).toBe("GET");
    expect(request?.url).toBe("/cat.png?sig=a%20b");
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
      "accept",
      "accept-encoding",
      "connection",
      "host",
      "user-agent",
    ]);
    expect(request?.headers["accept-encoding"]).toBe("identity");
  });

  it.each([
    [large.length, /^image\/png/],
    [large.length - 1, /more bytes/],
  ])("of a hundred thousand bytes, %i allowed: %s", async (maxBytes, expected) => {
    const { media } = fetcher({ ca: server.ca });
    expect(await fetched(media.filesFor({ ...limits, maxBytes }), at("/large.png"))).toMatch(expected);
  });
});

describe("time", () => {
  it.each(["/slow", "/silent"])("runs out at %s", async (path) => {
    const { media, outcomes } = fetcher({ ca: server.ca });
    const files = media.filesFor({ ...limits, timeoutMs: 100 });
    expect(await fetched(files, at(path))).toMatch(/it takes too long$/);
    expect(outcomes).toEqual([{ outcome: "timeout", bytes: expect.any(Number) }]);
    expect(media.heldBytes).toBe(0);
    await expect.poll(() => server.connections.open).toBe(0);
  });

  it("runs out at a resolver that does not answer", async () => {
    const { media } = fetcher({ ca: server.ca, resolve: () => new Promise(() => undefined) });
    const files = media.filesFor({ ...limits, timeoutMs: 50 });
    expect(await fetched(files, at("/cat.png"))).toMatch(/it takes too long$/);
  });

  it("is one for all files of a request, one after the other", async () => {
    const { media } = fetcher({ ca: server.ca });
    const files = media.filesFor({ ...limits, timeoutMs: 60 });
    expect(await fetched(files, at("/silent"))).toMatch(/it takes too long$/);
    const since = performance.now();
    expect(await fetched(files, at("/slow"))).toMatch(/it takes too long$/);
    expect(performance.now() - since).toBeLessThan(50);
  });

  it("is one for all files of a request, those that wait for their turn included", async () => {
    const { media, outcomes } = fetcher({ ca: server.ca }, { maxAtOnce: 1 });
    const files = media.filesFor({ ...limits, timeoutMs: 60 });
    const urls = ["/silent?1", "/silent?2", "/silent?3"].map(at);
    await expect(files.fetch(wanted(...urls))).rejects.toMatchObject({ code: "media_fetch_failed" });
    await expect.poll(() => outcomes.length).toBe(3);
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(["timeout"]));
  });
});

describe("files of one request", () => {
  it("are fetched once each, whoever wants them and how often", async () => {
    const { media, outcomes } = fetcher({ ca: server.ca });
    const files = media.filesFor(limits);
    const before = server.requests.length;
    const url = at("/cat.png");
    await Promise.all([files.fetch(wanted(url, url)), files.fetch(wanted(url))]);
    await files.fetch(wanted(url, at("/paper")));
    expect(server.requests.length - before).toBe(2);
    expect(outcomes.map(({ bytes }) => bytes)).toEqual([png.length, pdf.length]);
    expect([...files.fetched.byUrl.keys()]).toEqual([url, at("/paper")]);
  });

  it("that failed are not tried again", async () => {
    const { media } = fetcher({ ca: server.ca });
    const files = media.filesFor(limits);
    const before = server.requests.length;
    expect(await fetched(files, at("/nothing"))).toMatch(/404/);
    expect(await fetched(files, at("/nothing"))).toMatch(/404/);
    expect(server.requests.length - before).toBe(1);
  });

  it("say which one it was", async () => {
    const { media } = fetcher({ ca: server.ca });
    const files = media.filesFor(limits);
    await expect(files.fetch(wanted(at("/cat.png"), at("/nothing?token=secret")))).rejects.toMatchObject({
      path: "messages[0].content[1]",
      status: 400,
      code: "media_fetch_failed",
      message: "the image at this URL cannot be fetched: its server answers 404",
    });
  });

  it("share their room", async () => {
    const { media } = fetcher({ ca: server.ca });
    const files = media.filesFor({ ...limits, maxBytes: large.length * 2 });
    await files.fetch(wanted(at("/large.png?1"), at("/large.png?2")));
    expect(await fetched(files, at("/cat.png"))).toMatch(/more bytes/);
  });

  it("are fetched a few at a time", async () => {
    const { media } = fetcher({ ca: server.ca });
    const files = media.filesFor(limits);
    const urls = Array.from({ length: 10 }, (_, index) => at(`/held?${index}`));
    const all = files.fetch(wanted(...urls));
    await expect.poll(() => held.length).toBe(4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(held.length).toBe(4);
    for (let done = 0; done < urls.length; done++) {
      await expect.poll(() => held.length).toBeGreaterThan(0);
      held.shift()?.();
    }
    await all;
    expect(files.fetched.byUrl.size).toBe(10);
  });

  it("end when they are released", async () => {
    const { media, outcomes } = fetcher({ ca: server.ca });
    const files = media.filesFor(limits);
    await files.fetch(wanted(at("/cat.png")));
    const pending = files.fetch(wanted(at("/slow"), at("/silent")));
    await expect.poll(() => server.connections.open).toBe(2);
    files.release();
    files.release();
    await expect(pending).rejects.toMatchObject({ name: "MediaUnavailableError", reason: "cancelled" });
    await expect.poll(() => server.connections.open).toBe(0);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["fetched", "cancelled", "cancelled"]);
    expect(media.heldBytes).toBe(0);
    await expect(files.fetch(wanted(at("/cat.png")))).rejects.toMatchObject({ reason: "cancelled" });
  });
});

describe("files of all requests", () => {
  it("are held up to a number of bytes", async () => {
    const { media, outcomes } = fetcher({ ca: server.ca }, { maxHeldBytes: large.length + 10 });
    const [first, second] = [media.filesFor(limits), media.filesFor(limits)];
    await first.fetch(wanted(at("/large.png")));
    await expect(second.fetch(wanted(at("/large.png")))).rejects.toMatchObject({ reason: "busy" });
    expect(outcomes.at(-1)?.outcome).toBe("busy");
    first.release();
    const third = media.filesFor(limits);
    await third.fetch(wanted(at("/large.png")));
    expect(media.heldBytes).toBe(large.length);
  });

  it("are fetched and wait up to a number each", async () => {
    const { media } = fetcher({ ca: server.ca }, { maxAtOnce: 1, maxWaiting: 1 });
    const requests = [1, 2, 3].map((number) => {
      const files = media.filesFor(limits);
      return { files, done: files.fetch(wanted(at(`/held?${number}`))) };
    });
    await expect(requests[2]?.done).rejects.toMatchObject({ reason: "busy" });
    await expect.poll(() => held.length).toBe(1);
    held.shift()?.();
    await requests[0]?.done;
    await expect.poll(() => held.length).toBe(1);
    held.shift()?.();
    await requests[1]?.done;
  });
});
