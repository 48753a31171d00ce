/**
 * A user as logs show it: the same for the same user, and not the name. It is no secret (who has a list of users can
 * compute it for each); it keeps names and addresses out of log stores, and lets who knows the user find the calls.
 */
import { createHash } from "node:crypto";

const length = 12;

/** As `printf %s USER | sha256sum | cut -c1-12`. */
export function pseudonym(user: string): string {
  return createHash("sha256").update(user).digest("hex").slice(0, length);
}
