/**
 * A whole answer as the events of a stream, for a client that waits for events when the provider answered in one
 * piece. The order is that of `events.ts`; each part's text is one delta.
 */
import type { Answer, Candidate } from "./answer.ts";
import type { OpenPart, StreamEvent } from "./events.ts";
import type { Part } from "./parts.ts";

export function answerEvents(answer: Answer): StreamEvent[] {
  const { id, model, created, candidates, usage } = answer;
  return [
    { kind: "start", id, model, ...(created !== undefined && { created }) },
    ...candidates.flatMap(candidateParts),
    ...candidates.map(finished),
    { kind: "usage", usage },
    { kind: "end" },
  ];
}

function candidateParts({ parts, logprobs }: Candidate, candidate: number): StreamEvent[] {
  const told: StreamEvent[] =
    logprobs === undefined ? [] : [{ kind: "logprobs", candidate, value: logprobs }];
  // Not told apart by text, so all of them stand with the first.
  const text = parts.findIndex(({ kind }) => kind === "text");
  const place = text < 0 ? parts.findIndex(({ kind }) => kind === "refusal") : text;
  const events = parts.flatMap((part, index) =>
    partEvents(part, candidate, index, index === place ? told : []),
  );
  return place < 0 ? [...events, ...told] : events;
}

/** @param told what belongs to the part's text */
function partEvents(
  part: Part,
  candidate: number,
  index: number,
  told: readonly StreamEvent[],
): StreamEvent[] {
  const place = { candidate, index };
  const streamed = (open: OpenPart, text: string, ending: readonly StreamEvent[]): StreamEvent[] => [
    { kind: "open", ...place, part: open },
    ...(text === "" ? [] : [{ kind: "delta", ...place, text } as const]),
    ...told,
    ...ending,
  ];
  const close = { kind: "close", ...place } as const;
  switch (part.kind) {
    case "text": {
      const { annotations } = part;
      return streamed({ kind: "text" }, part.text, [{ ...close, ...(annotations && { annotations }) }]);
    }
    case "refusal":
      return streamed({ kind: "refusal" }, part.text, [close]);
    case "tool-call":
      return streamed({ kind: "tool-call", id: part.id, name: part.name }, part.arguments, [close]);
    case "reasoning": {
      const { origin, signature } = part;
      // Nothing but a proof has nothing to stream, and may be about another part (`call.0:…` of Gemini).
      if (part.redacted !== undefined || part.text === "") return [{ kind: "part", ...place, part }];
      const signed = signature === undefined ? [] : [{ kind: "signature", ...place, signature } as const];
      return streamed({ kind: "reasoning", origin }, part.text, [...signed, close]);
    }
    case "image":
    case "document":
    case "audio":
    case "tool-result":
    case "foreign":
      return [{ kind: "part", ...place, part }];
    default: {
      const never: never = part;
      throw new TypeError(`unknown part: ${JSON.stringify(never)}`);
    }
  }
}

function finished({ finish: reason, stopSequence }: Candidate, candidate: number): StreamEvent {
  return { kind: "finish", candidate, reason, ...(stopSequence !== undefined && { stopSequence }) };
}
