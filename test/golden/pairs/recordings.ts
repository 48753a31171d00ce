/** The recorded traffic of the dialects, and how the golden pairs name and write it. */
import { readdirSync, readFileSync } from "node:fs";
import { anthropic } from "../../../src/dialects/anthropic/index.ts";
import type { Dialect, EncodeContext } from "../../../src/dialects/dialect.ts";
import { gemini } from "../../../src/dialects/gemini/index.ts";
import { openaiChat } from "../../../src/dialects/openai-chat/index.ts";
import { openaiResponses } from "../../../src/dialects/openai-responses/index.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { seal } from "../../sealing.ts";

const fixtures = new URL("../../fixtures/", import.meta.url);

/** A dialect with what was recorded of it, and the dialect on the other side of the pair. */
export interface Side {
  readonly dialect: Dialect;
  readonly other: Dialect;
  /** Asked of the other side's provider. */
  readonly otherModel: string;
  /** Where clients of the dialect, and of the other, call; some keep the model there. */
  readonly path: string;
  readonly otherPath: string;
}

/** The dialects that both applications and providers speak, each with the model that is asked in it. */
const spoken: ReadonlyArray<{ readonly dialect: Dialect; readonly model: string; readonly path: string }> = [
  { dialect: openaiChat, model: "gpt-4o", path: "/v1/chat/completions" },
  { dialect: openaiResponses, model: "gpt-5.1", path: "/v1/responses" },
  { dialect: anthropic, model: "claude-sonnet-4-5", path: "/v1/messages" },
  { dialect: gemini, model: "gemini-2.5-flash", path: "/v1beta/models/gemini-2.5-flash:generateContent" },
];

/** Every ordered pair. */
export const sides: readonly Side[] = spoken.flatMap(({ dialect, path }) =>
  spoken
    .filter((other) => other.dialect !== dialect)
    .map((other) => ({
      dialect,
      other: other.dialect,
      otherModel: other.model,
      path,
      otherPath: other.path,
    })),
);

export const context: EncodeContext = {
  model: "as-asked",
  includeUsage: true,
  now: 1_760_000_000,
  newId: () => "000000000000000000000000",
  seal,
};

/** Whose recordings: a dialect, or vendors that speak one. */
interface Recorded {
  readonly name: string;
}

const folderOf = (dialect: Recorded): URL => new URL(`${dialect.name}/`, fixtures);

export function recorded(dialect: Recorded, kind: "request" | "answer" | "stream"): string[] {
  const names = readdirSync(folderOf(dialect)).sort();
  switch (kind) {
    case "request":
      return names.filter((name) => /(^request-.*|\.request)\.json$/.test(name));
    case "answer":
      return names.filter((name) => name.endsWith(".json") && !/request|error/.test(name));
    case "stream":
      return names.filter((name) => /\.(sse|eventstream)$/.test(name));
  }
}

export function bytesOf(dialect: Recorded, name: string): Buffer {
  return readFileSync(new URL(name, folderOf(dialect)));
}

export function jsonOf(dialect: Recorded, name: string): JsonObject {
  return JSON.parse(bytesOf(dialect, name).toString()) as JsonObject;
}

/** Long base64 and signatures shortened, so that a golden file can be read. */
export function legible(value: unknown): string {
  const shorten = (_key: string, member: unknown) =>
    typeof member === "string" && member.length > 300
      ? `${member.slice(0, 60)}… (${member.length} characters)`
      : member;
  return `${JSON.stringify(value, shorten, 2)}\n`;
}
