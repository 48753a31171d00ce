/** Answers of all kinds, made up, whole and as they stream: what no recording combines. */
import fc from "fast-check";
import type { Answer, Candidate, FinishReason } from "../../../src/conversation/answer.ts";
import type { StreamEvent } from "../../../src/conversation/events.ts";
import type { Part } from "../../../src/conversation/parts.ts";
import type { Usage } from "../../../src/conversation/usage.ts";
import { png } from "../losses/probe.ts";
import { answeredAnnotations, foreignParts } from "./foreign.ts";
import { type Judged, judgedNames } from "./judged.ts";

const words = fc.constantFrom("Hello", "", "naïve 🙂");
const logprob = { token: "Hello", logprob: -0.1, bytes: [72], top_logprobs: [] };

function part(dialect: Judged): fc.Arbitrary<Part> {
  // A call of a custom tool has a type in whole answers only.
  const foreign = dialect === "openai-chat" ? [] : foreignParts(dialect, "assistant");
  return fc.oneof(
    words.map((text) => ({ kind: "text" as const, text })),
    words.map((text) => ({
      kind: "text" as const,
      text,
      annotations: { dialect, items: answeredAnnotations[dialect] },
    })),
    words.map((text) => ({ kind: "refusal" as const, text })),
    words.map((text) => ({ kind: "reasoning" as const, text, origin: dialect })),
    words.map((text) => ({ kind: "reasoning" as const, text, origin: dialect, signature: "c2ln" })),
    fc.constant({ kind: "reasoning" as const, text: "", origin: dialect, redacted: "c2VhbGVk" }),
    fc
      .tuple(fc.constantFrom("call_1", "", "functions.f:0"), fc.constantFrom('{"a":1}', "", '{"a'))
      .map(([id, input]) => ({ kind: "tool-call" as const, id, name: "weather", arguments: input })),
    fc.constant({
      kind: "image" as const,
      source: { kind: "base64" as const, mediaType: "image/png", data: png },
    }),
    ...(foreign.length === 0 ? [] : [fc.constantFrom(...foreign)]),
  );
}

function candidate(dialect: Judged): fc.Arbitrary<Candidate> {
  const finish = fc.constantFrom<FinishReason[]>(
    ...(["stop", "length", "context", "tool-calls", "refusal", "pause"] as const),
  );
  return fc.record(
    {
      parts: fc.array(part(dialect), { maxLength: 4 }),
      finish,
      stopSequence: fc.constant("END"),
      logprobs: fc.constantFrom({ content: [logprob], refusal: null }, { content: null, refusal: [logprob] }),
    },
    { requiredKeys: ["parts", "finish"] },
  );
}

const usage: fc.Arbitrary<Usage> = fc
  .record({
    cacheRead: fc.constantFrom(0, 30),
    cacheWrite: fc.constantFrom(0, 20),
    reasoning: fc.constantFrom(0, 10),
    audio: fc.constantFrom(0, 5),
    estimated: fc.boolean(),
  })
  .map(({ audio, cacheWrite, ...counts }) => ({
    ...counts,
    cacheWrite,
    cacheWriteHour: cacheWrite / 2,
    input: 100,
    output: 40,
    audioInput: audio,
    audioOutput: audio,
  }));

const answer = fc.constantFrom(...judgedNames).chain((dialect) =>
  fc.record(
    {
      id: fc.constantFrom("", "msg_1", "chatcmpl-1", "resp_1"),
      model: fc.constant("served"),
      created: fc.constant(1_760_000_000),
      candidates: fc.array(candidate(dialect), { minLength: 1, maxLength: 2 }),
      usage,
      serviceTier: fc.constantFrom("default", "standard", "priority", "batch", "flex", "on_demand"),
      dialect: fc.constant(dialect),
    },
    { requiredKeys: ["id", "model", "candidates", "usage", "dialect"] },
  ),
);

/** The same ones each time. */
export function answers(count: number): Answer[] {
  return fc.sample(answer, { numRuns: count, seed: 20_261_021 });
}

/** The answer as a provider streams it. */
export function streamed({ id, model, created, candidates, usage: counts }: Answer): StreamEvent[] {
  return [
    { kind: "start", id, model, ...(created !== undefined && { created }) },
    { kind: "ping" },
    ...candidates.flatMap((one, index) => one.parts.flatMap((piece, at) => pieces(piece, index, at))),
    ...candidates.flatMap((one, index) => ending(one, index)),
    { kind: "usage", usage: counts },
    { kind: "end" },
  ];
}

function pieces(piece: Part, of: number, index: number): StreamEvent[] {
  const place = { candidate: of, index };
  const opened = (open: Extract<StreamEvent, { kind: "open" }>["part"], text: string): StreamEvent[] => [
    { kind: "open", ...place, part: open },
    ...(text === "" ? [] : [{ kind: "delta", ...place, text } as const]),
  ];
  switch (piece.kind) {
    case "text": {
      const cited = piece.annotations === undefined ? {} : { annotations: piece.annotations };
      return [...opened({ kind: "text" }, piece.text), { kind: "close", ...place, ...cited }];
    }
    case "refusal":
      return [...opened({ kind: "refusal" }, piece.text), { kind: "close", ...place }];
    case "tool-call":
      return [...opened(piece, piece.arguments), { kind: "close", ...place }];
    case "reasoning":
      if (piece.redacted !== undefined) return [{ kind: "part", ...place, part: piece }];
      return [
        ...opened({ kind: "reasoning", origin: piece.origin }, piece.text),
        ...(piece.signature === undefined
          ? []
          : [{ kind: "signature", ...place, signature: piece.signature } as const]),
        { kind: "close", ...place },
      ];
    default:
      return [{ kind: "part", ...place, part: piece }];
  }
}

function ending({ finish, stopSequence, logprobs }: Candidate, of: number): StreamEvent[] {
  return [
    ...(logprobs === undefined ? [] : [{ kind: "logprobs", candidate: of, value: logprobs } as const]),
    { kind: "finish", candidate: of, reason: finish, ...(stopSequence !== undefined && { stopSequence }) },
  ];
}
