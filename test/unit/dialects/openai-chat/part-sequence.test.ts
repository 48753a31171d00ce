import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../../../src/conversation/events.ts";
import { ArgumentText } from "../../../../src/dialects/openai-chat/argument-text.ts";
import { PartSequence, PartSequenceError } from "../../../../src/dialects/openai-chat/part-sequence.ts";

describe("ArgumentText", () => {
  it.each<[text: string, isWhole: boolean]>([
    ["", false],
    ["{}", true],
    ["{", false],
    ['{"a":[{}]}', true],
    ['{"a":"}"', false],
    ['{"a":"\\"}"', false],
    ['{"a":"\\\\"}', true],
    [' {"a":1} ', true],
    ["null", false],
  ])("%j", (text, isWhole) => {
    const whole = new ArgumentText();
    whole.push(text);
    const pieces = new ArgumentText();
    for (const character of text) pieces.push(character);
    expect([whole.isWhole, pieces.isWhole]).toEqual([isWhole, isWhole]);
  });
});

describe("PartSequence", () => {
  const kinds = (events: readonly StreamEvent[]) =>
    events.map((event) => ("index" in event ? `${event.kind} ${event.index}` : event.kind));

  it("holds later calls until the first is whole, and then lets them go at once", () => {
    const out: StreamEvent[] = [];
    const sequence = new PartSequence(0, out);
    sequence.call("0", "a", "f", "{");
    sequence.call("1", "b", "g", '{"x":');
    sequence.call("2", "c", "h", "{}");
    expect(kinds(out)).toEqual(["open 0", "delta 0"]);
    sequence.call("0", "a", "", "}");
    expect(kinds(out).slice(2)).toEqual(["delta 0", "close 0", "open 1", "delta 1"]);
    sequence.call("1", "b", "", "1}");
    expect(kinds(out).slice(6)).toEqual(["delta 1", "close 1", "open 2", "delta 2"]);
    sequence.flush();
    expect(kinds(out).slice(10)).toEqual(["close 2"]);
  });

  it("closes calls that never became whole when the answer ends", () => {
    const out: StreamEvent[] = [];
    const sequence = new PartSequence(3, out);
    sequence.call("0", "a", "f", "{");
    sequence.call("1", "b", "g", "{");
    sequence.flush();
    expect(kinds(out)).toEqual(["open 0", "delta 0", "close 0", "open 1", "delta 1", "close 1"]);
    expect(out.every((event) => "candidate" in event && event.candidate === 3)).toBe(true);
  });

  it("is bounded in what waits and in the number of parts", () => {
    const held = new PartSequence(0, []);
    held.call("0", "a", "f", "{");
    const large = "x".repeat(1024 * 1024);
    expect(() => {
      for (let i = 0; i < 32; i++) held.call("1", "b", "g", large);
    }).toThrow(PartSequenceError);
    const many = new PartSequence(0, []);
    expect(() => {
      for (let i = 0; i < 10_000; i++) many.call(String(i), "a", "f", "{}");
    }).toThrow(PartSequenceError);
  });

  it("refuses a call that never gets a name", () => {
    const sequence = new PartSequence(0, []);
    sequence.call("0", "a", "", "{}");
    expect(() => sequence.flush()).toThrow(PartSequenceError);
  });
});
