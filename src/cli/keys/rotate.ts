/** `tollgate keys rotate`. */
import { duration, onlyId, parsed } from "./arguments.ts";
import { newSecret } from "./create.ts";
import { jsonLine } from "./print.ts";
import type { KeysCommand } from "./run.ts";

const options = { grace: { type: "string" }, json: { type: "boolean", default: false } } as const;

export const rotate: KeysCommand = async (argv, store, { out, err, nowMs }) => {
  const { values, positionals } = parsed(argv, options);
  const id = onlyId(positionals);
  const now = nowMs();
  const oldUntil = now + (values.grace === undefined ? 0 : duration(values.grace));
  const { secret, digest } = newSecret();
  const key = await store.rotate(id, digest, now, oldUntil);
  if (key === undefined) {
    err((await store.get(id)) === undefined ? `there is no key ${id}\n` : `${id} has been revoked\n`);
    return 1;
  }
  if (values.json) out(jsonLine(key, now, secret));
  else {
    out(`${secret}\n`);
    const end = oldUntil > now ? `is good until ${new Date(oldUntil).toISOString()}` : "has ended";
    err(`${id} (${key.name}) has a new secret, above, which is not shown again. The old one ${end}.\n`);
  }
  return 0;
};
