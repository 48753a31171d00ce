/**
 * Conversations of all kinds, made up: what no recording combines. Any client's decoder could have read them, so every
 * encoder must make a valid request of them.
 */
import fc from "fast-check";
import type { CacheMarker, Part, ReasoningPart, ToolCallPart } from "../../../src/conversation/parts.ts";
import type { ConversationRequest, ToolChoice, Turn } from "../../../src/conversation/request.ts";
import { pdf, png, wav } from "../losses/probe.ts";
import { annotations, foreignParts, foreignTools } from "./foreign.ts";
import { type Judged, judgedNames } from "./judged.ts";
import { callNames, settings, tiers, tools } from "./settings.ts";

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const words = fc.constantFrom("Hello", "  ", "", "a\nb", "naïve 🙂", "\u2028");
const marker = fc.constantFrom<CacheMarker[]>({}, { ttl: "5m" }, { ttl: "1h" });
const base64 = (mediaType: string, data: string) => ({ kind: "base64", mediaType, data }) as const;
const url = (ending: string) => ({ kind: "url", url: `https://example.com/a.${ending}` }) as const;
const file = { kind: "file", id: "file_1" } as const;

const text = fc.record(
  { kind: fc.constant("text" as const), text: words, cache: marker },
  { requiredKeys: ["kind", "text"] },
);
const refusal = fc.record({ kind: fc.constant("refusal" as const), text: words });
const imageTypes = ["image/png", "image/jpeg", "image/heic", "image/svg+xml"];
const image = fc.record(
  {
    kind: fc.constant("image" as const),
    source: fc.constantFrom(...imageTypes.map((type) => base64(type, png)), url("png"), file),
    detail: fc.constantFrom("low" as const, "high" as const, "auto" as const),
    cache: marker,
  },
  { requiredKeys: ["kind", "source"] },
);
const document = fc.record(
  {
    kind: fc.constant("document" as const),
    source: fc.constantFrom(
      base64("application/pdf", pdf),
      base64("text/csv", "YSxi"),
      base64("application/vnd.ms-excel", "AAAA"),
      { kind: "text" as const, text: "Once upon a time." },
      url("pdf"),
      file,
    ),
    name: fc.constantFrom("a.pdf", "Café / menu"),
    cache: marker,
  },
  { requiredKeys: ["kind", "source"] },
);
const audio = fc.record({
  kind: fc.constant("audio" as const),
  source: fc.record({
    kind: fc.constant("base64" as const),
    data: fc.constant(wav),
    format: fc.constantFrom("wav", "mp3", "ogg", "flac"),
  }),
});
/** OpenAI's proof comes with the id of its item. */
const proof = (origin: Judged) => (origin === "openai-responses" ? "rs_1:gAAA" : "c2ln");
const reasoning = fc
  .tuple(fc.constantFrom(...judgedNames), words, fc.constantFrom("none", "signature", "redacted"))
  .map(([origin, thought, by]): ReasoningPart => {
    const part = { kind: "reasoning", origin, text: by === "redacted" ? "" : thought } as const;
    return by === "none" ? part : { ...part, [by]: proof(origin) };
  });

/** @param own the client's dialect: only its own parts can be in a request of it */
function assistantPart(own: Judged): fc.Arbitrary<Part> {
  const cited = text.map((part) => ({ ...part, annotations: { dialect: own, items: annotations[own] } }));
  return fc.oneof(text, cited, refusal, reasoning, image, ...foreign(own, "assistant"));
}

function userPart(own: Judged): fc.Arbitrary<Part> {
  // OpenAI's Responses API takes no audio.
  const heard = own === "openai-responses" ? [] : [audio];
  return fc.oneof(text, image, document, ...heard, ...foreign(own, "user"));
}

/** None, or one. */
function foreign(own: Judged, by: "user" | "assistant"): fc.Arbitrary<Part>[] {
  const parts = foreignParts(own, by);
  return parts.length === 0 ? [] : [fc.constantFrom(...parts)];
}

const results = fc.record(
  {
    content: fc.array(fc.oneof(text, image, document), { maxLength: 2 }),
    isError: fc.boolean(),
    cache: marker,
  },
  { requiredKeys: ["content", "isError"] },
);
const argumentTexts = fc.constantFrom('{"city":"Bonn"}', "{}", "", '{"ci', "[1]");
/** OpenAI's ids have 40 characters at most, Anthropic's know no colon. */
const callIds = fc.constantFrom("call_1", "toolu_01AbC", "functions.f:0", `call_${"x".repeat(80)}`);

type Said = Omit<Turn, "at">;

