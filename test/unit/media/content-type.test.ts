import { describe, expect, it } from "vitest";
import { declaredType, typeOfBytes } from "../../../src/media/content-type.ts";
import { MediaFetchError } from "../../../src/media/error.ts";
import { jpeg, pdf, png, wav } from "./file-server.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const gif = latin1("GIF89a of a cat");
const webp = latin1("RIFF\x20\0\0\0WEBPVP8 of a cat");

describe("what a server declares", () => {
  it.each([
    ["image/png", "image/png"],
    ["IMAGE/PNG; charset=binary", "image/png"],
    ["image/jpg", "image/jpeg"],
    ["application/x-pdf", "application/pdf"],
    ["text/plain; charset=utf-8", "text/plain"],
    ["audio/mpeg", "audio/mpeg"],
    ["audio/x-wav", "audio/x-wav"],
    ["application/octet-stream", undefined],
    ["binary/octet-stream", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%s is %s", (header, type) => {
    expect(declaredType(header)).toBe(type);
  });

  it.each(["text/html", "application/json", "image/svg+xml", "video/mp4", "text/csv", "audio/", "nonsense"])(
    "%s is not accepted",
    (header) => {
      expect(() => declaredType(header)).toThrow(MediaFetchError);
    },
  );
});

describe("what the bytes are", () => {
  it.each([
    ["PNG", png, "image/png", "image/png"],
    ["PNG without a declaration", png, undefined, "image/png"],
    ["PNG declared as JPEG", png, "image/jpeg", "image/png"],
    ["JPEG", jpeg, undefined, "image/jpeg"],
    ["GIF", gif, undefined, "image/gif"],
    ["WebP", webp, undefined, "image/webp"],
    ["PDF", pdf, undefined, "application/pdf"],
    ["PDF declared as text", pdf, "text/plain", "application/pdf"],
    ["WAV", wav, undefined, "audio/wav"],
    ["FLAC", latin1("fLaC…"), undefined, "audio/flac"],
    ["MP3 with a tag", latin1("ID3\x04"), undefined, "audio/mpeg"],
    ["MP3 without", latin1("\xff\xfb\x90"), "audio/mpeg", "audio/mpeg"],
    ["text", Buffer.from("Katzen schnurren — manchmal"), "text/plain", "text/plain"],
  ])("%s", (_, bytes, declared, type) => {
    expect(typeOfBytes(bytes, declared)).toBe(type);
  });

  it.each([
    ["a page declared as an image", latin1("<!doctype html>"), "image/png", /it is not image\/png/],
    ["text that nobody declared", latin1("hello"), undefined, /known type/],
    ["text in another charset", latin1("sch\xf6n"), "text/plain", /UTF-8/],
    ["binary declared as text", latin1("a\0b"), "text/plain", /UTF-8/],
    ["SVG", latin1("<svg>"), "image/png", /it is not image\/png/],
    ["a cut signature", latin1("\x89PN"), "image/png", /it is not image\/png/],
    ["another RIFF", latin1("RIFF\x20\0\0\0AVI LIST"), undefined, /known type/],
  ])("%s is refused", (_, bytes, declared, message) => {
    expect(() => typeOfBytes(bytes, declared)).toThrow(message);
  });
});
