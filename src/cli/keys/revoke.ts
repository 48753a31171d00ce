/** `tollgate keys revoke`. */
import { onlyId, parsed } from "./arguments.ts";
import { jsonLine } from "./print.ts";
import type { KeysCommand } from "./run.ts";

export const revoke: KeysCommand = async (argv, store, { out, err, nowMs }) => {
  const { values, positionals } = parsed(argv, { json: { type: "boolean", default: false } });
  const id = onlyId(positionals);
  const now = nowMs();
  const key = await store.revoke(id, now);
  if (key === undefined) {
    err(`there is no key ${id}\n`);
    return 1;
  }
  if (values.json) out(jsonLine(key, now));
  else out(`${id} (${key.name}) has been revoked\n`);
  return 0;
};
