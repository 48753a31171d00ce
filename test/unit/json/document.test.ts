import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidRequestError } from "../../../src/conversation/error.ts";
import { parseDocument } from "../../../src/json/document.ts";
import { maxDepth, maxMembers } from "../../../src/json/scan.ts";
import type { JsonObject, JsonValue } from "../../../src/json/types.ts";

const document = (text: string) => parseDocument(Buffer.from(text));
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");

describe("reading", () => {
  it.each<[name: string, json: string, member: string, value: JsonValue | undefined]>([
    ["a string", '{"a":"x"}', "a", "x"],
    ["space everywhere", ' \t\r\n{ "a" \n:\t1 , "b" : 2 } \n', "b", 2],
    ["an empty object", "{}", "a", undefined],
    ["escaped quotes and backslashes", '{"a":"\\"\\\\","b":"\\\\\\""}', "b", '\\"'],
    ["a name spelled with escapes", '{"mo\\u0064el":"x"}', "model", "x"],
    ["brackets in strings", '{"a":["]}",{"x":"}]"}],"b":true}', "b", true],
    ["the last of duplicates", '{"a":1,"a":2}', "a", 2],
    ["only the top level", '{"a":{"b":1}}', "b", undefined],
    ["null", '{"a":null}', "a", null],
    ["many bytes a character", '{"ключ":"日本🎉","b":-1.5e+3}', "b", -1500],
    ["a name of the prototype", '{"a":1}', "toString", undefined],
  ])("%s", (_name, json, member, value) => {
    expect(document(json).member(member)).toEqual(value);
    expect(document(json).value).toEqual(JSON.parse(json));
  });

  it("leaves what is not read unparsed, and says which member is broken", () => {
    const broken = document('{"a":1,"b":[1,,2]}');
    expect(broken.member("a")).toBe(1);
    expect(() => broken.member("b")).toThrow(InvalidRequestError);
    expect(() => broken.value).toThrow(expect.objectContaining({ path: "b", status: 400 }));
  });

  it.each<[string, number | undefined]>([
    ["[]", 0],
    ["[ ]", 0],
    ["[1]", 1],
    ['[ {"a":[1,2]} , "x,]" ,[] ]', 3],
    ['["\\"],", 2]', 2],
    [`["${"x,".repeat(200)}", true]`, 2],
    ['{"length":3}', undefined],
    ['"[1,2]"', undefined],
    ["null", undefined],
  ])("counts the items of %s without reading them", (json, count) => {
    expect(document(`{"a":${json},"b":1}`).items("a")).toBe(count);
  });

  it("counts no items of what is not there, and says where a list is broken", () => {
    expect(document('{"a":[1]}').items("b")).toBeUndefined();
    expect(() => document('{"a":[1,,2]}').items("a")).toThrow(InvalidRequestError);
    expect(() => document('{"a":[1 2]}').items("a")).toThrow(InvalidRequestError);
  });

  it("never quotes the body in an error", () => {
    expect(() => document('{"a":[secret]}').value).toThrow(/^The body is not valid JSON: the value of a \(/);
  });
});

describe("refusing", () => {
  it.each<[name: string, json: string]>([
    ["nothing", ""],
    ["an array", "[]"],
    ["null", "null"],
    ["no end", '{"a":1'],
    ["no end in a string", '{"a":"x'],
    ["an escaped end of string", '{"a":"x\\"}'],
    ["no end in a list", '{"a":[1'],
    ["text behind", "{} x"],
    ["two objects", "{}{}"],
    ["a comma too many", '{"a":1,}'],
    ["a comma first", '{,"a":1}'],
    ["no comma", '{"a":1 "b":2}'],
    ["no colon", '{"a" 1}'],
    ["no value", '{"a":}'],
    ["a bare name", "{a:1}"],
    ["a bracket that does not match", '{"a":[1},"b":2]}'],
    ["a byte order mark", "\ufeff{}"],
    ["too deep", `{"a":${"[".repeat(maxDepth)}${"]".repeat(maxDepth)}}`],
    ["too many members", `{${Array.from({ length: maxMembers + 1 }, (_, i) => `"${i}":0`).join(",")}}`],
    ["a control character in a name", '{"a\u0000":1}'],
  ])("%s", (_name, json) => {
    expect(() => document(json)).toThrow(InvalidRequestError);
  });

  it("takes the deepest nesting allowed", () => {
    const lists = maxDepth - 1;
    expect(document(`{"a":${"[".repeat(lists)}${"]".repeat(lists)}}`).member("a")).toBeInstanceOf(Array);
  });

  it("bytes that are not UTF-8", () => {
    expect(() => parseDocument(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(/UTF-8/);
  });
});

describe("editing", () => {
  it.each<[name: string, json: string, changes: Record<string, JsonValue | undefined>, expected: string]>([
    ["sets in place", '{ "a" : 1.0, "b":2 }', { b: "x" }, '{ "a" : 1.0, "b":"x" }'],
    ["adds at the end", '{"a":1\n}', { b: { c: [1] } }, '{"a":1,"b":{"c":[1]}\n}'],
    ["adds to nothing", "{ }", { b: 1 }, '{"b":1 }'],
    ["removes the first", '{ "a":1, "b":2 }', { a: undefined }, '{ "b":2 }'],
    ["removes the middle", '{"a":1, "b":2, "c":3}', { b: undefined }, '{"a":1, "c":3}'],
    ["removes the last", '{"a":1, "b":2 }', { b: undefined }, '{"a":1 }'],
    ["removes all and adds", '{"a":1,"b":2}', { a: undefined, b: undefined, c: 3 }, '{"c":3}'],
    ["collapses duplicates", '{"a":1,"b":0,"a":2}', { a: 3 }, '{"b":0,"a":3}'],
    ["collapses duplicates already as asked", '{"a":1,"b":0,"a":2}', { a: 2 }, '{"b":0,"a":2}'],
    ["removes duplicates", '{"a":1,"b":0,"a":2}', { a: undefined }, '{"b":0}'],
    [
      "keeps big numbers",
      '{"seed":12345678901234567890,"a":1}',
      { a: 2 },
      '{"seed":12345678901234567890,"a":2}',
    ],
    ["writes characters as UTF-8", '{"a":1}', { é: "日" }, '{"a":1,"é":"日"}'],
  ])("%s", (_name, json, changes, expected) => {
    expect(text(document(json).edit(changes))).toBe(expected);
  });

  it("gives back the same bytes when nothing changes", () => {
    const same = document('{"a":1,"b":"x"}');
    expect(same.edit({ b: "x", c: undefined })).toBe(same.bytes);
  });

  it("agrees with the standard parser on any object", () => {
    const names = fc.oneof(fc.constantFrom("a", "b", "model"), fc.string());
    const objects = fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true });
    const changes = fc.dictionary(
      fc.constantFrom("a", "b", "model"),
      fc.option(fc.jsonValue(), { nil: undefined }),
    );
    fc.assert(
      fc.property(objects, changes, fc.constantFrom(0, 1, "\t"), (object, change, indent) => {
        const before = document(JSON.stringify(object, null, indent));
        const after = document(text(before.edit(change as Record<string, JsonValue | undefined>)));
        const expected: JsonObject = { ...(JSON.parse(JSON.stringify(object)) as JsonObject) };
        for (const [name, value] of Object.entries(change)) {
          if (value === undefined) delete expected[name];
          else expected[name] = JSON.parse(JSON.stringify(value)) as JsonValue;
        }
        expect(after.value).toEqual(expected);
        for (const name of Object.keys(expected)) expect(after.member(name)).toEqual(expected[name]);
      }),
    );
  });
});

describe("8 MB of hostile text is scanned in linear time", () => {
  const size = 8 * 1024 * 1024;
  const fill = (unit: string) => unit.repeat(Math.floor(size / unit.length));
  // Generous: quadratic behaviour would take minutes, and shared machines are slow.
  const limitMs = 2000;
  it.each<[name: string, json: string]>([
    ["one string", `{"a":"${fill("x")}"}`],
    ["empty strings", `{"a":[${fill('"",')}""]}`],
    ["strings just over the walked length", `{"a":[${fill(`"${"x".repeat(66)}",`)}""]}`],
    ["escaped quotes", `{"a":"${fill('\\"')}"}`],
    ["escaped quotes far apart", `{"a":"${fill(`${"x".repeat(66)}\\"`)}"}`],
    ["backslashes", `{"a":"${fill("\\\\")}"}`],
    ["runs of backslashes before quotes", `{"a":"${fill(`${"\\".repeat(4095)}"`)}"}`],
    ["brackets", `{"a":[${fill("[],")}[]]}`],
    ["numbers", `{"a":[${fill("1,")}1]}`],
    ["spaces", `{"a":${fill(" ")}1}`],
  ])("%s", (_name, json) => {
    const bytes = Buffer.from(json);
    const start = performance.now();
    expect(parseDocument(bytes).member("b")).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(limitMs);
  });
});
