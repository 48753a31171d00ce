/** What the clients ask: for each number of a call the same, whenever the seed is the same. */
import type { JsonObject } from "../../../src/json/types.ts";
import { chains, frugal, type ModelName } from "./policy.ts";
import { between, oneOf, pick, seeded } from "./seeded.ts";

export const departments = [
  { tenant: "acme", department: "sales" },
  { tenant: "acme", department: "lab" },
  { tenant: "beta", department: "research" },
  { tenant: frugal, department: "one" },
  { tenant: frugal, department: "two" },
] as const;

export type Leaving = "when it has sent" | "before the answer" | "in mid-stream" | "never";

export interface Call {
  /** Unique: it is in the id of the exchange, and in the prompt for the provider. */
  readonly number: number;
  readonly tenant: string;
  readonly department: string;
  readonly user: string;
  readonly dialect: "openai" | "anthropic";
  readonly model: ModelName;
  readonly stream: boolean;
  /** Characters of text. */
  readonly promptLength: number;
  readonly maxTokens: number | undefined;
  readonly leaves: Leaving;
  /** After so many milliseconds, or pieces of the stream. */
  readonly leavesAfter: number;
}

const names = Object.keys(chains) as ModelName[];

export function callNumber(seed: number, number: number): Call {
  const random = seeded(seed, "call", number);
  const { tenant, department } = pick(random, departments);
  const dialect = pick(random, ["openai", "anthropic"] as const);
  const stream = random() < 0.5;
  // A budget's bound is only as good as what is known beforehand of the longest answer.
  const isOpenEnded = tenant !== frugal && dialect === "openai" && random() < 0.2;
  const leaves = oneOf<Leaving>(
    random,
    { "when it has sent": 0.03, "before the answer": 0.04, "in mid-stream": stream ? 0.08 : 0 },
    "never",
  );
  return {
    ...{ number, tenant, department, dialect, stream, leaves },
    user: `user-${between(random, 1, 9)}`,
    model: pick(random, names),
    promptLength: between(random, 40, 2_000),
    maxTokens: isOpenEnded ? undefined : between(random, 1, 60),
    leavesAfter: leaves === "in mid-stream" ? between(random, 1, 6) : between(random, 0, 30),
  };
}

export function bodyOf({ number, model, stream, promptLength, maxTokens }: Call): JsonObject {
  const marker = `#${number}:${promptLength}# `;
  const content = marker + "word ".repeat(Math.ceil(promptLength / 5)).slice(0, promptLength);
  return {
    model,
    messages: [{ role: "user", content }],
    ...(stream && { stream: true }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  };
}

/** What a provider finds in the request, whatever dialect that has come to be in. */
export function markerIn(body: string): { number: number; promptLength: number } | undefined {
  const [, number, promptLength] = /#(\d+):(\d+)# word/.exec(body) ?? [];
  return number === undefined ? undefined : { number: Number(number), promptLength: Number(promptLength) };
}
