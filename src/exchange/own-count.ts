/** Counts of tokens for targets that do not count: by the encodings that are published, on a thread of their own. */
import { countAnswer } from "../conversation/count-answer.ts";
import type { TokenCounter } from "../tokens/counting/counter.ts";
import type { OwnAnswer } from "./own-answer.ts";

export function ownCount(counter: TokenCounter): OwnAnswer {
  return async ({ client, path, document, model, wanted }) => {
    const body = { dialect: client.name, path, body: document.bytes };
    const { tokens } = await counter.countBody(body, model, wanted);
    return countAnswer(tokens);
  };
}
