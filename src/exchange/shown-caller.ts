/** The caller as Envoy's access log shows it: like a log line, the user by a pseudonym. */
import type { Caller } from "../identity/caller.ts";
import type { JsonObject } from "../json/types.ts";
import { pseudonym } from "../telemetry/pseudonym.ts";

export function shownCaller(caller: Caller): JsonObject {
  return {
    tenant: caller.tenant,
    app: caller.app ?? "",
    department: caller.department ?? "",
    plan: caller.plan ?? "",
    key_id: caller.keyId ?? "",
    user_hash: caller.user === undefined ? "" : pseudonym(caller.user),
  };
}
