/** An ext_proc server of the test's own, for what the real Tollgate must never do, or does not do yet. */
import { createEdge, type Edge } from "../../../src/extproc/server.ts";
import type { OpenSession } from "../../../src/extproc/session.ts";

/** Serves in this process on a free port of loopback; the test replaces `openSession` as it goes. */
export class ScriptedProcessor {
  /** What the next streams get. */
  openSession: OpenSession = () => {
    throw new Error("no session is scripted");
  };
  readonly #edge: Edge = createEdge({
    listen: "127.0.0.1:0",
    openSession: (opening, outlet) => this.openSession(opening, outlet),
    onDefect: (error) => {
      throw error;
    },
  });

  get address(): string {
    return this.#edge.address;
  }

  start(): Promise<void> {
    return this.#edge.start();
  }

  stop(): Promise<void> {
    return this.#edge.drain(0);
  }
}
