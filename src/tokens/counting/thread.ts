/** The thread that counts; started by `counter.ts`. It keeps the encodings that it has been asked for. */
import { failureOf } from "../../threads/messages.ts";
import { type Done, serve } from "../../threads/serve.ts";
import { type CountJob, countJob } from "./job.ts";
import type { EncodingName } from "./text/ranks.ts";
import { Tokenizer } from "./text/tokenizer.ts";
import type { TokenCount } from "./token-count.ts";

const tokenizers = new Map<EncodingName, Tokenizer>();

function tokenizerOf(encoding: EncodingName): Tokenizer {
  const known = tokenizers.get(encoding);
  if (known !== undefined) return known;
  const tokenizer = new Tokenizer(encoding);
  tokenizers.set(encoding, tokenizer);
  return tokenizer;
}

serve((job: CountJob): Done<TokenCount> => ({ outcome: countJob(job, tokenizerOf) }), failureOf);
