import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isForm, parseForm } from "../../../src/multipart/form.ts";

const type = "multipart/form-data; boundary=xyz";
const file = Buffer.from([0, 1, 2, 13, 10, 45, 45, 120, 255, 13, 10]);

function field(name: string, value: string): Buffer {
  return Buffer.from(`--xyz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
}

const sound = Buffer.concat([
  Buffer.from(
    '--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\nContent-Type: audio/mpeg\r\n\r\n',
  ),
  file,
  Buffer.from("\r\n"),
]);
const end = Buffer.from("--xyz--\r\n");
const form = Buffer.concat([field("model", "whisper-1"), sound, field("language", "de"), end]);

describe("isForm", () => {
  it.each([
    [type, true],
    ["Multipart/Form-Data;boundary=a", true],
    ["multipart/form-data", true],
    ["multipart/form-data-else", false],
    ["application/json", false],
    [undefined, false],
  ])("%s: %s", (contentType, expected) => {
    expect(isForm(contentType)).toBe(expected);
  });
});

describe("a form", () => {
  it("shows its text fields and not its files", () => {
    const document = parseForm(form, type);
    expect(document.member("model")).toBe("whisper-1");
    expect(document.member("file")).toBeUndefined();
    expect(document.value).toEqual({ model: "whisper-1", language: "de" });
    expect(document.contentType).toBe(type);
  });

  it("changes, adds and removes fields, and leaves every other byte as it was", () => {
    const edited = parseForm(form, type).edit({ model: "whisper-large", language: undefined, prompt: "Hm." });
    const expected = Buffer.concat([
      field("model", "whisper-large"),
      sound,
      Buffer.from('--xyz\r\ncontent-disposition: form-data; name="prompt"\r\n\r\nHm.\r\n'),
      end,
    ]);
    expect(Buffer.from(edited).toString("latin1")).toBe(expected.toString("latin1"));
  });

  it("is the very same bytes when nothing changes", () => {
    const document = parseForm(form, type);
    expect(document.edit({ model: "whisper-1", missing: undefined })).toBe(document.bytes);
  });

  it("takes the last of fields of one name, and replaces them all", () => {
    const twice = Buffer.concat([field("model", "a"), field("model", "b"), end]);
    const document = parseForm(twice, type);
    expect(document.member("model")).toBe("b");
    expect(Buffer.from(document.edit({ model: "c" })).toString()).not.toMatch(/\r\n[ab]\r\n/);
  });

  it.each([
    ["a preamble before the first delimiter", Buffer.concat([Buffer.from("ignored\r\n"), form])],
    ["a quoted boundary", form, 'multipart/form-data; charset=utf-8; boundary="xyz"'],
    [
      "blanks behind a delimiter",
      Buffer.from(form.toString("latin1").replace("--xyz\r\n", "--xyz  \r\n"), "latin1"),
    ],
  ])("reads %s", (_, bytes, contentType = type) => {
    expect(parseForm(bytes, contentType).member("model")).toBe("whisper-1");
  });

  it("reads an empty field", () => {
    expect(parseForm(Buffer.concat([field("model", ""), end]), type).member("model")).toBe("");
  });

  it.each([
    ["no boundary", form, "multipart/form-data", /names no boundary/],
    ["no delimiter", Buffer.from("hello"), type, /cut off/],
    ["no end", form.subarray(0, form.length - end.length), type, /cut off/],
    [
      "a part without a name",
      Buffer.from("--xyz\r\nContent-Type: text/plain\r\n\r\na\r\n--xyz--"),
      type,
      /no name/,
    ],
    [
      "a head without an end",
      Buffer.from(`--xyz\r\n${"a: b\r\n".repeat(2_000)}`),
      type,
      /no end of its headers/,
    ],
    ["junk behind a delimiter", Buffer.from("--xyzz\r\n\r\n"), type, /something else/],
    [
      "too many parts",
      Buffer.concat([...Array(300).fill(field("a", "b")), end]),
      type,
      /more than 256 parts/,
    ],
  ])("refuses %s", (_, bytes, contentType, message) => {
    expect(() => parseForm(bytes, contentType)).toThrow(message);
  });

  it("refuses to read a field that is no field but a document", () => {
    const document = parseForm(Buffer.concat([field("prompt", "a".repeat(70_000)), end]), type);
    expect(() => document.member("prompt")).toThrow(/larger than 65536 bytes/);
    expect(document.glance(1_000)).toEqual({});
  });

  it("reads what it wrote, whatever the values are", () => {
    const value = fc.string().filter((text) => !text.includes("--xyz"));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value, { minKeys: 1 }), (fields) => {
        const empty = parseForm(Buffer.concat([field("first", "1"), end]), type);
        const document = parseForm(empty.edit(fields), type);
        for (const [name, text] of Object.entries(fields)) expect(document.member(name)).toBe(text);
        expect(document.member("first")).toBe(fields["first"] ?? "1");
      }),
    );
  });

  it("throws nothing but what the client did wrong, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.nat(form.length), fc.uint8Array({ maxLength: 12 }), (at, noise) => {
        const bytes = Buffer.concat([form.subarray(0, at), noise, form.subarray(at)]);
        try {
          expect(parseForm(bytes, type).bytes.length).toBe(bytes.length);
        } catch (error) {
          expect(error).toHaveProperty("name", "InvalidRequestError");
        }
      }),
    );
  });
});
