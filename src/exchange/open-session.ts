/** Which session a stream gets, by the role that its filter's configuration gives it. */
import type { OpenSession } from "../extproc/session.ts";
import { AttemptSession } from "./attempt-session.ts";
import { ExchangeSession } from "./exchange-session.ts";
import { FailedSession } from "./failed-session.ts";
import type { Services } from "./services.ts";

export function sessionsWith(services: Services): OpenSession {
  return (opening, outlet) => {
    switch (opening.metadata("x-tollgate-role")) {
      case "attempt":
        return new AttemptSession(services, opening, outlet);
      case "failed":
        return new FailedSession(services, opening, outlet);
      default:
        return new ExchangeSession(services, opening, outlet);
    }
  };
}
