import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import {
  type FetchedFile,
  type FetchedFiles,
  missingFiles,
  refuseUrl,
  type UrlObjection,
  untakenFiles,
  withFiles,
} from "../../../src/conversation/files.ts";
import type { Part } from "../../../src/conversation/parts.ts";
import type { ConversationRequest } from "../../../src/conversation/request.ts";
import { neutralRequest } from "./neutral-request.ts";

const url = (name: string) => ({ kind: "url", url: `https://e.x/${name}` }) as const;
const image = (name: string, at: string): Part => ({
  kind: "image",
  source: url(name),
  detail: "high",
  at,
  cache: {},
});
const pdf = (name: string, at: string): Part => ({
  kind: "document",
  source: url(name),
  name: "Paper.pdf",
  at,
});
const audio = (name: string, at: string): Part => ({ kind: "audio", source: url(name), at });

function request(...turns: readonly (readonly Part[])[]): ConversationRequest {
  return neutralRequest({
    turns: turns.map((parts, index) => ({ role: "user", parts, at: `messages[${index}]` })),
  });
}

const file = (mediaType: string, text: string): FetchedFile => ({ mediaType, bytes: Buffer.from(text) });
const fetched = (
  files: Readonly<Record<string, FetchedFile>>,
  more: Partial<FetchedFiles> = {},
): FetchedFiles => ({
  byUrl: new Map(Object.entries(files).map(([name, found]) => [`https://e.x/${name}`, found])),
  maxFiles: 16,
  maxBytes: 1_000,
  ...more,
});

const never: UrlObjection = () => "no URLs";
const onlyImages: UrlObjection = (kind) => (kind === "image" ? undefined : `no ${kind} by URL`);

const conversation = request(
  [{ kind: "text", text: "https://e.x/text", at: "t" }, image("a.png", "a"), image("b.png", "b")],
  [
    {
      kind: "tool-result",
      callId: "1",
      isError: false,
      at: "r",
      content: [{ kind: "text", text: "seen" }, image("a.png", "r.a"), pdf("c.pdf", "r.c")],
    },
    audio("d.wav", "d"),
    { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "AA==" }, at: "e" },
    { kind: "document", source: { kind: "file", id: "file_1" }, at: "f" },
    { kind: "document", source: { kind: "text", text: "plain" }, at: "g" },
  ],
);

describe("files that a target cannot take", () => {
  it.each<[string, UrlObjection, readonly string[]]>([
    ["all, each once", never, ["a image a.png", "b image b.png", "r.c document c.pdf", "d audio d.wav"]],
    ["some", onlyImages, ["r.c document c.pdf", "d audio d.wav"]],
    ["none", () => undefined, []],
  ])("%s", (_, objectionTo, expected) => {
    const found = untakenFiles(conversation, objectionTo);
    expect(
      found.map(({ at, kind, url: from }) => `${at} ${kind} ${from.slice("https://e.x/".length)}`),
    ).toEqual(expected);
  });

  it("are told with what the target objects to", () => {
    const [first] = untakenFiles(conversation, onlyImages);
    expect(first?.objection).toBe("no document by URL");
    expect(() => refuseUrl(first ?? expect.fail())).toThrow(
      expect.objectContaining({
        path: "r.c",
        status: 400,
        code: "file_url_not_supported",
        message: expect.stringMatching(/^no document by URL: send the document as base64 data/),
      }),
    );
  });

  it("are named by the turn when the part has no place of its own", () => {
    const bare = request([{ kind: "image", source: url("a") }]);
    expect(untakenFiles(bare, never)[0]?.at).toBe("messages[0]");
  });
});

describe("what is still to be fetched", () => {
  const untaken = untakenFiles(conversation, never);

  it("is what there is not", () => {
    const there = fetched({ "a.png": file("image/png", "A"), "d.wav": file("audio/wav", "D") });
    expect(missingFiles(untaken, there).map(({ at }) => at)).toEqual(["b", "r.c"]);
  });

  it("is so many files at most", () => {
    expect(missingFiles(untaken, fetched({}, { maxFiles: 4 }))).toHaveLength(4);
    expect(() => missingFiles(untaken, fetched({}, { maxFiles: 3 }))).toThrow(
      expect.objectContaining({
        path: "d",
        code: "media_fetch_failed",
        message: expect.stringContaining("at most 3 files"),
      }),
    );
  });
});

describe("bytes in the place of URLs", () => {
  const all = {
    "a.png": file("image/png", "AAA"),
    "b.png": file("image/webp", "B"),
    "c.pdf": file("application/pdf", "CC"),
    "d.wav": file("audio/mpeg", "D"),
  };

  it("are what was fetched, and everything else stays", () => {
    const [first, second] = withFiles(conversation, never, fetched(all)).turns;
    expect(first?.parts).toEqual([
      { kind: "text", text: "https://e.x/text", at: "t" },
      {
        kind: "image",
        source: { kind: "base64", mediaType: "image/png", data: "QUFB" },
        detail: "high",
        at: "a",
        cache: {},
      },
      {
        kind: "image",
        source: { kind: "base64", mediaType: "image/webp", data: "Qg==" },
        detail: "high",
        at: "b",
        cache: {},
      },
    ]);
    expect(second?.parts[0]).toMatchObject({
      content: [
        { kind: "text" },
        { kind: "image", source: { data: "QUFB" } },
        { kind: "document", source: { mediaType: "application/pdf", data: "Q0M=" }, name: "Paper.pdf" },
      ],
    });
    expect(second?.parts[1]).toEqual({
      kind: "audio",
      source: { kind: "base64", format: "mp3", data: "RA==" },
      at: "d",
    });
    expect(second?.parts.slice(2)).toEqual(conversation.turns[1]?.parts.slice(2));
  });

  it("only where the target cannot take the URL", () => {
    const filled = withFiles(conversation, onlyImages, fetched(all));
    expect(filled.turns[0]).toBe(conversation.turns[0]);
    expect(filled.turns[1]?.parts[1]).toMatchObject({ source: { kind: "base64" } });
  });

  it("are text for a document", () => {
    const filled = withFiles(request([pdf("a", "a")]), never, fetched({ a: file("text/plain", "Hi") }));
    expect(filled.turns[0]?.parts[0]).toMatchObject({ source: { mediaType: "text/plain", data: "SGk=" } });
  });

  it.each<[string, Part, string]>([
    ["an image that is a PDF", image("a", "x"), "application/pdf"],
    ["a document that is an image", pdf("a", "x"), "image/png"],
    ["audio that is text", audio("a", "x"), "text/plain"],
  ])("%s is refused", (_, part, mediaType) => {
    const filling = () => withFiles(request([part]), never, fetched({ a: file(mediaType, "A") }));
    expect(filling).toThrow(
      expect.objectContaining({
        path: "x",
        code: "media_fetch_failed",
        message: `there is no ${part.kind} at this URL, but ${mediaType}`,
      }),
    );
  });

  it("count as often as they are named", () => {
    // Of a.png three bytes twice, B, CC and D.
    expect(() => withFiles(conversation, never, fetched(all, { maxBytes: 10 }))).not.toThrow();
    expect(() => withFiles(conversation, never, fetched(all, { maxBytes: 9 }))).toThrow(InvalidRequestError);
  });
});
