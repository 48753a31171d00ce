/** What the events of a stream come to: the opposite of `answerEvents`, written anew for the tests. */
import type { Answer, Candidate } from "../../src/conversation/answer.ts";
import type { StreamEvent } from "../../src/conversation/events.ts";
import type { DialectName, Part } from "../../src/conversation/parts.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export function told(events: readonly StreamEvent[], dialect: DialectName): Answer {
  const head: { id: string; model: string; created?: number } = { id: "", model: "" };
  const candidates: Mutable<Candidate>[] = [];
  let usage: Answer["usage"] | undefined;
  for (const event of events) {
    if (event.kind === "start") {
      const { kind: _, ...start } = event;
      Object.assign(head, start);
    }
    if (event.kind === "usage") usage = event.usage;
    if (event.kind === "error") throw new Error(`the stream ends in an error: ${event.error.message}`);
    if ("candidate" in event) {
      const fresh: Mutable<Candidate> = { parts: [], finish: "stop" };
      const candidate = candidates[event.candidate] ?? fresh;
      candidates[event.candidate] = candidate;
      take(candidate, event);
    }
  }
  if (usage === undefined) throw new Error("no usage was told");
  return { ...head, candidates, usage, dialect };
}

function take(candidate: Mutable<Candidate>, event: Extract<StreamEvent, { candidate: number }>): void {
  const parts = candidate.parts as Part[];
  const last = parts.at(-1);
  switch (event.kind) {
    case "open":
      parts.push(begun(event.part));
      return;
    case "part":
      parts.push(event.part);
      return;
    case "delta":
      if (last?.kind === "tool-call")
        parts[parts.length - 1] = { ...last, arguments: last.arguments + event.text };
      else if (last !== undefined && "text" in last)
        parts[parts.length - 1] = { ...last, text: last.text + event.text };
      return;
    case "signature":
      if (last?.kind === "reasoning")
        parts[parts.length - 1] = { ...last, signature: (last.signature ?? "") + event.signature };
      return;
    case "close":
      if (last?.kind === "text" && event.annotations !== undefined)
        parts[parts.length - 1] = { ...last, annotations: event.annotations };
      return;
    case "logprobs":
      candidate.logprobs = event.value;
      return;
    case "finish":
      candidate.finish = event.reason;
      if (event.stopSequence !== undefined) candidate.stopSequence = event.stopSequence;
      return;
    default:
      event satisfies never;
  }
}

function begun(open: Extract<StreamEvent, { kind: "open" }>["part"]): Part {
  switch (open.kind) {
    case "tool-call":
      return { ...open, arguments: "" };
    case "reasoning":
      return { ...open, text: "" };
    default:
      return { ...open, text: "" };
  }
}
