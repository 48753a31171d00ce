/** Counts how exchanges end: each of them exactly once. */
import { expect } from "vitest";
import type { Stage } from "./stage.ts";

/** What has ended since the beginning of `action`, once it is one exchange. */
export async function endingOf<T>(
  stage: Stage,
  action: () => Promise<T>,
): Promise<{ result: T; ended: string }> {
  const before = await stage.outcomes();
  const result = await action();
  let ended: string[] = [];
  await expect
    .poll(async () => {
      const after = await stage.outcomes();
      ended = Object.entries(after).flatMap(([outcome, count]) =>
        Array<string>(count - (before[outcome] ?? 0)).fill(outcome),
      );
      return ended.length;
    })
    .toBe(1);
  return { result, ended: ended[0] ?? "" };
}

/** The error of a body in the client's dialect; undefined when it is none. */
export function errorIn(client: "openai" | "anthropic", body: string): string | undefined {
  const value = JSON.parse(body) as { type?: string; error?: { message?: string; type?: string } };
  const isShaped = client === "openai" ? value.error?.type !== undefined : value.type === "error";
  return isShaped ? value.error?.message : undefined;
}
