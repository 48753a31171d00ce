/** What an error of ioredis or of Redis says about the store. */
import type { StoreTrouble } from "../counter-store.ts";

/**
 * Replies of a server that serves nobody, or no writes: loading, a replica, out of memory, without its disk, without
 * rights, part of a cluster that the client does not know of. Words: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
const servesNobody =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|MOVED|ASK|TRYAGAIN|OOM|MISCONF|NOREPLICAS|BUSY|NOAUTH|NOPERM|WRONGPASS)\b/;

/** What ioredis says of a command that it did not send. */
const notSent = /enableOfflineQueue options is false|None of startup nodes is available/;

export function storeTrouble(error: unknown): StoreTrouble {
  if (!(error instanceof Error)) return "call";
  if (servesNobody.test(error.message) || notSent.test(error.message)) return "gone";
  return error.name === "ReplyError" ? "call" : "unanswered";
}
