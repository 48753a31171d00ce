/** The ledger's thread; started by `ledger.ts`. It keeps its connection. */
import { DatabaseTrouble } from "../database/trouble.ts";
import { serve } from "../threads/serve.ts";
import { type LedgerFailure, type LedgerJob, type LedgerOutcome, LedgerWork } from "./job.ts";

const work = new LedgerWork();

serve<LedgerJob, LedgerOutcome, LedgerFailure>(
  async (job) => ({ outcome: await work.do(job) }),
  (error) => {
    const kind = error instanceof DatabaseTrouble ? error.kind : "unavailable";
    return { kind, message: error instanceof Error ? error.message : String(error) };
  },
);
