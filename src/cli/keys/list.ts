/** `tollgate keys list`. */
import { mostListed } from "../../keys/store.ts";
import { UsageError } from "../command.ts";
import { parsed } from "./arguments.ts";
import { jsonLine, table } from "./print.ts";
import type { KeysCommand } from "./run.ts";

const options = { tenant: { type: "string" }, json: { type: "boolean", default: false } } as const;

export const list: KeysCommand = async (argv, store, { out, err, nowMs }) => {
  const { values, positionals } = parsed(argv, options);
  if (positionals.length > 0) throw new UsageError(`${positionals[0]} is not expected`);
  const keys = await store.list(values.tenant);
  const now = nowMs();
  if (values.json) for (const key of keys) out(jsonLine(key, now));
  else if (keys.length > 0) out(table(keys, now));
  else err("there are no keys\n");
  if (keys.length === mostListed) err(`only the oldest ${mostListed} are shown; --tenant shows fewer\n`);
  return 0;
};