/** Calls with all of their results. */
function toolRound(own: Judged): fc.Arbitrary<Said[]> {
  const calls = fc.array(fc.tuple(callIds, callNames, argumentTexts, results), {
    minLength: 1,
    maxLength: 3,
  });
  const before = fc.array(assistantPart(own), { maxLength: 2 });
  const after = fc.array(userPart(own), { maxLength: 1 });
  return fc.tuple(before, calls, after, fc.boolean()).map(([said, called, asked, inTwo]) => {
    const parts = called.map(
      ([id, name, input], i): ToolCallPart => ({
        kind: "tool-call",
        id: `${id}${i}`,
        name,
        arguments: input,
      }),
    );
    const answers = called.map(([id, , , result], i) => ({
      kind: "tool-result" as const,
      callId: `${id}${i}`,
      ...result,
    }));
    const [first, ...others] = parts;
    const turns: Said[] =
      inTwo && first !== undefined
        ? [
            { role: "assistant", parts: [...said, first] },
            { role: "assistant", parts: others },
          ]
        : [{ role: "assistant", parts: [...said, ...parts] }];
    return [...turns, { role: "user", parts: [...answers, ...asked] }];
  });
}

function talkRound(own: Judged): fc.Arbitrary<Said[]> {
  const said = fc.array(assistantPart(own), { minLength: 1, maxLength: 3 });
  const asked = fc.array(userPart(own), { minLength: 1, maxLength: 2 });
  return fc.tuple(said, asked).map(([answer, question]) => [
    { role: "assistant", parts: answer },
    { role: "user", parts: question },
  ]);
}

/** Nothing said, or twice in a row. */
function oddRound(own: Judged): fc.Arbitrary<Said[]> {
  const turn = fc.oneof(
    fc.record({
      role: fc.constant("assistant" as const),
      parts: fc.array(assistantPart(own), { maxLength: 1 }),
    }),
    fc.record({ role: fc.constant("user" as const), parts: fc.array(userPart(own), { maxLength: 1 }) }),
  );
  return fc.array(turn, { minLength: 1, maxLength: 3 });
}

function turns(own: Judged): fc.Arbitrary<Turn[]> {
  const system = fc
    .array(fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: image }), {
      minLength: 1,
      maxLength: 2,
    })
    .map((parts): Said[] => [{ role: "system", parts }]);
  const question = fc.array(userPart(own), { minLength: 1, maxLength: 2 });
  return fc
    .record({
      system: optional(system),
      question,
      name: optional(fc.constant("ann")),
      rounds: fc.array(fc.oneof(toolRound(own), talkRound(own), oddRound(own), system), { maxLength: 3 }),
      prefill: fc.boolean(),
    })
    .map(({ system: first = [], question: parts, name, rounds, prefill }) => {
      const asked: Said = {
        role: "user",
        parts: [{ kind: "text", text: "Well?" }, ...parts],
        ...(name && { name }),
      };
      const last: Said[] = prefill ? [{ role: "assistant", parts: [{ kind: "text", text: "It is" }] }] : [];
      return [...first, asked, ...rounds.flat(), ...last].map((turn, i) => ({
        ...turn,
        at: `messages[${i}]`,
      }));
    });
}

/** With tools, settings and all. */
function requestOf(own: Judged): fc.Arbitrary<ConversationRequest> {
  const [first, ...others] = foreignTools[own].map((value) => ({ dialect: own, value, at: "tools[1]" }));
  return fc
    .record(
      {
        settings,
        turns: turns(own),
        serviceTier: fc.constantFrom(...tiers[own]),
        tools,
        foreignTools: fc.subarray(first === undefined ? [] : [first, ...others]),
        choice: fc.constantFrom("auto" as const, "none" as const, "required" as const, "tool" as const),
        stop: fc.subarray(["END", "\n\n", "C", "D", "E", "F"]),
        stream: fc.boolean(),
      },
      { requiredKeys: ["settings", "turns", "tools", "foreignTools", "stop", "stream"] },
    )
    .map(
      ({ settings: given, choice, ...rest }): ConversationRequest => ({
        model: "asked",
        ...rest,
        ...given,
        ...toolChoice(choice, rest.tools[0]?.name),
        includeUsage: rest.stream,
        extra: {},
        dialect: own,
        paths: {},
      }),
    );
}

/** None without tools. @param name of a tool */
function toolChoice(
  kind: ToolChoice["kind"] | undefined,
  name: string | undefined,
): { toolChoice?: ToolChoice } {
  if (kind === undefined || name === undefined) return {};
  return { toolChoice: kind === "tool" ? { kind, name } : { kind } };
}

/** Dialects that applications speak. */
const clients = ["openai-chat", "openai-responses", "anthropic", "gemini"] as const;

/** The same ones each time. */
export function conversations(count: number): ConversationRequest[] {
  return fc.sample(fc.oneof(...clients.map(requestOf)), { numRuns: count, seed: 20_261_021 });
}
